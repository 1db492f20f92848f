"""Each status of Lånekassen's page, met by the client over a socket: at a server that says what the page says, and at
the stand-in."""

import json

import pytest

from agencies.errors import AgencyError, Busy, Failed, Forbidden, Invalid, NotFound, Unauthenticated
from agencies.studielan.accounts import look_up
from agencies.studielan.asking import lanekassen
from agencies.studielan.errors import ConsentNeeded
from tests.agencies.code_tables import rows
from tests.agencies.studielan.customers import SECRET, asked_of, login_of
from tests.wire import recording

KINDS = {400: Invalid, 401: Unauthenticated, 403: Forbidden, 404: NotFound, 429: Busy, 500: Failed}
ROWS = rows("studielan_codes")


def test_the_page_has_these():
    assert [row.http for row in ROWS] == list(KINDS)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_status_alone_decides(bank, row):
    """Its body is not documented: nothing of it is read, and nothing repeated."""
    with recording() as server:
        server.answer(row.http, json.dumps({"message": row.text}), times=2)
        with pytest.raises(AgencyError) as refused:
            lanekassen().session.call("GET", f"{server.base}/saldo/v1/Accounts", repeatable=False)
    error = refused.value
    assert (type(error), error.status, error.code) == (KINDS[row.http], row.http, "")
    assert row.text not in str(error)
    assert error.correlation_id == server.seen[-1].header("X-Request-Id")


@pytest.mark.parametrize(
    ("row", "case", "settings_of_the_bank", "error"),
    [
        pytest.param(ROWS[1], "7", {"LANEKASSEN_API_KEY": "another"}, Unauthenticated, id="401 for another key"),
        pytest.param(ROWS[2], "withdrawn", {}, ConsentNeeded, id="403 for a consent withdrawn"),
        pytest.param(ROWS[3], "unknown", {}, NotFound, id="404 for who is no customer"),
        pytest.param(ROWS[4], "busy", {}, Busy, id="429"),
        pytest.param(ROWS[5], "failing", {}, Failed, id="500"),
    ],
)
def test_the_stand_in_is_met_likewise(bank, consented, settings, patient, row, case, settings_of_the_bank, error):
    customer = consented(case)
    for name, value in settings_of_the_bank.items():
        setattr(settings, name, value)
    with pytest.raises(error) as refused:
        look_up(customer.identifier, before_attempt=lambda _: None, wait=patient.wait)
    assert refused.value.status in {row.http, None}
    assert asked_of(bank)


def test_the_stand_in_says_400_to_a_request_without_its_headers(bank):
    answer = bank.ask("GET", "/lanekassen/saldo/v1/Accounts", {"PSU_ID": login_of("7", SECRET).identifier})
    assert (answer.status, answer.json()["message"]) == (ROWS[0].http, ROWS[0].text)
