"""Limits in the admin: a form that cannot be filled in wrongly, who may use it, and that the workers follow it."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from compliance.people import ADMINISTRATOR, READER
from legal.limits import Limit
from legal.models import DataConsumer, RateLimit, Service
from legal.register import read_mandates
from tests.legal.test_version_admin import FORBIDDEN, FOUND, OK, client, errors, text

pytestmark = pytest.mark.django_db(databases=["default"])
SKATT, SLUG = "974761076", "fi-utlegg-saldo"
LIST, ADD = reverse("admin:legal_ratelimit_changelist"), reverse("admin:legal_ratelimit_add")
THERE_IS = "There is such a limit already: change that one."


@pytest.fixture
def kari():
    return client("kari", of="Kari", group=ADMINISTRATOR)


def skatt():
    return DataConsumer.objects.get(organisation_number=SKATT)


def words(**changes):
    """Return what a browser sends for a limit of all agencies in FI-Utlegg, with changes."""
    saldo = Service.objects.get(slug=SLUG)
    return {"service": saldo.pk, "consumer": "", "per_second": "20", "burst": "300"} | changes


def limits():
    return dict(read_mandates().limits)


def test_a_limit_is_set_changed_and_taken_away(kari):
    assert limits() == {}
    assert kari.post(ADD, words()).status_code == FOUND
    assert kari.post(ADD, words(consumer=skatt().pk, per_second="50")).status_code == FOUND
    assert limits() == {("", SLUG): Limit(20, 300), (SKATT, SLUG): Limit(50, 300)}
    listed = text(kari.get(LIST))
    assert "each other agency" in listed and "Skatteetaten (974761076)" in listed
    own = RateLimit.objects.get(consumer=skatt())
    change = reverse("admin:legal_ratelimit_change", args=[own.pk])
    assert kari.post(change, words(consumer=skatt().pk, per_second="5")).status_code == FOUND
    assert limits()[SKATT, SLUG] == Limit(5, 300)
    delete = reverse("admin:legal_ratelimit_delete", args=[own.pk])
    assert kari.post(delete, {"post": "yes"}).status_code == FOUND
    assert limits() == {("", SLUG): Limit(20, 300)}


def test_the_history_says_who(kari):
    kari.post(ADD, words())
    limit = RateLimit.objects.get()
    kari.post(reverse("admin:legal_ratelimit_change", args=[limit.pk]), words(burst="400"))
    history = text(kari.get(reverse("admin:legal_ratelimit_history", args=[limit.pk])))
    assert "Kari (kari), kari" in history
    for held in ("added", "changed", "requests at once", "300", "400"):
        assert held in history


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"per_second": "0"}, ["Ensure this value is greater than or equal to 1."], id="nothing"),
        pytest.param({"per_second": "10001", "burst": "20000"}, 1, id="more than is a limit"),
        pytest.param({"burst": "100001"}, 1, id="a burst of any size"),
        pytest.param({"burst": "19"}, ["Not less than the requests per second."], id="less at once than in a second"),
        pytest.param({"burst": ""}, 1, id="a half"),
        pytest.param({"service": ""}, 1, id="of no service"),
        pytest.param({"per_second": "many"}, 1, id="words"),
    ],
)
def test_what_is_no_limit(kari, changes, found):
    answer = kari.post(ADD, words(**changes))
    assert answer.status_code == OK
    assert len(errors(answer)) == found if isinstance(found, int) else errors(answer) == found
    assert not RateLimit.objects.exists()


@pytest.mark.parametrize("agency", [False, True], ids=["of all", "of one agency"])
def test_there_is_one_limit_for_one_thing(kari, agency):
    same = words(consumer=skatt().pk if agency else "")
    kari.post(ADD, same)
    assert errors(kari.post(ADD, same)) == [THERE_IS]
    held = RateLimit.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        RateLimit.objects.create(service=held.service, consumer=held.consumer, per_second=1, burst=1)


@pytest.mark.parametrize(
    ("per_second", "burst"),
    [pytest.param(0, 10, id="none"), pytest.param(10, 9, id="less at once"), pytest.param(10_001, 10_001, id="any")],
)
def test_the_database_holds_the_bounds(per_second, burst):
    with pytest.raises(IntegrityError), transaction.atomic():
        RateLimit.objects.create(service=Service.objects.get(slug=SLUG), per_second=per_second, burst=burst)


def test_a_reader_sees_and_does_not_set():
    ola = client("ola", of="Ola", group=READER)
    assert ola.get(LIST).status_code == OK
    assert ola.post(ADD, words()).status_code == FORBIDDEN
    assert not RateLimit.objects.exists()
