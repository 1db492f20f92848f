"""The limits in the corridor: what counts as what, that a request counts once, and which refusals are recorded."""

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from audit.recording import Entry, NotRecorded
from legal import limiting, views
from legal.limits import Limit
from legal.refusals import (
    ConsumerUnknown,
    LedgerUnavailable,
    LimitsUnavailable,
    MethodNotAllowed,
    NothingHere,
    PeriodNotToday,
    ScopeMissing,
    TooManyRequests,
)
from legal.views import UnknownPath

SKATT, NAV, SLUG = "974761076", "889640782", "fi-utlegg-saldo"


def view(*, proven=True):
    made = UnknownPath()
    request = RequestFactory().get("/v2/x")
    made.setup(request)
    made.request = made.initialize_request(request)
    made.grant = SimpleNamespace(consumer=SKATT) if proven else None
    made.entry.consumer = SKATT if proven else ""
    return made


@pytest.fixture
def counted(monkeypatch):
    """Return what is counted, as consumer and service; `refusal` is raised by the next."""
    found = SimpleNamespace(calls=[], refusal=None)

    def check_limit(consumer, service):
        found.calls.append((consumer, service))
        if found.refusal:
            raise found.refusal

    monkeypatch.setattr(views.limiting, "check_limit", check_limit)
    return found


@pytest.mark.parametrize(
    ("refusal", "calls"),
    [
        pytest.param(ScopeMissing(), [(SKATT, "")], id="a wrong scope"),
        pytest.param(MethodNotAllowed(), [(SKATT, "")], id="a wrong method"),
        pytest.param(NothingHere(), [(SKATT, "")], id="an unknown path"),
        pytest.param(ConsumerUnknown(), [(SKATT, "")], id="no agency of ours"),
        pytest.param(LedgerUnavailable(), [], id="our own fault"),
        pytest.param(ValueError(), [], id="a crash"),
    ],
)
def test_what_is_refused_without_a_service_counts_for_the_agency_alone(counted, refusal, calls):
    answer = view().handle_exception(refusal)
    assert counted.calls == calls
    assert answer.status_code == (refusal.status_code if calls else 500)


@pytest.mark.parametrize("beyond", [TooManyRequests(7), LimitsUnavailable()], ids=["too much", "nobody knows"])
def test_and_beyond_the_limit_it_is_refused_for_that(counted, beyond):
    counted.refusal = beyond
    made = view()
    answer = made.handle_exception(NothingHere())
    assert (answer.status_code, answer["Retry-After"]) == (beyond.status_code, str(beyond.retry_after))
    assert (made.entry.refusal, made.entry.http_status) == (type(beyond).__name__, beyond.status_code)
    assert len(counted.calls) == 1


def test_a_request_counts_once(counted):
    made = view()
    made.count(SLUG)
    made.handle_exception(PeriodNotToday())
    assert counted.calls == [(SKATT, SLUG)]


def test_without_a_valid_token_nobody_is_counted(counted, monkeypatch):
    monkeypatch.setattr(views.turned_away, "count", lambda *what: None)
    view(proven=False).handle_exception(NothingHere())
    assert counted.calls == []


@pytest.fixture
def sums(monkeypatch):
    """Return what is added to the sums, at a minute that the test sets; the database knows no minute yet."""
    found = SimpleNamespace(added=[], minute=29_000_000, claimed=[], fault=None)

    def first_of_minute(consumer, minute):
        if found.fault:
            raise found.fault
        found.claimed.append((consumer, minute))
        return found.claimed.count((consumer, minute)) == 1

    monkeypatch.setattr(limiting, "_told", {})
    monkeypatch.setattr(limiting, "first_of_minute", first_of_minute)
    monkeypatch.setattr(limiting.time, "time", lambda: found.minute * 60 + 59.9)
    monkeypatch.setattr(limiting.turned_away, "count", lambda *what: found.added.append(what))
    return found


def beyond(consumer=SKATT):
    return Entry(consumer=consumer, refusal="TooManyRequests")


def test_the_first_of_a_minute_is_recorded_and_the_others_are_summed(sums):
    assert [limiting.summed(beyond()) for _ in range(4)] == [False, True, True, True]
    assert limiting.summed(beyond(NAV)) is False
    sums.minute += 1
    assert [limiting.summed(beyond()) for _ in range(2)] == [False, True]
    assert sums.added == [("limit.rate", SKATT)] * 4
    assert len(sums.claimed) == 3, "the database is asked once for each agency and minute"


def test_when_the_clock_is_set_back_a_minute_has_its_first_again(sums):
    sums.minute += 60
    assert [limiting.summed(beyond()) for _ in range(2)] == [False, True]
    sums.minute -= 60
    assert [limiting.summed(beyond()) for _ in range(2)] == [False, True]


def test_another_worker_had_the_first(sums):
    sums.claimed.append((SKATT, sums.minute))
    assert [limiting.summed(beyond()) for _ in range(3)] == [True] * 3


@pytest.mark.parametrize("refusal", ["", "PeriodNotToday", "LimitsUnavailable", "ScopeMissing"])
def test_everything_else_is_recorded(sums, refusal):
    assert [limiting.summed(Entry(consumer=SKATT, refusal=refusal)) for _ in range(2)] == [False, False]
    assert (sums.added, sums.claimed) == ([], [])


def test_where_nobody_can_say_which_is_the_first_nothing_leaves(sums, counted):
    sums.fault = NotRecorded()
    made = view()
    made.handle_exception(TooManyRequests())
    answer = made.finalize_response(made.request, None)
    assert (answer.status_code, made.entry.refusal) == (500, "RecordUnavailable")
    assert sums.added == []


def test_the_settings_limit_holds_where_no_other_does(settings, monkeypatch):
    spent = []
    limits = {("", SLUG): Limit(3, 9)}
    in_force = SimpleNamespace(in_force=lambda: SimpleNamespace(limits=limits))
    monkeypatch.setattr(limiting, "register", in_force)
    monkeypatch.setattr(limiting, "permits", SimpleNamespace(spend=lambda *what: spent.append(what)))
    limiting.default_limit.cache_clear()
    settings.RATE_LIMIT_DEFAULT = {"per_second": 7, "burst": 300}
    for service in (SLUG, "skatt-kontroll", ""):
        limiting.check_limit(SKATT, service)
    limiting.default_limit.cache_clear()
    assert spent == [(SKATT, SLUG, Limit(3, 9)), (SKATT, "skatt-kontroll", Limit(7, 300)), (SKATT, "", Limit(7, 300))]
