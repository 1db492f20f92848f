"""Answers about an active account: the page's own as printed, and what it leaves open read tolerantly."""

import logging
from dataclasses import replace
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.aktivkonto.answers import ActiveAccount, PayoutAccount, Unreadable, read_answer

SEED_PERSON, FOREIGN_PERSON = "17816994780", "28707299217"
SEED_BODY = (
    b'{"tin":"17816994780",\n'
    b' "kontoDto":{"kontonummer":"32432567604","kontotype":"innskuddskontoINOK","skattekontoegnethet":"brukskonto",\n'
    b' "bicEllerSwift":null,"bankkode":null,"bankNavn":"Bank1","bankLandkode":null,"iban":null,"valuta":null,\n'
    b' "erUtbetalingskort":false,"valgtDato":"2020-03-23"}}'
)
CURRENT_BODY = (
    b'{"personidentifikator":"28707299217",\n'
    b' "konto":{"kontotype":"innskuddskontoIValuta","skattekontoegnethet":"brukskonto","bicEllerSwift":"DOGBPLUZEXP",\n'
    b' "bankNavn":"Doggerbanken","bankLandkode":"PL","iban":"PL0828538647323163","erUtbetalingskort":false,'
    b'"valgtDato":"2022-11-01"}}'
)
NORWEGIAN = PayoutAccount(
    number="32432567604",
    kind="innskuddskontoINOK",
    tax_suitability="brukskonto",
    bic=None,
    bank_code=None,
    bank_name="Bank1",
    bank_country=None,
    iban=None,
    currency=None,
    is_payout_card=False,
    chosen_on=date(2020, 3, 23),
)
FOREIGN = PayoutAccount(
    number=None,
    kind="innskuddskontoIValuta",
    tax_suitability="brukskonto",
    bic="DOGBPLUZEXP",
    bank_code=None,
    bank_name="Doggerbanken",
    bank_country="PL",
    iban="PL0828538647323163",
    currency=None,
    is_payout_card=False,
    chosen_on=date(2022, 11, 1),
)
SEED_ACCOUNT = orjson.loads(SEED_BODY)["kontoDto"]


def seed(account=..., **root):
    """Return a body of the seed profile, without the account member unless one is given."""
    given_account = {} if account is ... else {"kontoDto": account}
    return orjson.dumps({"tin": SEED_PERSON, **given_account, **root})


def read(body, *, asked_for=SEED_PERSON, profile="seed"):
    return read_answer(body, asked_for=asked_for, profile=profile)


@pytest.mark.parametrize(
    ("profile", "body", "expected", "is_foreign"),
    [
        pytest.param(
            "seed", SEED_BODY, ActiveAccount(SEED_PERSON, SEED_PERSON, NORWEGIAN), False, id="Norwegian, seed's page"
        ),
        pytest.param(
            "current", CURRENT_BODY, ActiveAccount(FOREIGN_PERSON, FOREIGN_PERSON, FOREIGN), True, id="foreign, current"
        ),
    ],
)
def test_the_page_s_answers_as_printed(profile, body, expected, is_foreign):
    answer = read(body, asked_for=expected.asked_for, profile=profile)
    assert answer == expected
    assert answer.account.is_foreign is is_foreign


@pytest.mark.parametrize(
    ("body", "account"),
    [
        pytest.param(seed([SEED_ACCOUNT]), NORWEGIAN, id="a list of one"),
        pytest.param(seed([]), None, id="an empty list"),
        pytest.param(seed(None), None, id="null"),
        pytest.param(seed(), None, id="no member"),
        pytest.param(seed({}), None, id="an empty object"),
        pytest.param(seed(dict.fromkeys(SEED_ACCOUNT)), None, id="an object of nulls"),
        pytest.param(seed({**SEED_ACCOUNT, "nytt": {"felt": [1]}}, nytt=1), NORWEGIAN, id="members we do not know"),
        pytest.param(
            seed({**SEED_ACCOUNT, "kontotype": "kontoIRomvaluta"}),
            replace(NORWEGIAN, kind="kontoIRomvaluta"),
            id="a kind of account not seen yet",
        ),
        pytest.param(
            seed({**SEED_ACCOUNT, "skattekontoegnethet": "kanskje"}),
            replace(NORWEGIAN, tax_suitability="kanskje"),
            id="a suitability not seen yet",
        ),
        pytest.param(
            seed({**SEED_ACCOUNT, "bankLandkode": "EN"}),
            replace(NORWEGIAN, bank_country="EN"),
            id="a country that is none",
        ),
        pytest.param(seed({**SEED_ACCOUNT, "iban": ""}), NORWEGIAN, id="an empty text is nothing"),
        pytest.param(
            seed({"kontonummer": "32432567604"}),
            PayoutAccount("32432567604", *[None] * 10),
            id="a number and nothing else",
        ),
    ],
)
def test_what_the_page_leaves_open(body, account):
    assert read(body) == ActiveAccount(SEED_PERSON, SEED_PERSON, account)


@pytest.mark.parametrize("names", [{"bicEllerSwift": "X"}, {"iban": "Y"}, {"iban": "Y", "bicEllerSwift": "X"}])
def test_foreign_is_what_has_an_iban_or_a_bic(names):
    assert read(seed({**SEED_ACCOUNT, **names})).account.is_foreign


def test_of_several_accounts_the_newest_counts_with_a_warning(caplog):
    days = [None, "2020-03-23", "2023-01-31", "2022-12-31"]
    listed = [{**SEED_ACCOUNT, "valgtDato": day} for day in days]
    with caplog.at_level(logging.WARNING):
        answer = read_answer(seed(listed), asked_for=SEED_PERSON, profile="seed", correlation_id="an-id")
    assert answer.account == replace(NORWEGIAN, chosen_on=date(2023, 1, 31))
    (warned,) = caplog.records
    assert (warned.message, warned.accounts, warned.correlation_id) == (
        "agencies.aktivkonto.several_accounts",
        4,
        "an-id",
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            seed(None, skjermet=True),
            ActiveAccount(SEED_PERSON, SEED_PERSON, None, is_shielded=True),
            id="at the root, without an account",
        ),
        pytest.param(
            b'{"skjermet":true}', ActiveAccount(SEED_PERSON, None, None, is_shielded=True), id="and nothing else"
        ),
        pytest.param(
            seed({**SEED_ACCOUNT, "skjermet": True}),
            ActiveAccount(SEED_PERSON, SEED_PERSON, NORWEGIAN, is_shielded=True),
            id="in the account",
        ),
        pytest.param(seed(None, skjermet=False), ActiveAccount(SEED_PERSON, SEED_PERSON, None), id="not shielded"),
    ],
)
def test_shielded_persons(body, expected):
    assert read(body) == expected


def test_the_answer_is_filed_under_what_was_asked_for():
    former, present = "46907200809", SEED_PERSON
    answer = read(SEED_BODY, asked_for=former)
    assert (answer.asked_for, answer.present_identifier) == (former, present)


@pytest.mark.parametrize(
    ("profile", "body"),
    [
        pytest.param("seed", b"", id="nothing"),
        pytest.param("seed", b"Unknown instance. ID=8ac2", id="words of a gateway"),
        pytest.param("seed", b"[]", id="a list"),
        pytest.param("seed", b"null", id="null"),
        pytest.param("seed", b"[" * 100_000, id="brackets without end"),
        pytest.param("seed", b"{}", id="no identifier"),
        pytest.param("seed", b'{"kontoDto":null}', id="no identifier beside no account"),
        pytest.param("seed", b'{"tin":null,"kontoDto":null}', id="an identifier of null"),
        pytest.param("seed", b'{"tin":17816994780,"kontoDto":null}', id="an identifier that is a number"),
        pytest.param("seed", CURRENT_BODY, id="the other profile's answer: not 'no account'"),
        pytest.param("current", SEED_BODY, id="the other profile's answer, the other way"),
        pytest.param("seed", seed("32432567604"), id="a bare number for an account"),
        pytest.param("seed", seed([SEED_ACCOUNT, "x"]), id="a list with something else in it"),
        pytest.param("seed", seed({**SEED_ACCOUNT, "kontonummer": 32432567604}), id="an account that is a number"),
        pytest.param("seed", seed({**SEED_ACCOUNT, "erUtbetalingskort": "false"}), id="a word for a flag"),
        pytest.param("seed", seed({**SEED_ACCOUNT, "valgtDato": "23.03.2020"}), id="another form of date"),
        pytest.param("seed", seed({**SEED_ACCOUNT, "valgtDato": "2020-W13-1"}), id="a date by weeks"),
        pytest.param("seed", seed({**SEED_ACCOUNT, "valgtDato": "2020-02-30"}), id="a day that never was"),
    ],
)
def test_what_is_no_answer(profile, body):
    with pytest.raises(Unreadable) as refused:
        read(body, profile=profile)
    assert refused.value.__cause__ is None
    assert not any(digit in str(refused.value) for digit in "0123456789")


def test_nothing_printed_names_anybody():
    printed = repr(read(SEED_BODY)) + repr(read(CURRENT_BODY, profile="current"))
    for secret in (SEED_PERSON, FOREIGN_PERSON, "32432567604", "PL0828538647323163"):
        assert secret not in printed


JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=4)
MEMBERS = st.dictionaries(st.sampled_from([*SEED_ACCOUNT, "skjermet", "annet"]), JSON, max_size=6)


@given(account=st.one_of(JSON, MEMBERS, st.lists(MEMBERS, max_size=3)), tin=JSON)
def test_whatever_comes_is_read_or_refused(account, tin):
    try:
        answer = read(orjson.dumps({"tin": tin, "kontoDto": account}))
    except Unreadable:
        return
    assert answer.asked_for == SEED_PERSON
    assert answer.account is None or isinstance(answer.account, PayoutAccount)
