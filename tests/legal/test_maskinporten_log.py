"""What is told of a token, and what never is (TOK-25, ERR-04, LOG-03)."""

import logging
from contextlib import suppress

import pytest

from legal.refusals import NotAuthenticated, TokenTimes
from tests.corridor_entrance import bearer, configured_issuer
from tests.issuer import CONSUMER

CORRELATION_ID = "0b2f2c1e-6f0a-4c39-9d7e-2f4a7a1f9b10"


@pytest.fixture(scope="module")
def issuer():
    with configured_issuer() as issuer:
        yield issuer


def facts_of(record):
    ordinary = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
    return {name: value for name, value in vars(record).items() if name not in ordinary}


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        pytest.param({}, "accepted", "", id="TOK-25 accepted"),
        pytest.param({"aud": "unspecified"}, "refused", "tok.audience", id="TOK-25 refused"),
        pytest.param({"cnf": {}}, "refused", "tok.bound", id="TOK-25 refused later"),
    ],
)
def test_tok_25_what_is_logged(issuer, caplog, changes, outcome, reason):
    caplog.set_level(logging.INFO)
    claims = issuer.claims(
        pid="15869010089", jti=f"logged-{outcome}-{reason}", client_id="id\r\nforged: line" + "x" * 300, scope="b a"
    )
    token = issuer.token(claims | changes)
    with suppress(NotAuthenticated):
        bearer(token, CorrelationID=CORRELATION_ID)
    (record,) = [record for record in caplog.records if record.name == "legal.maskinporten"]
    assert record.getMessage() == f"token.{outcome}"
    assert facts_of(record) == {
        "jti": claims["jti"],
        "iss": issuer.url,
        "kid": "key-one",
        "consumer": CONSUMER,
        "supplier": "",
        "client_id": "idforged: line" + "x" * 239,
        "client_amr": "virksomhetssertifikat",
        "scopes": "a b",
        "iat": claims["iat"],
        "exp": claims["exp"],
        "outcome": outcome,
        "reason": reason,
        "correlation_id": CORRELATION_ID,
    }


def test_tok_25_neither_the_token_nor_a_person_is_in_the_log(issuer, caplog):
    caplog.set_level(logging.DEBUG)
    token = issuer.token({"pid": "15869010089", "jti": "no person"})
    for text in (token, token + "=", token[:-8] + "AAAAAAAA"):
        with suppress(NotAuthenticated):
            bearer(text, CorrelationID="15869010089")
    written = repr([vars(record) for record in caplog.records])
    assert "no person" in written
    assert "15869010089" not in written
    assert all(segment not in written for segment in token.split("."))


def test_odd_times_are_not_logged(issuer, caplog):
    caplog.set_level(logging.INFO)
    with pytest.raises(TokenTimes):
        bearer(issuer.token({"exp": 10**300, "iat": "now"}))
    (record,) = [record for record in caplog.records if record.name == "legal.maskinporten"]
    assert not {"exp", "iat"} & set(facts_of(record))
