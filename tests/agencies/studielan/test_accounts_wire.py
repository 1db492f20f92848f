"""The Accounts call byte for byte, and what each status of the page leads to."""

import contextlib
import uuid

import jwt
import pytest

from agencies.errors import (
    BadInput,
    Busy,
    Failed,
    Invalid,
    NotFound,
    NotRecorded,
    NotTheApplication,
    Unauthenticated,
    Unreachable,
    WrongMethod,
)
from agencies.studielan import accounts, consent_state, logins
from agencies.studielan.accounts import Count, look_up
from agencies.studielan.errors import AttemptsSpent, ConsentNeeded
from agencies.studielan.logins import State
from audit import recording as trail
from audit.models import AuditRecord
from tests.agencies.studielan.customers import asked_of
from tests.wire import recording

EMPTY = b'{"Accounts":[],"TotalAmount":0}'
CODE_PATH = "/altinn/api/authorization/token"


@pytest.fixture
def lanekassen(bank, settings):
    with recording() as recorder:
        settings.LANEKASSEN_ACCOUNTS_URL = f"{recorder.base}/saldo/v1/Accounts"
        yield recorder


def look(customer, patient):
    return look_up(customer.identifier, before_attempt=Count(), wait=patient.wait)


def test_the_request_as_the_page_has_it(bank, lanekassen, consented, patient):
    customer = consented("7")
    lanekassen.answer(body=EMPTY)
    lanekassen.answer(body=EMPTY)
    found = look(customer, patient)
    look(customer, patient)
    first, second = lanekassen.seen
    assert first.line == second.line == "GET /saldo/v1/Accounts HTTP/1.1"
    transport = {"Host", "User-Agent", "Accept-Encoding", "Accept", "Connection"}
    own = ["Authorization", "X-Request-Id", "ApiKey", "Consent-ID", "PSU_ID"]
    assert [name for name in first.names if name not in transport] == own
    assert [name for name in second.names if name not in transport] == [name for name in own if name != "Consent-ID"]
    assert first.body == b""
    assert first.header("ApiKey") == bank.settings["LANEKASSEN_API_KEY"]
    assert first.header("PSU_ID") == customer.identifier
    assert first.header("Authorization").count(".") == 2
    assert " " not in first.header("Authorization"), "the bare token, without Bearer"
    assert first.header("Authorization") == second.header("Authorization"), "one token for many look-ups"
    assert first.header("Consent-ID").count(".") == 2
    assert '"' not in first.header("Consent-ID")
    assert uuid.UUID(first.header("X-Request-Id")).version == 4
    assert first.header("X-Request-Id") == found.request_id != second.header("X-Request-Id")


def test_quotation_marks_round_the_token_are_stripped(bank, lanekassen, consented, patient):
    bank.switch(**{"altinn.quoted_token": True})
    customer = consented("7")
    lanekassen.answer(body=EMPTY)
    look(customer, patient)
    assert '"' not in lanekassen.seen[0].header("Consent-ID")


@pytest.mark.parametrize(
    ("statuses", "error", "state", "waited"),
    [
        pytest.param([400], Invalid, State.UNAVAILABLE, [], id="400 is our own fault, no retry"),
        pytest.param([401, 401], Unauthenticated, State.LATER, [], id="401: a new token, once"),
        pytest.param([401, 200], None, State.ANSWERED, [], id="401, then answered"),
        pytest.param([403, 403], ConsentNeeded, State.CONSENT_NEEDED, [], id="403: exchanged once more, no loop"),
        pytest.param([403, 200], None, State.ANSWERED, [], id="403, then answered"),
        pytest.param([404], NotFound, State.NOT_A_CUSTOMER, [], id="404: no customer, final"),
        pytest.param([405], WrongMethod, State.LATER, [], id="405"),
        pytest.param([429, 429, 429], Busy, State.UNAVAILABLE, [1, 3], id="429: after one second, then three"),
        pytest.param([429, 200], None, State.ANSWERED, [1], id="429, then answered"),
        pytest.param([500, 500], Failed, State.UNAVAILABLE, [1], id="500: one retry"),
        pytest.param([500, 200], None, State.ANSWERED, [1], id="500, then answered"),
        pytest.param([503, 503], Failed, State.UNAVAILABLE, [1], id="503 as 500"),
        pytest.param(
            [500, 429, 429], Busy, State.UNAVAILABLE, [1, 1], id="three attempts in all, whatever the mixture"
        ),
        pytest.param([403, 401, 429], Busy, State.UNAVAILABLE, [], id="three attempts in all, tokens included"),
        pytest.param([302], NotTheApplication, State.LATER, [], id="a redirect is not followed"),
        pytest.param([None], Unreachable, State.LATER, [], id="hung up"),
    ],
)
def test_every_status(lanekassen, consented, patient, statuses, error, state, waited):
    customer = consented("7")
    for status in statuses:
        if status is None:
            lanekassen.cut()
        else:
            lanekassen.answer(status, EMPTY if status == 200 else b"not documented", {"Location": "/elsewhere"})
    look = logins.balances(customer, wait=patient.wait)
    assert look.state is state
    assert len(lanekassen.seen) == len(statuses)
    ids = [seen.header("X-Request-Id") for seen in lanekassen.seen]
    assert len(set(ids)) == len(ids)
    assert look.request_id == ids[-1]
    for seconds, wanted in zip(patient.waited, waited, strict=True):
        assert 0.75 * wanted <= seconds <= 1.25 * wanted
    if error is None:
        assert consent_state.find(customer.identifier).primed


@pytest.mark.parametrize(
    ("retry_after", "waited", "state"),
    [
        pytest.param("5", [5.0], State.ANSWERED, id="five seconds are waited for"),
        pytest.param("0", [pytest.approx(1.0, abs=0.25)], State.ANSWERED, id="never sooner than our own second"),
        pytest.param("60", [], State.LATER, id="a minute is for another page view"),
        pytest.param("soon", [pytest.approx(1.0, abs=0.25)], State.ANSWERED, id="no number"),
    ],
)
def test_retry_after(lanekassen, consented, patient, retry_after, waited, state):
    customer = consented("7")
    lanekassen.answer(429, headers={"Retry-After": retry_after})
    lanekassen.answer(body=EMPTY)
    assert logins.balances(customer, wait=patient.wait).state is state
    assert patient.waited == waited
    again = logins.balances(customer, wait=patient.wait)
    assert again.state is state, "before the minute is over nobody asks"
    assert len(lanekassen.seen) == (1 if state is State.LATER else 2)


def test_an_answer_that_is_none(lanekassen, consented, patient, caplog):
    customer = consented("7")
    lanekassen.answer(body="<html>22899410096</html>")
    look = logins.balances(customer, wait=patient.wait)
    assert look.state is State.UNAVAILABLE, "it was answered: nobody asks again in this login"
    assert not consent_state.find(customer.identifier).primed
    assert "22899410096" not in caplog.text


def test_the_consent_is_shown_again_only_after_a_403(bank, lanekassen, consented, patient):
    customer = consented("7")
    for status in (200, 403, 200, 200):
        lanekassen.answer(status, EMPTY)
    for _ in range(3):
        look(customer, patient)
    assert [bool(seen.header("Consent-ID")) for seen in lanekassen.seen] == [True, False, True, False]
    assert len(asked_of(bank, CODE_PATH)) == 2, "once for the consent, once after the 403"


def test_after_a_lost_answer_lanekassen_may_know_already(bank, lanekassen, consented, patient):
    """One exchange for each consent: the second call shows none, and only a 403 makes us fetch another."""
    customer = consented("7")
    lanekassen.cut()
    lanekassen.answer(body=EMPTY)
    with pytest.raises(Unreachable):
        look(customer, patient)
    look(customer, patient)
    assert [bool(seen.header("Consent-ID")) for seen in lanekassen.seen] == [True, False]
    assert len(asked_of(bank, CODE_PATH)) == 1


def test_after_403_twice_the_consent_is_forgotten(bank, lanekassen, consented, patient):
    customer = consented("7")
    lanekassen.answer(403, times=2)
    for _ in range(2):
        with pytest.raises(ConsentNeeded):
            look(customer, patient)
    assert len(lanekassen.seen) == 2
    assert consent_state.find(customer.identifier) is None


def test_each_attempt_is_on_record_before_it_leaves(lanekassen, consented, patient):
    customer = consented("7")
    lanekassen.answer(429)
    lanekassen.answer(body=EMPTY)
    look(customer, patient)
    told = AuditRecord.objects.filter(service="agencies:studielan").order_by("at", "id")
    facts = [(record.endpoint, record.consumer, record.outcome, str(record.correlation_id)) for record in told]
    ids = [seen.header("X-Request-Id") for seen in lanekassen.seen]
    assert [fact[:3] for fact in facts] == [
        ("studielan.consent", "991825827", "sent"),
        ("studielan.accounts", "960885406", "sent"),
        ("studielan.accounts", "960885406", "sent"),
    ]
    assert [fact[3] for fact in facts[1:]] == ids
    assert len({bytes(record.control_object_hash) for record in told}) == 1


def test_no_record_no_call(lanekassen, consented, monkeypatch, patient):
    def refuse(**facts):
        raise trail.NotRecorded

    customer = consented("7")
    monkeypatch.setattr(accounts, "record_sent", refuse)
    with pytest.raises(NotRecorded):
        look(customer, patient)
    assert lanekassen.seen == []


@pytest.mark.parametrize(
    "identifier",
    [
        pytest.param("1234", id="too short"),
        pytest.param("2289941009６", id="a digit that is not ASCII"),
        pytest.param("22899410096 ", id="a blank"),
        pytest.param("01010112345", id="not synthetic"),
    ],
)
def test_numbers_that_are_not_sent(lanekassen, patient, identifier):
    with pytest.raises(BadInput):
        look_up(identifier, before_attempt=Count(), wait=patient.wait)
    assert lanekassen.seen == []


def test_nobody_without_consent_is_asked_about(lanekassen, login, patient):
    with pytest.raises(ConsentNeeded):
        look(login("7"), patient)
    assert lanekassen.seen == []


def test_three_attempts_and_no_more():
    count = Count()
    for _ in range(3):
        count(uuid.uuid4())
    with pytest.raises(AttemptsSpent):
        count(uuid.uuid4())


# --- the token that is to be sent ---

NOW = 1_790_000_000


def token(**claims):
    right = {
        "scope": "a lanekassen:lan/v1/saldoopplysninger",
        "consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:213456008"},
        "exp": NOW + 15,
    }
    return jwt.encode({**right, **claims}, "k" * 32, algorithm="HS256")


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        pytest.param(token(), False, id="as it should be"),
        pytest.param("Bearer " + token(), True, id="with Bearer"),
        pytest.param(token() + " ", True, id="with a blank"),
        pytest.param(token() + "\n", True, id="with a line break"),
        pytest.param(f'"{token()}"', True, id="in quotation marks"),
        pytest.param(token().rpartition(".")[0], True, id="two parts"),
        pytest.param("", True, id="nothing"),
        pytest.param(token(exp=NOW + 14), True, id="about to end"),
        pytest.param(token(scope="lanekassen:lan/v1/saldoopplysninger.all"), True, id="another scope"),
        pytest.param(token(consumer={"ID": "0192:312345625"}), True, id="another's"),
        pytest.param(token(consumer="0192:213456008"), True, id="a consumer that is none"),
    ],
)
def test_tokens(value, refused):
    with pytest.raises(BadInput) if refused else contextlib.nullcontext():
        accounts.check_token(value, now=NOW, bank="213456008")
