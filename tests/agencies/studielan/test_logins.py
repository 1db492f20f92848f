"""What a login may ask, how often, and what is left of it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone

from agencies.errors import NotConfigured
from agencies.studielan import logins
from agencies.studielan.kept_logins import begin, count_attempt, take_turn
from agencies.studielan.logins import LoginOver, State
from agencies.studielan.models import KeptLogin
from tests.agencies.studielan.customers import SECRET, asked_of, consented_login, login_of

ANOTHER = "t" * 32


def change(**columns):
    assert KeptLogin.objects.update(**columns) == 1


def expire():
    change(expires_at=Now() - timedelta(seconds=1))


def test_one_look_up_for_each_login(bank, consented):
    customer = consented("7")
    first = logins.balances(customer)
    assert first == logins.balances(customer) == logins.balances(customer)
    assert len(asked_of(bank)) == 1
    logins.end(customer)
    logins.start(replace(customer, secret=ANOTHER))
    assert logins.balances(replace(customer, secret=ANOTHER)).debt == first.debt
    assert len(asked_of(bank)) == 2, "the next login asks anew"


@pytest.mark.parametrize("case", ["unknown", "busy", "failing"])
def test_what_counts_as_answered(bank, consented, patient, case):
    customer = consented(case)
    look = logins.balances(customer, wait=patient.wait)
    asked = len(asked_of(bank))
    assert logins.balances(customer, wait=patient.wait) == look
    assert len(asked_of(bank)) == asked


def test_three_attempts_over_all_page_views(bank, consented):
    """A fault of the network is tried again by the next page view only, and by the third no more."""
    bank.fault("/lanekassen/", drop="before", times=10)
    customer = consented("7")
    states = [logins.balances(customer).state for _ in range(5)]
    assert states == [State.LATER] * 3 + [State.UNAVAILABLE] * 2
    assert len(asked_of(bank)) == 3


def test_consent_that_was_missing_may_be_given_in_the_same_login(bank, login, consented):
    assert logins.balances(login("7")).state is State.CONSENT_NEEDED
    assert asked_of(bank) == []
    assert logins.balances(consented("7")).state is State.ANSWERED


@pytest.mark.parametrize(
    "customer",
    [
        pytest.param(lambda made: replace(made, secret=ANOTHER), id="another browser"),
        pytest.param(lambda made: replace(made, identifier="01859710189"), id="another person in the same browser"),
    ],
)
def test_nobody_else_sees_it(bank, consented, customer):
    made = consented("7")
    logins.balances(made)
    with pytest.raises(LoginOver):
        logins.balances(customer(made))
    assert len(asked_of(bank)) == 1


def test_another_person_in_the_same_browser_begins_anew(consented, login):
    logins.balances(consented("7"))
    other = login("2")
    assert logins.balances(other).state is State.CONSENT_NEEDED
    assert KeptLogin.objects.count() == 1


@pytest.mark.parametrize(
    "over", [pytest.param(logins.end, id="log-out"), pytest.param(lambda _: expire(), id="expiry")]
)
def test_what_is_over_is_over(bank, consented, over):
    customer = consented("7")
    logins.balances(customer)
    over(customer)
    with pytest.raises(LoginOver):
        logins.balances(customer)
    assert len(asked_of(bank)) == 1


def test_logging_out_meanwhile(bank, consented):
    """What is answered after the log-out is kept nowhere."""
    bank.fault("/lanekassen/", status=429)
    customer = consented("7")
    with pytest.raises(LoginOver):
        logins.balances(customer, wait=lambda _: logins.end(customer))
    assert KeptLogin.objects.count() == 0
    assert len(asked_of(bank)) == 1, "the second attempt of a login that has ended does not leave"


def test_a_login_can_be_extended(login):
    made = login("7", minutes=1)
    later = timezone.now() + timedelta(minutes=30)
    logins.start(replace(made, expires_at=later))
    assert KeptLogin.objects.get().expires_at == later


def test_extending_keeps_what_was_answered(bank, consented):
    customer = consented("7")
    look = logins.balances(customer)
    logins.start(replace(customer, expires_at=timezone.now() + timedelta(minutes=30)))
    assert logins.balances(customer) == look
    assert len(asked_of(bank)) == 1


def test_an_expired_login_is_not_extended(consented):
    customer = consented("7")
    logins.balances(customer)
    expire()
    logins.start(customer)
    row = KeptLogin.objects.get()
    assert (row.settled, row.attempts) == (False, 0)


def test_only_what_has_expired_is_swept(login):
    login("7")
    assert (logins.sweep(), KeptLogin.objects.count()) == (0, 1)
    expire()
    assert (logins.sweep(), KeptLogin.objects.count()) == (1, 0)


@pytest.mark.parametrize("secret", ["", "s" * 31])
def test_a_secret_that_could_be_guessed_is_refused(login, secret):
    with pytest.raises(ValueError, match="32 random characters"):
        login("7", secret=secret)


def test_missing_settings_are_told_and_nothing_is_counted(consented, settings):
    customer = consented("7")
    settings.LANEKASSEN_API_KEY = ""
    with pytest.raises(NotConfigured):
        logins.balances(customer)
    row = KeptLogin.objects.get()
    assert (row.attempts, row.asking_until, row.settled) == (0, None, False)


def test_a_page_view_that_waits_too_long_says_so(bank, login, monkeypatch):
    made = login("7")
    monkeypatch.setattr(logins, "WAIT_SECONDS", 0.0)
    assert take_turn(made)
    assert logins.balances(made).state is State.BEING_FETCHED
    change(asking_until=Now() - timedelta(seconds=1))
    assert take_turn(made), "what a killed process left is free after its time"


def test_what_was_settled_first_stays(bank, consented, login):
    """A look-up that outlived its turn does not take away what another has brought."""
    remembered = consented("7")
    logins.balances(remembered)
    logins.end(remembered)
    customer, before = login("7"), len(asked_of(bank))
    bank.fault("/lanekassen/", status=429)

    def meanwhile(seconds):
        change(asking_until=None)
        assert logins.balances(customer).state is State.ANSWERED

    assert logins.balances(customer, wait=meanwhile).state is State.ANSWERED
    assert len(asked_of(bank)) == before + 2, "and does not ask again"


def test_turns_and_counts(login):
    made = login("7")
    assert [take_turn(made), take_turn(made)] == [True, False]
    assert [count_attempt(made) for _ in range(4)] == [True, True, True, False]
    change(asking_until=None)
    assert not take_turn(made), "all three are spent"


@pytest.mark.parametrize("secret", [SECRET, "ÆØÅ" * 20])
def test_rows_tell_nothing(login, secret):
    made = login("7", secret=secret)
    row = KeptLogin.objects.get()
    stored = repr((row.name, bytes(row.sealed)))
    assert secret not in stored
    assert made.identifier not in stored
    assert secret not in repr(made)
    assert made.identifier not in repr(made)
    assert len(row.sealed) == 12 + 1024 + 16, "nor does its length"


# --- several connections ---


def test_two_page_views_at_once_make_one_call(committed):
    customer = consented_login(committed, "7")
    committed.fault("/lanekassen/", seconds=0.5)
    together = threading.Barrier(4)

    def view(_):
        try:
            together.wait()
            return logins.balances(customer)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        looks = list(pool.map(view, range(4)))
    assert {look.state for look in looks} == {State.ANSWERED}
    assert len({look.request_id for look in looks}) == 1
    assert len(asked_of(committed)) == 1


def test_begun_twice_at_once(committed):
    customer, together = login_of("7"), threading.Barrier(4)

    def start(_):
        try:
            together.wait()
            begin(customer)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(4)))
    assert KeptLogin.objects.count() == 1
