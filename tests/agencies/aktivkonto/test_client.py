"""The client of Aktiv konto against a server that keeps every byte: what leaves, what comes back, what is recorded."""

import hashlib
import logging
import uuid

import orjson
import pytest

from agencies import errors
from agencies.aktivkonto.answers import ActiveAccount
from agencies.aktivkonto.checks import check_path
from agencies.aktivkonto.client import AktivKonto, Service
from agencies.aktivkonto.faults import NoSuchAddress, NoSuchParty
from agencies.tokens import claims_of
from audit import outbound
from audit.models import AuditRecord
from audit.secrecy import Kind, hash_of
from dsop.logs import JSONLines
from tests.agencies.aktivkonto.test_answers import (
    CURRENT_BODY,
    FOREIGN,
    FOREIGN_PERSON,
    NORWEGIAN,
    SEED_BODY,
    SEED_PERSON,
)
from tests.agencies.code_tables import rows_of

pytestmark = pytest.mark.django_db
PACKAGE = "navUtbetalingskonto"
ENTERPRISE = "213456008"
OTHERS_CORRELATION_ID = "df496591-dabc-42b8-84e2-163ad19302e6"


def client(recorder, profile="seed", **service):
    base = recorder.base + ("/v3" if profile == "current" else "")
    return AktivKonto(Service(base_url=base, profile=profile, rights_package=PACKAGE, **service))


def fault(code, **members):
    return orjson.dumps(
        {"kode": code, "melding": f"om {SEED_PERSON}", "korrelasjonsid": OTHERS_CORRELATION_ID, **members}
    )


# --- what leaves ---


@pytest.mark.parametrize(
    ("profile", "line", "body"),
    [
        pytest.param(
            "seed", "POST /api/aktivkonto/ekstern/v3/tin HTTP/1.1", b'{"tin": "17816994780"}', id="seed's page"
        ),
        pytest.param("current", f"GET /v3/{PACKAGE}/17816994780 HTTP/1.1", b"", id="current, as read"),
    ],
)
def test_the_request_on_the_wire(recorder, profile, line, body):
    recorder.answer(body=SEED_BODY if profile == "seed" else b'{"personidentifikator":"17816994780"}')
    client(recorder, profile).look_up(SEED_PERSON)
    (seen,) = recorder.seen
    assert (seen.line, seen.body) == (line, body)
    sent = dict(seen.headers)
    token, correlation_id = sent.pop("Authorization").removeprefix("Bearer "), sent.pop("Korrelasjonsid")
    assert sent == {
        "Host": f"127.0.0.1:{recorder.port}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "dsop-kontrollinformasjon",
        **({"Content-Length": str(len(body))} if body else {}),
    }
    assert uuid.UUID(correlation_id).version == 4
    claims = claims_of(token)
    assert (claims["scope"], claims["aud"]) == ("skatteetaten:aktivkonto", "unspecified"), "no resource was asked for"


def test_the_path_of_the_current_profile_is_a_template(recorder):
    recorder.answer(body=CURRENT_BODY)
    path = "/oppslag/{personidentifikator}?rettighetspakke={rettighetspakke}"
    client(recorder, "current", path=path).look_up(FOREIGN_PERSON)
    assert recorder.seen[0].line == f"GET /v3/oppslag/{FOREIGN_PERSON}?rettighetspakke={PACKAGE} HTTP/1.1"


def test_for_another_organisation_that_has_delegated(recorder):
    recorder.answer(body=SEED_BODY)
    service = Service(base_url=recorder.base, profile="seed")
    with pytest.raises(errors.NoToken):
        AktivKonto(service, consumer_org="974761076").look_up(SEED_PERSON)
    assert recorder.seen == [], "nobody has delegated to us"


# --- what comes back ---


@pytest.mark.parametrize(
    ("profile", "asked_for", "body", "account"),
    [
        pytest.param("seed", SEED_PERSON, SEED_BODY, NORWEGIAN, id="seed's body as printed"),
        pytest.param("current", FOREIGN_PERSON, CURRENT_BODY, FOREIGN, id="current's body as printed"),
    ],
)
def test_the_page_s_answers(recorder, profile, asked_for, body, account):
    recorder.answer(body=body)
    assert client(recorder, profile).look_up(asked_for) == ActiveAccount(asked_for, asked_for, account)


MEANING = {
    "seed 404 AKE-002": NoSuchParty,
    "current 404 AKE-003": NoSuchAddress,
    "current 404 AKE-007": NoSuchParty,
    "all 404 DAS-002": NoSuchAddress,
}
BY_STATUS = {
    400: errors.Invalid,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    406: errors.NotAcceptable,
    500: errors.Failed,
}
TIMES_SENT = {401: 2, 500: 3}


@pytest.mark.parametrize(
    ("profile", "row"),
    [
        pytest.param(profile, row, id=f"{profile}: {row}")
        for profile in ("seed", "current")
        for row in rows_of("aktivkonto_codes", profile=profile)
        if str(row) != "current 404 AKE-008"
    ],
)
def test_every_code(recorder, caplog, profile, row):
    recorder.answer(row.http, fault(row.code, nytt={"felt": 1}), times=3)
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.AgencyError) as refused:
        client(recorder, profile).look_up(SEED_PERSON)
    error = refused.value
    assert type(error) is MEANING.get(str(row), BY_STATUS[row.http])
    assert (error.api, error.status, error.code, error.correlation_id) == (
        "aktivkonto",
        row.http,
        row.code,
        OTHERS_CORRELATION_ID,
    )
    assert len(recorder.seen) == TIMES_SENT.get(row.http, 1)
    written = "".join(map(JSONLines().format, caplog.records))  # the libraries' own lines too
    assert "agencies.refused" in written
    assert SEED_PERSON not in str(error) + repr(error) + written


def test_no_account_is_an_answer(recorder):
    recorder.answer(404, fault("AKE-008"))
    assert client(recorder, "current").look_up(SEED_PERSON) == ActiveAccount(SEED_PERSON, None, None)


@pytest.mark.parametrize(
    ("profile", "status", "code", "expected"),
    [
        pytest.param("seed", 500, "AKE-001", errors.Failed, id="another profile's number under its status"),
        pytest.param("current", 404, "AKE-003", NoSuchAddress, id="a code that says more than its status"),
        pytest.param("current", 400, "AKE-003", errors.Invalid, id="a code under another status than its own"),
        pytest.param("current", 500, "AKE-008", errors.AgencyError, id="'no account' with a fault is not an answer"),
        pytest.param("seed", 404, "AKE-008", errors.NotFound, id="'no account' is not known to the seed profile"),
        pytest.param("seed", 418, "AKE-999", errors.Refused, id="a code and a status nobody knows"),
        pytest.param("current", 503, "AKE-002", errors.Unavailable, id="away"),
    ],
)
def test_status_first_then_code(recorder, profile, status, code, expected):
    recorder.answer(status, fault(code), times=3)
    with pytest.raises(expected):
        client(recorder, profile).look_up(SEED_PERSON)


@pytest.mark.parametrize("profile", ["seed", "current"])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(404, b"404 NOT FOUND", id="words in plain text"),
        pytest.param(404, b"Unknown instance. ID=8ac2", id="a gateway's words"),
        pytest.param(403, b"<html></html>", id="a page of a proxy"),
        pytest.param(404, b'{"kode":"AKE-002"}', id="half of the format"),
        pytest.param(200, b"<html></html>", id="a page that says all is well"),
        pytest.param(200, b"{}", id="an object without the party"),
        pytest.param(302, b"", id="a redirect"),
        pytest.param(204, b"", id="no content"),
    ],
)
def test_what_did_not_reach_the_application(recorder, profile, status, body):
    recorder.answer(status, body, times=3)
    with pytest.raises(errors.NotTheApplication) as refused:
        client(recorder, profile).look_up(SEED_PERSON)
    assert (refused.value.status, str(refused.value)) == (status, "The request did not reach the application.")
    assert len(recorder.seen) == 1


@pytest.mark.parametrize("profile", ["seed", "current"])
def test_a_cut_connection_is_tried_twice_more(recorder, profile):
    recorder.cut(times=2)
    recorder.answer(body=b'{"tin":"17816994780","personidentifikator":"17816994780"}')
    assert client(recorder, profile).look_up(SEED_PERSON).account is None
    assert len({seen.header("Korrelasjonsid") for seen in recorder.seen}) == 3, "each has an id of its own"


# --- what never leaves ---


@pytest.mark.parametrize("profile", ["seed", "current"])
@pytest.mark.parametrize(
    "identifier",
    [
        pytest.param("", id="nothing"),
        pytest.param("1781699478", id="ten digits"),
        pytest.param("178169947800", id="twelve digits"),
        pytest.param("17816994780\n", id="a line end"),
        pytest.param(" 17816994780", id="a blank"),
        pytest.param("1781699478x", id="a letter"),
        pytest.param("١٧٨١٦٩٩٤٧٨٠", id="other digits than ASCII's"),
        pytest.param("../17816994", id="a path"),
        pytest.param("01010112345", id="a real person's form, outside production"),
        pytest.param(ENTERPRISE, id="an enterprise, which is off"),
    ],
)
def test_what_the_client_refuses(recorder, profile, identifier):
    with pytest.raises(errors.BadInput) as refused:
        client(recorder, profile).look_up(identifier)
    assert refused.value.what == "identifier"
    assert recorder.seen == []
    assert not AuditRecord.objects.exists()


@pytest.mark.parametrize("number", ["17816994780", "46907200809", "28707299217", "01810012345"])
def test_no_synthetic_person_is_asked_about_in_production(number):
    production = Service(
        base_url="https://aktivkonto.api.skatteetaten.no/v3", profile="current", rights_package=PACKAGE
    )
    with pytest.raises(errors.BadInput):
        AktivKonto(production).look_up(number)


def test_wrong_control_digits_are_only_told_of(recorder, caplog):
    recorder.answer(body=b'{"tin":"17816994789","kontoDto":null}')
    with caplog.at_level(logging.WARNING):
        assert client(recorder).look_up("17816994789").account is None
    assert "agencies.check_digits" in [record.message for record in caplog.records]
    assert "17816994789" not in "".join(map(JSONLines().format, caplog.records))


def test_enterprises_by_setting(recorder):
    recorder.answer(body=b'{"tin":"213456008","kontoDto":null}')
    assert client(recorder, enterprises=True).look_up(ENTERPRISE) == ActiveAccount(ENTERPRISE, ENTERPRISE, None)
    assert recorder.seen[0].body == b'{"tin": "213456008"}'


SEED = {"AKTIVKONTO_BASE_URL": "https://api-test.sits.no", "AKTIVKONTO_PROFILE": "seed"}
CURRENT = {
    "AKTIVKONTO_BASE_URL": "https://aktivkonto.api.skatteetaten-test.no/v3/",
    "AKTIVKONTO_PROFILE": "current",
    "AKTIVKONTO_RIGHTS_PACKAGE": PACKAGE,
}
PRODUCTION = {**CURRENT, "AKTIVKONTO_BASE_URL": "https://aktivkonto.api.skatteetaten.no/v3"}


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        pytest.param(SEED, None, id="seed"),
        pytest.param(CURRENT, None, id="current"),
        pytest.param(PRODUCTION, None, id="production"),
        pytest.param({**SEED, "AKTIVKONTO_BASE_URL": ""}, "AKTIVKONTO_BASE_URL", id="no address"),
        pytest.param(
            {**SEED, "AKTIVKONTO_BASE_URL": "https://api-test.sits.no/v3"}, "AKTIVKONTO_BASE_URL", id="seed with /v3"
        ),
        pytest.param(
            {**CURRENT, "AKTIVKONTO_BASE_URL": "https://aktivkonto.api.skatteetaten-test.no"},
            "AKTIVKONTO_BASE_URL",
            id="current without /v3",
        ),
        pytest.param({**SEED, "AKTIVKONTO_PROFILE": ""}, "AKTIVKONTO_PROFILE", id="no profile"),
        pytest.param({**SEED, "AKTIVKONTO_PROFILE": "v2"}, "AKTIVKONTO_PROFILE", id="a profile that there is not"),
        pytest.param(
            {**SEED, "AKTIVKONTO_BASE_URL": "https://api.skatteetaten.no"},
            "AKTIVKONTO_PROFILE",
            id="seed in production",
        ),
        pytest.param({**CURRENT, "AKTIVKONTO_RIGHTS_PACKAGE": ""}, "AKTIVKONTO_RIGHTS_PACKAGE", id="no package"),
        pytest.param(
            {**CURRENT, "AKTIVKONTO_RIGHTS_PACKAGE": "a/b"}, "AKTIVKONTO_RIGHTS_PACKAGE", id="a package that is a path"
        ),
        pytest.param({**CURRENT, "AKTIVKONTO_PATH": "/{rettighetspakke}"}, "AKTIVKONTO_PATH", id="a path without whom"),
    ],
)
def test_settings(settings, given, setting):
    for name, value in given.items():
        setattr(settings, name, value)
    if setting is None:
        assert Service.from_settings().faults() == []
        return
    with pytest.raises(errors.NotConfigured) as refused:
        Service.from_settings()
    assert refused.value.setting == setting


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("/{rettighetspakke}/{personidentifikator}", [], id="as read"),
        pytest.param("/{personidentifikator}", [], id="without the package"),
        pytest.param("{rettighetspakke}/{personidentifikator}", ["dsop.E140"], id="glued to the base URL"),
        pytest.param("/{rettighetspakke}", ["dsop.E140"], id="without whom"),
        pytest.param("", ["dsop.E140"], id="none"),
    ],
)
def test_the_path_is_checked_before_anything_starts(settings, path, found):
    settings.AKTIVKONTO_PATH = path
    assert [one.id for one in check_path()] == found


# --- what is recorded ---


@pytest.mark.parametrize("profile", ["seed", "current"])
def test_each_attempt_is_recorded_before_it_leaves(recorder, profile):
    recorder.cut()
    recorder.answer(404, fault("AKE-007"))
    with pytest.raises(errors.NotFound):
        client(recorder, profile).look_up(SEED_PERSON)
    body = recorder.seen[0].body
    recorded = AuditRecord.objects.order_by("at", "id")
    assert [
        (
            record.outcome,
            record.consumer,
            record.service,
            record.endpoint,
            bytes(record.control_object_hash),
            str(record.correlation_id),
            record.document_digest and bytes(record.document_digest),
        )
        for record in recorded
    ] == [
        (
            "sent",
            "974761076",
            "agencies:aktivkonto",
            "aktivkonto.tin",
            hash_of(Kind.PARTY, SEED_PERSON),
            seen.header("Korrelasjonsid"),
            hashlib.sha256(body).digest() if body else None,
        )
        for seen in recorder.seen
    ]


def test_no_record_no_question(recorder, monkeypatch):
    monkeypatch.setattr(outbound, "insert_into", lambda table: f"INSERT INTO no_{table} VALUES (%s)")
    with pytest.raises(errors.NotRecorded):
        client(recorder).look_up(SEED_PERSON)
    assert recorder.seen == []
