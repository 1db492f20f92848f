"""How far may they ask: each rule from both sides, and what it leaves in the log."""

from contextlib import nullcontext
from datetime import date

import pytest

from legal import rules
from legal.refusals import (
    AdditionalReferenceNotAllowed,
    BadCustomerID,
    BadPartyID,
    OwnersOnly,
    PeriodNotToday,
    PeriodReversed,
)

TODAY, YESTERDAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 20), date(2026, 11, 22)
WRONG_DIGITS, SYNTHETIC = "party_number.wrong_digits", "party_number.synthetic"


def judged(refusal):
    return pytest.raises(refusal) if refusal else nullcontext()


NOBODYS = {"created", "msecs", "relativeCreated", "thread", "process"}
"""What logging itself counts: any three digits turn up there by chance."""


def said(caplog, number):
    """Return what the rules wrote into the log, in which nobody's number may stand (PID-07)."""
    records = [record for record in caplog.records if record.name == rules.__name__]
    told = [{name: value for name, value in vars(record).items() if name not in NOBODYS} for record in records]
    assert number[6:] not in repr(told)
    return [record.message for record in records]


@pytest.mark.parametrize(
    ("number", "wrong_digits", "refused", "logged"),
    [
        pytest.param("15869010089", "off", False, [], id="right number, off"),
        pytest.param("15869010089", "log", False, [], id="right number, log"),
        pytest.param("15869010089", "reject", False, [], id="right number, reject"),
        pytest.param("15869010088", "off", False, [], id="wrong check digit, off"),
        pytest.param("15869010088", "log", False, [WRONG_DIGITS], id="wrong check digit, log"),
        pytest.param("15869010088", "reject", True, [WRONG_DIGITS], id="wrong check digit, reject"),
        pytest.param("41814061033", "reject", False, [], id="new check digits of 2032"),
        pytest.param("30868210006", "log", False, [WRONG_DIGITS], id="30 June + 80 with wrong digits"),
        pytest.param("31869010009", "reject", True, [WRONG_DIGITS], id="31 June does not exist"),
        pytest.param("81869010009", "reject", True, [WRONG_DIGITS], id="an FH-number is nobody's here"),
        pytest.param("974761076", "reject", False, [], id="right organisation number"),
        pytest.param("213456008", "reject", False, [], id="synthetic organisation number"),
        pytest.param("123456789", "off", False, [], id="wrong organisation number, off"),
        pytest.param("123456789", "log", False, [WRONG_DIGITS], id="wrong organisation number, log"),
        pytest.param("123456789", "reject", True, [WRONG_DIGITS], id="wrong organisation number, reject"),
        pytest.param("000000000", "reject", True, [WRONG_DIGITS], id="nine zeros"),
        pytest.param("00000000000", "reject", True, [WRONG_DIGITS], id="eleven zeros"),
    ],
)
def test_pid_04_wrong_digits_are_logged_or_refused_as_set(caplog, number, wrong_digits, refused, logged):
    with judged(BadPartyID if refused else None):
        rules.check_party_number(number, refusal=BadPartyID, synthetic_allowed=True, wrong_digits=wrong_digits)
    assert said(caplog, number) == logged


@pytest.mark.parametrize(
    ("number", "refused_in_production"),
    [
        pytest.param("15409010015", False, id="month 40 is nobody's"),
        pytest.param("15419010046", True, id="January + 40"),
        pytest.param("15529010084", True, id="December + 40"),
        pytest.param("15539010015", False, id="month 53 is nobody's"),
        pytest.param("15659010015", False, id="month 65 is nobody's"),
        pytest.param("15669010092", True, id="January + 65"),
        pytest.param("15779010020", True, id="December + 65"),
        pytest.param("15789010015", False, id="month 78 is nobody's"),
        pytest.param("15809010015", False, id="month 80 is nobody's"),
        pytest.param("15819010029", True, id="January + 80"),
        pytest.param("15929010067", True, id="December + 80"),
        pytest.param("15939010015", False, id="month 93 is nobody's"),
        pytest.param("55459010180", True, id="D-number, May + 40"),
        pytest.param("55709010084", True, id="D-number, May + 65"),
        pytest.param("55859010082", True, id="D-number, May + 80"),
        pytest.param("15810112345", True, id="synthetic with wrong digits"),
        pytest.param("15010112345", False, id="shape of a fødselsnummer"),
        pytest.param("55010112345", False, id="shape of a D-number"),
        pytest.param("15210112345", False, id="shape of NAV's own series"),
        pytest.param("213456008", False, id="synthetic organisation, judged by its check digit alone"),
        pytest.param("974761076", False, id="organisation"),
    ],
)
@pytest.mark.parametrize("refusal", [BadPartyID, BadCustomerID])
def test_pid_05_production_refuses_made_up_persons(caplog, number, refused_in_production, refusal):
    with judged(refusal if refused_in_production else None):
        rules.check_party_number(number, refusal=refusal, synthetic_allowed=False, wrong_digits="off")
    assert said(caplog, number) == [SYNTHETIC] * refused_in_production
    rules.check_party_number(number, refusal=refusal, synthetic_allowed=True, wrong_digits="off")


@pytest.mark.parametrize(
    ("from_date", "to_date", "refusal"),
    [
        pytest.param(TODAY, TODAY, None, id="one day"),
        pytest.param(YESTERDAY, TODAY, None, id="two days"),
        pytest.param(date(1926, 1, 1), date(2126, 1, 1), None, id="two hundred years"),
        pytest.param(TODAY, YESTERDAY, PeriodReversed, id="ends the day before it begins"),
        pytest.param(date(2027, 1, 1), date(2026, 12, 31), PeriodReversed, id="over New Year"),
    ],
)
def test_order(from_date, to_date, refusal):
    with judged(refusal):
        rules.check_order(from_date=from_date, to_date=to_date)


@pytest.mark.parametrize(
    ("from_date", "to_date", "refusal"),
    [
        pytest.param(TODAY, TODAY, None, id="today"),
        pytest.param(YESTERDAY, TODAY, PeriodNotToday, id="from yesterday"),
        pytest.param(YESTERDAY, YESTERDAY, PeriodNotToday, id="yesterday"),
        pytest.param(TODAY, TOMORROW, PeriodNotToday, id="to tomorrow"),
        pytest.param(TOMORROW, TOMORROW, PeriodNotToday, id="tomorrow"),
        pytest.param(date(2025, 11, 21), date(2025, 11, 21), PeriodNotToday, id="the same day a year ago"),
    ],
)
def test_period_today_only(from_date, to_date, refusal):
    with judged(refusal):
        rules.PERIOD_RULES["today_only"](from_date=from_date, to_date=to_date, today=TODAY)


@pytest.mark.parametrize(
    ("only_primary_owner", "refusal"),
    [
        pytest.param(True, None, id="true"),
        pytest.param(None, None, id="absent"),
        pytest.param(False, OwnersOnly, id="false"),
    ],
)
def test_owner_primary_owner_only(only_primary_owner, refusal):
    with judged(refusal):
        rules.OWNER_RULES["primary_owner_only"](only_primary_owner=only_primary_owner)


@pytest.mark.parametrize("requester_id", [None, "", "pseudonym-7"], ids=["absent", "empty", "sent"])
def test_requester_accepted(requester_id):
    rules.REQUESTER_RULES["accepted"](requester_id=requester_id)


@pytest.mark.parametrize(
    ("reference", "reference_type", "refusal"),
    [
        pytest.param(None, None, None, id="neither"),
        pytest.param("x", None, AdditionalReferenceNotAllowed, id="a reference"),
        pytest.param(None, "srf", AdditionalReferenceNotAllowed, id="a type"),
        pytest.param("x", "pol1", AdditionalReferenceNotAllowed, id="both"),
    ],
)
def test_additional_reference_empty(reference, reference_type, refusal):
    with judged(refusal):
        rules.REFERENCE_RULES["empty"](additional_reference=reference, additional_reference_type=reference_type)


@pytest.mark.parametrize("party_number", ["15869010089", None], ids=["a party", "an account"])
def test_no_precondition(party_number):
    rules.PRECONDITIONS["none"](party_number=party_number)


def test_every_rule_is_tested_here():
    """A rule that is added must get its table above, and its name here."""
    assert {
        "period": set(rules.PERIOD_RULES),
        "owner": set(rules.OWNER_RULES),
        "requester": set(rules.REQUESTER_RULES),
        "additional_reference": set(rules.REFERENCE_RULES),
        "precondition": set(rules.PRECONDITIONS),
    } == {
        "period": {"today_only"},
        "owner": {"primary_owner_only"},
        "requester": {"accepted"},
        "additional_reference": {"empty"},
        "precondition": {"none"},
    }
