"""How far may they ask: each rule from both sides, and what it leaves in the log."""

from contextlib import nullcontext
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legal import rules
from legal.facts import NOTHING_KNOWN, Facts
from legal.periods import Period
from legal.refusals import (
    AdditionalReferenceNotAllowed,
    BadCustomerID,
    BadPartyID,
    BankruptcyUnknown,
    DeathUnknown,
    ExtraditionOrderMissing,
    GuardianMissing,
    GuardianshipUnknown,
    OwnersOnly,
    PeriodBeforeDeath,
    PeriodBeforeRuling,
    PeriodInFuture,
    PeriodNotLastYear,
    PeriodNotToday,
    PeriodNotUntilToday,
    PeriodReversed,
    PeriodTooLong,
    Refusal,
    RequesterMissing,
    RequesterNotAllowed,
    TypeNotGuardian,
    TypeNotOrder,
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
        rules.PERIOD_RULES["today_only"](from_date=from_date, to_date=to_date, today=TODAY, facts=NOTHING_KNOWN)


@pytest.mark.parametrize(
    ("from_date", "to_date", "refusal"),
    [
        pytest.param(date(2016, 11, 21), TODAY, None, id="ten years back to the day"),
        pytest.param(date(2016, 11, 20), TODAY, PeriodTooLong, id="one day too far back"),
        pytest.param(date(2016, 11, 21), date(2016, 11, 21), None, id="that first day alone"),
        pytest.param(date(2016, 11, 20), date(2016, 11, 20), PeriodTooLong, id="the day before it alone"),
        pytest.param(TODAY, TODAY, None, id="today"),
        pytest.param(TODAY, TOMORROW, PeriodInFuture, id="to tomorrow"),
        pytest.param(TOMORROW, TOMORROW, PeriodInFuture, id="tomorrow"),
        pytest.param(date(2016, 11, 20), TOMORROW, PeriodTooLong, id="too far both ways"),
        pytest.param(TODAY, YESTERDAY, PeriodReversed, id="ends before it begins"),
        pytest.param(date(1, 1, 1), date(9999, 12, 31), PeriodTooLong, id="all days there are"),
    ],
)
def test_period_ten_years(from_date, to_date, refusal):
    with judged(refusal):
        rules.PERIOD_RULES["ten_years"](from_date=from_date, to_date=to_date, today=TODAY, facts=NOTHING_KNOWN)


@pytest.mark.parametrize(
    ("ruling_date", "from_date", "to_date", "refusal"),
    [
        pytest.param(date(2026, 3, 2), date(2025, 3, 2), TODAY, None, id="twelve months before, to the day"),
        pytest.param(date(2026, 3, 2), date(2025, 3, 1), TODAY, PeriodBeforeRuling, id="one day older"),
        pytest.param(date(2026, 3, 2), date(2026, 3, 3), TODAY, None, id="from after the ruling"),
        pytest.param(date(2026, 3, 2), TODAY, TODAY, None, id="today"),
        pytest.param(TODAY, date(2025, 11, 21), TODAY, None, id="ruling today"),
        pytest.param(date(2010, 3, 2), date(2009, 3, 2), TODAY, None, id="ruling sixteen years ago"),
        pytest.param(date(2026, 3, 2), date(2025, 3, 2), YESTERDAY, PeriodNotUntilToday, id="to yesterday"),
        pytest.param(date(2026, 3, 2), date(2025, 3, 2), TOMORROW, PeriodNotUntilToday, id="to tomorrow"),
        pytest.param(date(2026, 3, 2), TOMORROW, TODAY, PeriodReversed, id="from tomorrow"),
        pytest.param(date(2024, 2, 29), date(2023, 2, 28), TODAY, None, id="ruling on a leap day"),
        pytest.param(date(2024, 2, 29), date(2023, 2, 27), TODAY, PeriodBeforeRuling, id="leap day, one day older"),
        pytest.param(None, TODAY, TODAY, BankruptcyUnknown, id="no ruling is known"),
    ],
)
def test_period_year_before_ruling(ruling_date, from_date, to_date, refusal):
    facts = Facts(ruling_date=ruling_date)
    with judged(refusal):
        rules.PERIOD_RULES["year_before_ruling"](from_date=from_date, to_date=to_date, today=TODAY, facts=facts)


@pytest.mark.parametrize(
    ("date_of_death", "from_date", "to_date", "refusal"),
    [
        pytest.param(date(2026, 10, 5), date(2026, 7, 5), TODAY, None, id="three months before, to the day"),
        pytest.param(date(2026, 10, 5), date(2026, 7, 4), TODAY, PeriodBeforeDeath, id="one day older"),
        pytest.param(date(2026, 5, 31), date(2026, 2, 28), TODAY, None, id="a month without that day"),
        pytest.param(date(2026, 5, 31), date(2026, 2, 27), TODAY, PeriodBeforeDeath, id="a day before its last"),
        pytest.param(date(2024, 5, 31), date(2024, 2, 29), TODAY, None, id="a leap year's February"),
        pytest.param(date(2024, 5, 31), date(2024, 2, 28), TODAY, PeriodBeforeDeath, id="a day before leap day"),
        pytest.param(date(2026, 2, 1), date(2025, 11, 1), TODAY, None, id="over New Year"),
        pytest.param(date(2026, 10, 5), TODAY, TODAY, None, id="today"),
        pytest.param(date(2026, 10, 5), date(2026, 7, 5), YESTERDAY, PeriodNotUntilToday, id="to yesterday"),
        pytest.param(date(2026, 10, 5), date(2026, 7, 5), TOMORROW, PeriodNotUntilToday, id="to tomorrow"),
        pytest.param(date(2026, 10, 5), TOMORROW, TODAY, PeriodReversed, id="from tomorrow"),
        pytest.param(None, TODAY, TODAY, DeathUnknown, id="no death is known"),
    ],
)
def test_period_three_months_before_death(date_of_death, from_date, to_date, refusal):
    facts = Facts(date_of_death=date_of_death)
    with judged(refusal):
        rules.PERIOD_RULES["three_months_before_death"](from_date=from_date, to_date=to_date, today=TODAY, facts=facts)


@pytest.mark.parametrize(
    ("from_date", "to_date", "refusal"),
    [
        pytest.param(date(2025, 1, 1), date(2025, 12, 31), None, id="the whole of last year"),
        pytest.param(date(2025, 4, 1), date(2025, 4, 30), None, id="a part of it"),
        pytest.param(date(2025, 12, 31), date(2025, 12, 31), None, id="its last day"),
        pytest.param(date(2024, 12, 31), date(2025, 12, 31), PeriodNotLastYear, id="one day before it"),
        pytest.param(date(2025, 1, 1), date(2026, 1, 1), PeriodNotLastYear, id="one day after it"),
        pytest.param(TODAY, TODAY, PeriodNotLastYear, id="today, as when no date is sent"),
        pytest.param(date(2024, 1, 1), date(2024, 12, 31), PeriodNotLastYear, id="the year before"),
        pytest.param(date(2025, 12, 31), date(2025, 1, 1), PeriodReversed, id="ends before it begins"),
    ],
)
def test_period_last_calendar_year(from_date, to_date, refusal):
    with judged(refusal):
        rules.PERIOD_RULES["last_calendar_year"](from_date=from_date, to_date=to_date, today=TODAY, facts=NOTHING_KNOWN)


@pytest.mark.parametrize(
    ("today", "first"),
    [
        pytest.param(date(2028, 2, 29), date(2018, 2, 28), id="leap day, ten years back there is none"),
        pytest.param(date(2030, 2, 28), date(2020, 2, 28), id="the leap day ten years back is younger"),
        pytest.param(date(2030, 3, 1), date(2020, 3, 1), id="the day after"),
    ],
)
def test_period_ten_years_on_a_leap_day(today, first):
    rule = rules.PERIOD_RULES["ten_years"]
    rule(from_date=first, to_date=today, today=today, facts=NOTHING_KNOWN)
    with pytest.raises(PeriodTooLong):
        rule(from_date=first - timedelta(1), to_date=today, today=today, facts=NOTHING_KNOWN)


def same_day(day, *, year, month):
    """Return that day of another month, found by walking back to one that exists."""
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError


def earlier(day, months):
    """Return the day some months back, one month at a time as on a calendar."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return same_day(day, year=year, month=month)


MODELS = {
    "today_only": lambda begin, end, today, facts: begin == today and end == today,
    "ten_years": lambda begin, end, today, facts: earlier(today, 120) <= begin <= end <= today,
    "year_before_ruling": lambda begin, end, today, facts: earlier(facts.ruling_date, 12) <= begin <= end == today,
    "three_months_before_death": lambda begin, end, today, facts: (
        earlier(facts.date_of_death, 3) <= begin <= end == today
    ),
    "last_calendar_year": lambda begin, end, today, facts: (
        date(today.year - 1, 1, 1) <= begin <= end <= date(today.year - 1, 12, 31)
    ),
}
"""Each rule once more, as a lawyer would say it."""

DAYS = st.one_of(
    st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    st.builds(
        lambda year, month, days: date(year, month, 1) + timedelta(days),
        st.integers(2019, 2033), st.sampled_from([1, 3, 6, 12]), st.integers(-2, 1),
    ),
)  # fmt: skip


@pytest.mark.parametrize("name", rules.PERIOD_RULES)
@given(today=DAYS, event=DAYS, ends=st.sampled_from([0, -1, 1, -366]), data=st.data())
def test_every_period_rule_is_its_model_day_by_day_around_its_edges(name, today, event, ends, data):
    facts = Facts(ruling_date=event, date_of_death=event)
    edges = [today, earlier(today, 120), earlier(event, 12), earlier(event, 3), date(today.year - 1, 1, 1)]
    end = data.draw(st.sampled_from([today, date(today.year - 1, 12, 31)])) + timedelta(ends)
    edge = data.draw(st.sampled_from([*edges, end]))
    for days in range(-2, 3):
        begin = edge + timedelta(days)
        try:
            rules.PERIOD_RULES[name](from_date=begin, to_date=end, today=today, facts=facts)
        except Refusal:
            passed = False
        else:
            passed = True
        assert passed == MODELS[name](begin, end, today, facts), f"{begin} to {end}"


@pytest.mark.parametrize("name", ["year_before_ruling", "three_months_before_death"])
@given(begin=DAYS, end=DAYS, today=DAYS)
def test_a_period_before_an_event_that_is_not_known_never_passes(name, begin, end, today):
    with pytest.raises((BankruptcyUnknown, DeathUnknown)):
        rules.PERIOD_RULES[name](from_date=begin, to_date=end, today=today, facts=NOTHING_KNOWN)


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


@pytest.mark.parametrize("only_primary_owner", [True, False, None], ids=["true", "false", "absent"])
def test_owner_any_owner(only_primary_owner):
    rules.OWNER_RULES["any_owner"](only_primary_owner=only_primary_owner)


@pytest.mark.parametrize("requester_id", [None, "", "pseudonym-7"], ids=["absent", "empty", "sent"])
def test_requester_accepted(requester_id):
    rules.REQUESTER_RULES["accepted"](requester_id=requester_id)


@pytest.mark.parametrize(
    ("requester_id", "if_empty", "if_required"),
    [
        pytest.param(None, None, RequesterMissing, id="absent"),
        pytest.param("", None, RequesterMissing, id="empty"),
        pytest.param("  ", None, RequesterMissing, id="blank"),
        pytest.param("pseudonym-7", RequesterNotAllowed, None, id="sent"),
    ],
)
def test_requester_empty_and_required(requester_id, if_empty, if_required):
    with judged(if_empty):
        rules.REQUESTER_RULES["empty"](requester_id=requester_id)
    with judged(if_required):
        rules.REQUESTER_RULES["required"](requester_id=requester_id)


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


@pytest.mark.parametrize(
    ("reference", "reference_type", "refusal"),
    [
        pytest.param("15869010089", "srf", None, id="a guardian's fødselsnummer"),
        pytest.param("55859010082", "srf", None, id="a guardian's D-number"),
        pytest.param("15869010088", "srf", None, id="wrong check digits, judged elsewhere"),
        pytest.param(None, None, TypeNotGuardian, id="neither"),
        pytest.param("15869010089", None, TypeNotGuardian, id="no type"),
        pytest.param("15869010089", "pol1", TypeNotGuardian, id="the police's type"),
        pytest.param(None, "srf", GuardianMissing, id="no guardian"),
        pytest.param("", "srf", GuardianMissing, id="empty"),
        pytest.param("974761076", "srf", GuardianMissing, id="an organisation"),
        pytest.param("1586901008", "srf", GuardianMissing, id="ten digits"),
        pytest.param("158690100899", "srf", GuardianMissing, id="twelve digits"),
        pytest.param(" 15869010089", "srf", GuardianMissing, id="a blank before it"),
        pytest.param("1586901008x", "srf", GuardianMissing, id="a letter"),
        pytest.param("١٥٨٦٩٠١٠٠٨٩", "srf", GuardianMissing, id="other digits than ASCII's"),
    ],
)
def test_additional_reference_guardian(reference, reference_type, refusal):
    with judged(refusal):
        rules.REFERENCE_RULES["guardian"](additional_reference=reference, additional_reference_type=reference_type)


@pytest.mark.parametrize(
    ("reference", "reference_type", "refusal"),
    [
        pytest.param("header.payload.signature", "pol1", None, id="an order"),
        pytest.param("x", "pol1", None, id="any text, judged elsewhere"),
        pytest.param(None, None, TypeNotOrder, id="neither"),
        pytest.param("header.payload.signature", None, TypeNotOrder, id="no type"),
        pytest.param("header.payload.signature", "srf", TypeNotOrder, id="the guardians' type"),
        pytest.param(None, "pol1", ExtraditionOrderMissing, id="no order"),
        pytest.param("", "pol1", ExtraditionOrderMissing, id="empty"),
        pytest.param("  ", "pol1", ExtraditionOrderMissing, id="blank"),
    ],
)
def test_additional_reference_extradition_order(reference, reference_type, refusal):
    with judged(refusal):
        rules.REFERENCE_RULES["extradition_order"](
            additional_reference=reference, additional_reference_type=reference_type
        )


BANKRUPT, DEAD = Facts(ruling_date=YESTERDAY), Facts(date_of_death=YESTERDAY)
IN_CARE = Facts(guardianships=(Period(YESTERDAY, TODAY),))


@pytest.mark.parametrize(
    ("name", "facts", "refusal"),
    [
        pytest.param("none", NOTHING_KNOWN, None, id="none, nothing known"),
        pytest.param("bankruptcy", BANKRUPT, None, id="bankruptcy, ruled"),
        pytest.param("bankruptcy", NOTHING_KNOWN, BankruptcyUnknown, id="bankruptcy, nothing known"),
        pytest.param("bankruptcy", DEAD, BankruptcyUnknown, id="bankruptcy, dead"),
        pytest.param("death", DEAD, None, id="death, dead"),
        pytest.param("death", NOTHING_KNOWN, DeathUnknown, id="death, nothing known: living, or an organisation"),
        pytest.param("death", BANKRUPT, DeathUnknown, id="death, bankrupt"),
        pytest.param("guardianship", IN_CARE, None, id="guardianship, on some days"),
        pytest.param("guardianship", NOTHING_KNOWN, GuardianshipUnknown, id="guardianship, nothing known"),
        pytest.param("guardianship", DEAD, GuardianshipUnknown, id="guardianship, dead"),
    ],
)
def test_preconditions(name, facts, refusal):
    with judged(refusal):
        rules.PRECONDITIONS[name](facts=facts)


def test_every_rule_is_tested_here():
    """A rule that is added must get its table above, and its name here."""
    assert {
        "period": set(rules.PERIOD_RULES),
        "owner": set(rules.OWNER_RULES),
        "requester": set(rules.REQUESTER_RULES),
        "additional_reference": set(rules.REFERENCE_RULES),
        "precondition": set(rules.PRECONDITIONS),
    } == {
        "period": set(MODELS),
        "owner": {"primary_owner_only", "any_owner"},
        "requester": {"accepted", "empty", "required"},
        "additional_reference": {"empty", "guardian", "extradition_order"},
        "precondition": {"none", "bankruptcy", "death", "guardianship"},
    }
