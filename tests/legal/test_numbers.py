"""Person, organisation and account numbers: form, check digits, dates and series (security rules PID, ORG, ACC)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legal import numbers
from legal.numbers import ALL_REMAINDERS, CLASSIC_REMAINDERS, PersonNumberKind, PersonNumberSeries

BIRTH, D, FH = PersonNumberKind.BIRTH_NUMBER, PersonNumberKind.D_NUMBER, PersonNumberKind.FH_NUMBER
FREG, NAV = PersonNumberSeries.POPULATION_REGISTER, PersonNumberSeries.NAV
PLUS_40, PLUS_65, PLUS_80 = (
    PersonNumberSeries.HEALTH_OR_NAV_TEST,
    PersonNumberSeries.HEALTH_TEST,
    PersonNumberSeries.TAX_TEST,
)

VECTORS = [
    pytest.param("15869010089", True, True, BIRTH, PLUS_80, id="PID-02 Tenor style, month + 80"),
    pytest.param("55869010072", True, True, D, PLUS_80, id="PID-02 D-number and month + 80"),
    pytest.param("15719010080", True, True, BIRTH, PLUS_65, id="PID-02 helsenett style, month + 65"),
    pytest.param("41814061033", True, True, D, PLUS_80, id="PID-03 D-number of the new series, born 1940, first"),
    pytest.param("41814065640", True, True, D, PLUS_80, id="PID-03 D-number of the new series, born 1940, second"),
    pytest.param("41814075603", True, True, D, PLUS_80, id="PID-03 D-number of the new series, born 1940, third"),
    pytest.param("41810021827", True, True, D, PLUS_80, id="PID-03 D-number of the new series, born 2000, first"),
    pytest.param("41810025091", True, True, D, PLUS_80, id="PID-03 D-number of the new series, born 2000, second"),
    pytest.param("41810034422", True, True, D, PLUS_80, id="PID-03 D-number of the new series, born 2000, third"),
    pytest.param("02013299997", True, True, BIRTH, FREG, id="PID-03 born in 2032, remainder 0: no not-born-yet test"),
    pytest.param("02013299903", False, True, BIRTH, FREG, id="PID-02 born in 2032, remainder 2"),
    pytest.param("02013299911", False, True, BIRTH, FREG, id="PID-02 born in 2032, remainder 3"),
    pytest.param("30108299920", True, True, BIRTH, FREG, id="PID-02 issued in 2032, remainder 0"),
    pytest.param("30108299939", False, True, BIRTH, FREG, id="PID-02 issued in 2032, remainder 1"),
    pytest.param("30108299947", False, True, BIRTH, FREG, id="PID-02 issued in 2032, remainder 2"),
    pytest.param("30108299955", False, True, BIRTH, FREG, id="PID-02 issued in 2032, remainder 3"),
    pytest.param("15869010088", False, False, BIRTH, PLUS_80, id="PID-02 wrong second check digit"),
]


@pytest.mark.parametrize(("number", "today", "from_2032", "kind", "series"), VECTORS)
def test_published_person_numbers(
    number: str, today: bool, from_2032: bool, kind: PersonNumberKind, series: PersonNumberSeries
) -> None:
    assert numbers.is_person_number(number, CLASSIC_REMAINDERS) is today
    assert numbers.is_person_number(number, ALL_REMAINDERS) is from_2032
    assert numbers.is_person_number(number) is from_2032
    assert (numbers.kind_of(number), numbers.series_of(number)) == (kind, series)
    assert numbers.is_synthetic(number) is (series in {PLUS_40, PLUS_65, PLUS_80})


def test_remainder_one_gave_no_number_in_the_published_series() -> None:
    assert numbers.person_check_digits("020132999", remainder=1) is None


NOT_DIGITS_ONLY = [
    pytest.param("1586901008", id="ten digits"),
    pytest.param("158690100890", id="twelve digits"),
    pytest.param("", id="empty"),
    pytest.param(" 15869010089", id="leading blank"),
    pytest.param("15869010089\n", id="trailing newline"),
    pytest.param("158690 10089", id="blank inside"),
    pytest.param("158690-10089", id="hyphen inside"),
    pytest.param("1586901008X", id="letter"),
    pytest.param("１５８６９０１００８９", id="full-width digits"),
    pytest.param("١٥٨٦٩٠١٠٠٨٩", id="Arabic-Indic digits"),
    pytest.param("1586901008²", id="superscript two"),
    pytest.param("213456008\n", id="organisation number and newline"),
    pytest.param("21345600", id="eight digits"),
    pytest.param("0192:213456008", id="organisation number with its scheme"),
    pytest.param("２１３４５６００８", id="full-width organisation number"),
    pytest.param(15869010089, id="an integer"),
    pytest.param(None, id="nothing"),
    pytest.param(b"15869010089", id="bytes"),
]


@pytest.mark.parametrize("value", NOT_DIGITS_ONLY)
def test_only_ascii_digits_of_the_right_length_have_the_form(value: object) -> None:
    """PID-01, ORG-01, ACC-01."""
    assert not numbers.has_person_form(value)
    assert not numbers.has_organisation_form(value)
    assert not numbers.has_party_form(value)
    assert not numbers.has_account_form(value)
    assert not numbers.is_person_number(value)
    assert not numbers.is_organisation_number(value)
    assert not numbers.is_party_number(value)
    assert not numbers.is_account_number(value)


def test_a_party_number_has_eleven_or_nine_digits() -> None:
    """PID-01."""
    assert numbers.has_party_form("00000000000")
    assert numbers.has_party_form("000000000")
    assert numbers.is_party_number("15869010089")
    assert numbers.is_party_number("213456008")


@pytest.mark.parametrize(
    ("date_part", "possible"),
    [
        pytest.param("010100", True, id="first of January"),
        pytest.param("311299", True, id="last of December"),
        pytest.param("310499", False, id="31 April"),
        pytest.param("300200", False, id="30 February"),
        pytest.param("290200", True, id="29 February 00: 2000 was a leap year"),
        pytest.param("290296", True, id="29 February of a leap year"),
        pytest.param("290295", False, id="29 February of no leap year"),
        pytest.param("290299", False, id="29 February 99"),
        pytest.param("690296", True, id="29 February, D-number"),
        pytest.param("698295", False, id="29 February of no leap year, D-number, month + 80"),
        pytest.param("000199", False, id="day 0"),
        pytest.param("320199", False, id="day 32"),
        pytest.param("400199", False, id="day 40"),
        pytest.param("410199", True, id="day 41"),
        pytest.param("710199", True, id="day 71"),
        pytest.param("720199", False, id="day 72"),
        pytest.param("790199", False, id="day 79"),
        pytest.param("800199", False, id="FH-number: no date inside"),
        pytest.param("990199", False, id="FH-number, day 99"),
        pytest.param("150099", False, id="month 0"),
        pytest.param("151399", False, id="month 13"),
        pytest.param("152099", False, id="month 20"),
        pytest.param("152199", True, id="month 21, NAV"),
        pytest.param("153299", True, id="month 32, NAV"),
        pytest.param("153399", False, id="month 33"),
        pytest.param("154099", False, id="month 40"),
        pytest.param("154199", True, id="month 41"),
        pytest.param("155299", True, id="month 52"),
        pytest.param("155399", False, id="month 53"),
        pytest.param("156599", False, id="month 65"),
        pytest.param("156699", True, id="month 66"),
        pytest.param("157799", True, id="month 77"),
        pytest.param("157899", False, id="month 78"),
        pytest.param("158099", False, id="month 80"),
        pytest.param("158199", True, id="month 81"),
        pytest.param("159299", True, id="month 92"),
        pytest.param("159399", False, id="month 93"),
    ],
)
def test_the_date_exists_in_some_century(date_part: str, possible: bool) -> None:
    """PID-03."""
    assert numbers.has_possible_date(date_part + "00000") is possible
    assert numbers.is_person_number(completed(date_part)) is possible


@pytest.mark.parametrize(
    ("date_part", "kind", "series", "synthetic"),
    [
        pytest.param("150190", BIRTH, FREG, False, id="a real birth number"),
        pytest.param("550190", D, FREG, False, id="a real D-number"),
        pytest.param("152190", BIRTH, NAV, False, id="NAV's own number"),
        pytest.param("154190", BIRTH, PLUS_40, True, id="month + 40"),
        pytest.param("555290", D, PLUS_40, True, id="D-number and month + 40"),
        pytest.param("156690", BIRTH, PLUS_65, True, id="month + 65"),
        pytest.param("158190", BIRTH, PLUS_80, True, id="month + 80"),
        pytest.param("559290", D, PLUS_80, True, id="D-number and month + 80"),
        pytest.param("808190", FH, None, False, id="FH-number: its month says nothing"),
        pytest.param("008190", None, PLUS_80, True, id="day 0"),
        pytest.param("151390", BIRTH, None, False, id="month 13"),
    ],
)
def test_kind_and_series(
    date_part: str, kind: PersonNumberKind | None, series: PersonNumberSeries | None, synthetic: bool
) -> None:
    """PID-05: production refuses the synthetic series."""
    number = date_part + "00000"
    assert (numbers.kind_of(number), numbers.series_of(number)) == (kind, series)
    assert numbers.is_synthetic(number) is synthetic


@pytest.mark.parametrize(
    ("number", "right"),
    [
        pytest.param("889640782", True, id="ORG-01 NAV"),
        pytest.param("974761076", True, id="ORG-01 Skatteetaten"),
        pytest.param("915429785", True, id="ORG-01 the police"),
        pytest.param("974760673", True, id="ORG-01 Brønnøysundregistrene"),
        pytest.param("991825827", True, id="ORG-01 Digitaliseringsdirektoratet"),
        pytest.param("986186999", True, id="ORG-01 Statens sivilrettsforvaltning"),
        pytest.param("312345609", True, id="ORG-01 synthetic, first"),
        pytest.param("312345617", True, id="ORG-01 synthetic, second"),
        pytest.param("312345625", True, id="ORG-01 synthetic, third"),
        pytest.param("213456008", True, id="ORG-01 synthetic, beginning with 2"),
        pytest.param("991825828", False, id="ORG-01 wrong check digit"),
        pytest.param("123456789", False, id="ORG-01 made up"),
        pytest.param("000000000", False, id="ORG-01 nine zeros, although its sum is right"),
    ],
)
def test_organisation_numbers(number: str, right: bool) -> None:
    assert numbers.is_organisation_number(number) is right
    assert numbers.is_synthetic(number) is (number[0] in "23")


@pytest.mark.parametrize(
    ("number", "right"),
    [
        pytest.param("86011117947", True, id="ACC-01 the published example"),
        pytest.param("86011117946", False, id="ACC-01 wrong check digit"),
        pytest.param("8601.11.17947", False, id="ACC-01 dots"),
        pytest.param("8601 11 17947", False, id="ACC-01 blanks"),
        pytest.param("1117947", False, id="ACC-01 seven digits"),
    ],
)
def test_account_numbers(number: str, right: bool) -> None:
    assert numbers.is_account_number(number) is right


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.sampled_from([0, 1, 2, 3]))
def test_made_person_check_digits_fit_their_scheme(first_nine: str, remainder: int) -> None:
    digits = numbers.person_check_digits(first_nine, remainder)
    endings = [f"{ending:02}" for ending in range(100)]
    fitting = [
        ending for ending in endings if numbers.has_person_check_digits(first_nine + ending, frozenset({remainder}))
    ]
    assert fitting == ([] if digits is None else [digits])
    if digits is not None:
        assert numbers.first_remainder(first_nine + digits) == remainder


@given(st.from_regex(r"[1-9][0-9]{7}", fullmatch=True), st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_made_check_digits_are_the_only_right_ones(first_eight: str, first_ten: str) -> None:
    organisation, account = numbers.organisation_check_digit(first_eight), numbers.account_check_digit(first_ten)
    assert [d for d in "0123456789" if numbers.is_organisation_number(first_eight + d)] == (
        [organisation] if organisation else []
    )
    assert [d for d in "0123456789" if numbers.is_account_number(first_ten + d)] == ([account] if account else [])


def completed(date_part: str) -> str:
    """Return a number of that date with right check digits."""
    firsts = (f"{date_part}{individual:03}" for individual in range(100))
    return next(first + digits for first in firsts if (digits := numbers.person_check_digits(first)))
