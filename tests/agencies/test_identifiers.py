"""No real person's number goes to a place that is not production, and no made up one to production."""

import pytest

from agencies.errors import BadInput
from agencies.identifiers import PRINTED_EXAMPLES, check_organisation_number, check_person_number, is_production
from legal.numbers import is_synthetic

TEST, PRODUCTION, HERE = (
    "https://aktivkonto.api.skatteetaten-test.no/v3",
    "https://aktivkonto.api.skatteetaten.no/v3",
    "http://127.0.0.1:8001/aktivkonto/v3",
)
SYNTHETIC, ORDINARY = "01810112345", "01010112345"


def is_let_through(number, base_url):
    try:
        check_person_number(number, base_url=base_url)
    except BadInput as error:
        assert error.what == "identifier"
        return False
    return True


@pytest.mark.parametrize(
    ("number", "here", "test", "production"),
    [
        pytest.param(SYNTHETIC, True, True, False, id="month + 80"),
        pytest.param("01410112345", True, True, False, id="month + 40"),
        pytest.param("01660112345", True, True, False, id="month + 65"),
        pytest.param("41810112345", True, True, False, id="a synthetic D-number"),
        pytest.param(ORDINARY, False, False, True, id="as a real person's"),
        pytest.param("41010112345", False, False, True, id="as a real D-number"),
        pytest.param("01210112345", False, False, True, id="NAV's series"),
        pytest.param("17816994780", True, True, False, id="printed: Norwegian account"),
        pytest.param("46907200809", True, True, False, id="printed: foreign account"),
        pytest.param("27858199021", True, True, False, id="printed: payout card"),
        pytest.param("23818699190", True, True, False, id="printed: no account"),
        pytest.param("28707299217", True, True, False, id="printed: month 70"),
        pytest.param("", False, False, False, id="nothing"),
        pytest.param("0181011234", False, False, False, id="ten digits"),
        pytest.param("018101123456", False, False, False, id="twelve digits"),
        pytest.param("01810112345\n", False, False, False, id="a line end"),
        pytest.param(" 01810112345", False, False, False, id="a blank"),
        pytest.param("018101 12345", False, False, False, id="a blank between"),
        pytest.param("٠١٨١٠١١٢٣٤٥", False, False, False, id="other digits than ASCII's"),
        pytest.param("0181011234a", False, False, False, id="a letter"),
        pytest.param("312345617", False, False, False, id="an organisation"),
    ],
)
def test_who_may_be_asked_about_where(number, here, test, production):
    assert (is_let_through(number, HERE), is_let_through(number, TEST), is_let_through(number, PRODUCTION)) == (
        here,
        test,
        production,
    )


def test_the_printed_examples_are_nobodys():
    assert all(is_synthetic(number) for number in PRINTED_EXAMPLES)


@pytest.mark.parametrize(
    ("address", "production"),
    [
        pytest.param("https://api.skatteetaten.no", True, id="Skatteetaten's old host"),
        pytest.param(PRODUCTION, True, id="an API's own host"),
        pytest.param("https://AktivKonto.API.Skatteetaten.NO/v3", True, id="in capitals"),
        pytest.param("https://aktivkonto.api.skatteetaten.no:443/v3", True, id="with its port"),
        pytest.param("https://ekstern01.api.lanekassen.no/saldo/v1/Accounts", True, id="Lånekassen"),
        pytest.param("https://www.altinn.no/api/ConsentRequest", True, id="Altinn"),
        pytest.param("https://altinn.no/ui", True, id="Altinn without www"),
        pytest.param("https://platform.altinn.no/dialogporten", True, id="Altinn 3 and Dialogporten"),
        pytest.param("https://maskinporten.no/token", True, id="Maskinporten"),
        pytest.param("https://www.maskinporten.no/token", True, id="Maskinporten with www"),
        pytest.param(TEST, False, id="Skatteetaten's test"),
        pytest.param("https://api-test.sits.no", False, id="the old test"),
        pytest.param("https://ekstern01.api.test.lanekassen.no/saldo/v1/Accounts", False, id="Lånekassen's test"),
        pytest.param("https://tt02.altinn.no/api", False, id="Altinn's test"),
        pytest.param("https://platform.tt02.altinn.no", False, id="Altinn 3's test"),
        pytest.param("https://test.maskinporten.no/token", False, id="Maskinporten's test"),
        pytest.param("https://evilapi.skatteetaten.no", False, id="ends alike"),
        pytest.param("https://api.skatteetaten.no.example", False, id="begins alike"),
        pytest.param("https://example/api.skatteetaten.no", False, id="in the path"),
        pytest.param("https://api.skatteetaten.no@example/", False, id="as a user"),
        pytest.param(HERE, False, id="this machine"),
        pytest.param("https://[::1", False, id="half a bracket"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_what_is_production(address, production):
    assert is_production(address) is production


@pytest.mark.parametrize(
    ("number", "fine"),
    [
        pytest.param("312345617", True, id="right"),
        pytest.param("123456789", True, id="wrong control digit"),
        pytest.param("12345678", False, id="eight digits"),
        pytest.param("0192:312345617", False, id="with its prefix"),
        pytest.param("31234561a", False, id="a letter"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_organisations(number, fine):
    try:
        check_organisation_number(number)
    except BadInput as error:
        assert (fine, error.what) == (False, "organisation number")
    else:
        assert fine


@pytest.mark.parametrize(
    ("check", "kind", "told"),
    [
        pytest.param(lambda: check_person_number(SYNTHETIC, base_url=TEST), "person", True, id="wrong, a person"),
        pytest.param(lambda: check_person_number("17816994780", base_url=TEST), "person", False, id="right, a person"),
        pytest.param(lambda: check_organisation_number("123456789"), "organisation", True, id="wrong, an organisation"),
        pytest.param(lambda: check_organisation_number("312345617"), "", False, id="right, an organisation"),
    ],
)
def test_control_digits_are_warned_of(caplog, check, kind, told):
    check()
    assert [(line.message, line.kind) for line in caplog.records] == ([("agencies.check_digits", kind)] if told else [])
    assert not [number for number in (SYNTHETIC, "123456789") if number in str([vars(line) for line in caplog.records])]
