"""The gauges tell what the databases and this worker's memory hold; one that fails takes no other along."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections

from accounts.models import FinancialInstitution
from audit.partitions import months_ready
from dsop.certificates import certificates
from dsop.metrics import figures, known
from dsop.metrics.known import Kind
from dsop.models import AgencyCertificate
from legal.models import DataConsumer

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def shown():
    return figures.read(figures.OF_SERVICE)


def test_every_gauge_is_read_by_somebody():
    AgencyCertificate.objects.all().delete()
    certificates().read()
    read = shown() | figures.read(figures.OF_WORKER)
    hosts = {known.HOST_FRESH.name, known.REPLICA_LAG.name, known.REPLICA_BEHIND.name}
    elsewhere = {known.WORKERS.name, known.FIGURES_READ.name, *hosts}
    assert set(read) == {metric.name for metric in known.METRICS if metric.kind is Kind.GAUGE} - elsewhere
    assert shown()[known.FIGURE_FAILED.name] == {(one.name,): [0.0] for one in figures.OF_SERVICE}


def test_the_ledgers_moment():
    institution = FinancialInstitution.objects.get(organisation_number="213456008")
    assert shown()[known.AS_OF.name] == {("213456008",): [institution.as_of.timestamp()]}


def test_an_agency_without_a_certificate_and_a_closed_one():
    AgencyCertificate.objects.all().delete()
    certificates().read()
    DataConsumer.objects.filter(organisation_number="974761076").update(is_open=False)
    names = set(DataConsumer.objects.filter(is_open=True).values_list("name", flat=True))
    read = shown()
    assert read[known.CERTIFICATE_USABLE.name] == {(name,): [0.0] for name in names}
    assert read[known.CERTIFICATE_ENDS.name] == read[known.CERTIFICATE_FOUND.name] == {}


def test_keys_that_never_came_are_as_old_as_can_be(monkeypatch):
    class Store:
        name = "maskinporten"
        success_age, attempt_age = None, 3.0

    monkeypatch.setattr(figures, "stores", lambda: [Store])
    read = figures.read(figures.OF_WORKER)
    assert read[known.KEYS_FETCHED.name] == {("maskinporten",): [0.0]}
    assert read[known.KEYS_ATTEMPTED.name]["maskinporten",] == [pytest.approx(time.time() - 3, abs=2)]


def test_what_cannot_be_read_is_told_and_the_rest_is_there(monkeypatch, caplog):
    def broken():
        yield known.SEAL_WAITING, [((), 1)]
        raise OSError("15869010089")

    ages = figures.Figures("ages", lambda: [(known.SEAL_LAG, [((), 7)])])
    read = figures.read([figures.Figures("broken", broken), ages])
    assert read[known.FIGURE_FAILED.name] == {("broken",): [1.0], ("ages",): [0.0]}
    assert read[known.SEAL_LAG.name] == {(): [7.0]}
    assert [(record.message, record.figures, record.error) for record in caplog.records] == [
        ("metrics.not_read", "broken", "OSError")
    ]


@pytest.mark.parametrize(
    ("today", "ready"),
    [
        pytest.param(timedelta(0), 3, id="as made"),
        pytest.param(timedelta(days=31 * 2), 1, id="two months later"),
        pytest.param(timedelta(days=31 * 4), -1, id="nothing can be recorded any more"),
    ],
)
def test_months_ready(today, ready):
    first = datetime.now(UTC).date().replace(day=1)
    day = first + today
    with connections["default"].cursor() as cursor:
        assert months_ready(cursor, today=date(day.year, day.month, 1)) == ready
