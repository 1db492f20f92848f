"""`manage.py enquire --encrypted` asks for encrypted answers, opens them as the agency, and sees what is wrong."""

import json
import shutil
import threading
from io import StringIO
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import hashes
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import CommandError, call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.http import HttpResponse
from django.test.testcases import QuietWSGIRequestHandler
from django.urls import include, path, re_path
from joserfc.jwe import encrypt_compact
from joserfc.jwk import RSAKey

from sandbox.certpub.agencies import encryption_certificate
from sandbox.certpub.preparing import prepare
from sandbox.certpub.site import Site
from sandbox.maskinporten.jws import base64url

DEBTOR, SKATTEETATEN, NAV = "15869010089", "974761076", "889640782"
COMPLETE = '"responseDetails":{"status":"complete"}'
DOCUMENTS = {
    "customerRelationships": '{"banks":[{"organizationID":"213456008","bankName":"Fjordbanken","activeAccount":true}]}',
    "accounts": f'{{{COMPLETE},"accounts":[{{"accountReference":"Ref-one_1"}}],"links":[]}}',
    "accountDetails": f'{{{COMPLETE},"account":{{"balances":[{{"amount":12345678901234567890.10}}]}}}}',
}
REFUSED = '{"code":"ACC-001","message":"Not part of the service."}'

bank = SimpleNamespace(asked=[], change={}, certificate=None)


def encrypted(document, certificate, **changes):
    header = {
        "alg": "RSA-OAEP-256",
        "enc": "A128CBC-HS256",
        "cty": "application/json",
        "x5t#S256": base64url(certificate.fingerprint(hashes.SHA256())),
    }
    header = {name: value for name, value in (header | changes).items() if value is not None}
    algorithms = [header["alg"], header["enc"]]
    return encrypt_compact(header, document, RSAKey.import_key(certificate.public_key()), algorithms=algorithms)


def answer(request, name, reference=""):
    bank.asked.append((name, request.headers["Accept"]))
    if name in bank.change:
        return bank.change[name]()
    if name in DOCUMENTS:
        return HttpResponse(encrypted(DOCUMENTS[name], bank.certificate), content_type="application/jose")
    return HttpResponse(REFUSED, status=400, content_type="application/json")


urlpatterns = [
    path("sandbox/maskinporten/", include("sandbox.maskinporten.urls")),
    path("v2/customers/customerRelationships", answer, {"name": "customerRelationships"}),
    path("v2/accounts", answer, {"name": "accounts"}),
    path("v2/accounts/<reference>", answer, {"name": "accountDetails"}),
    re_path(r"^v2/accounts/(?P<reference>[^/]+)/(?P<name>transactions|roles|cards)$", answer),
]


@pytest.fixture(scope="module")
def sandbox_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    prepare(Site(folder, "http://127.0.0.1:8000"))
    return folder


@pytest.fixture
def site(settings, sandbox_folder):
    """The bank, encrypting to Skatteetaten, behind a real socket beside Maskinporten's stand-in."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    origin = f"http://127.0.0.1:{server.server_port}"
    settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.SANDBOX_FOLDER = __name__, [], sandbox_folder
    settings.MASKINPORTEN_ISSUER, settings.AUDIENCES = f"{origin}/sandbox/maskinporten/", {f"{origin}/v2": []}
    site = Site(sandbox_folder, origin)
    bank.asked.clear()
    bank.change, bank.certificate = {}, encryption_certificate(SKATTEETATEN, site)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def enquire(*options):
    """Return what was printed and the error, if any."""
    out = StringIO()
    try:
        call_command("enquire", "fi-utlegg-saldo", DEBTOR, "--encrypted", *options, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_every_question_asks_for_encryption(site):
    assert enquire()[1] == ""
    asked = ["customerRelationships", "accounts", "accountDetails", "transactions", "roles", "cards"]
    assert bank.asked == [(name, "application/jose") for name in asked]


def test_as_one_json_document(site):
    printed, error = enquire("--json")
    exchanges = json.loads(printed)["exchanges"]
    header = {
        "alg": "RSA-OAEP-256",
        "enc": "A128CBC-HS256",
        "cty": "application/json",
        "x5t#S256": base64url(bank.certificate.fingerprint(hashes.SHA256())),
    }
    assert error == ""
    assert [each["response"].get("jweHeader") for each in exchanges] == [header] * 3 + [None] * 3
    bodies = [json.loads(document) for document in DOCUMENTS.values()] + [json.loads(REFUSED)] * 3
    assert [each["response"]["body"] for each in exchanges] == bodies
    assert set(exchanges[0]["response"]) == {"status", "headers", "jweHeader", "body"}
    assert set(exchanges[3]["response"]) == {"status", "headers", "body"}
    types = [each["response"]["headers"]["Content-Type"] for each in exchanges]
    assert types == ["application/jose"] * 3 + ["application/json"] * 3
    assert '"amount": 12345678901234567890.10' in printed


def test_as_text(site):
    printed, _ = enquire()
    header = '{"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "cty": "application/json", "x5t#S256": '
    assert f"< 200 application/jose\n(opened by the agency: {header}" in printed
    assert '"amount": 12345678901234567890.10' in printed
    assert '< 400 application/json\n{\n  "code": "ACC-001",' in printed
    assert printed.endswith("6 questions, every answer as expected.\n")


def jose(document=DOCUMENTS["accounts"], content_type="application/jose", number=SKATTEETATEN, **changes):
    def made(site):
        body = encrypted(document, encryption_certificate(number, site), **changes)
        return HttpResponse(body, content_type=content_type)

    return made


def plain(content_type, body=DOCUMENTS["accounts"], status=200):
    return lambda site: HttpResponse(body, content_type=content_type, status=status)


CLOSED = "expected an answer that the agency can open; this one is not "
OTHER_HEADER = "expected a header of alg, cty, enc, x5t#S256, with application/json inside"
OTHER_TYPE = "expected application/jose and nothing beside it"
NO_OBJECT = "expected a JSON object as application/json"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        pytest.param(plain("application/json"), OTHER_TYPE, id="not encrypted"),
        pytest.param(plain("application/jose"), f"{CLOSED}five segments of base64url", id="plain under that name"),
        pytest.param(plain("application/jose", ""), f"{CLOSED}five segments of base64url", id="nothing"),
        pytest.param(
            jose(number=NAV),
            f"{CLOSED}encrypted to this key with the algorithms agreed on",
            id="encrypted to another agency",
        ),
        pytest.param(jose(content_type="application/jose; charset=utf-8"), OTHER_TYPE, id="with a charset"),
        pytest.param(jose(content_type="application/octet-stream"), OTHER_TYPE, id="another type"),
        pytest.param(jose(typ="JWE"), OTHER_HEADER, id="header with typ"),
        pytest.param(jose(cty="JWT"), OTHER_HEADER, id="header that announces a token"),
        pytest.param(jose(**{"x5t#S256": None}), OTHER_HEADER, id="header without thumbprint"),
        pytest.param(jose("[]"), NO_OBJECT, id="a list inside"),
        pytest.param(jose("{"), NO_OBJECT, id="half a document inside"),
        pytest.param(jose("\ufeff{}"), NO_OBJECT, id="byte order mark inside"),
        pytest.param(plain("application/json", "{}", 406), "expected 200", id="refused"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["as text", "as JSON"])
def test_a_wrong_answer_is_seen(site, wrong, sentence, options):
    bank.change["accounts"] = lambda: wrong(site)
    printed, error = enquire(*options)
    assert error == "1 of 2 answers were not as expected."
    if not options:
        assert f"\nNOT AS EXPECTED: {sentence}.\n" in printed


def test_a_refusal_is_never_encrypted(site):
    def refusal():
        return HttpResponse(encrypted(REFUSED, bank.certificate), status=400, content_type="application/jose")

    bank.change["roles"] = refusal
    printed, error = enquire()
    assert error == "1 of 6 answers were not as expected."
    assert "\nNOT AS EXPECTED: expected a JSON object as application/json.\n" in printed


def test_without_the_option_nothing_is_opened(site):
    out = StringIO()
    with pytest.raises(CommandError, match=r"^2 of 2 answers were not as expected\.$"):
        call_command("enquire", "fi-utlegg-saldo", DEBTOR, stdout=out)
    assert [accept for _, accept in bank.asked] == ["application/json"] * 2
    assert "Fjordbanken" not in out.getvalue()


def test_an_agency_without_its_key(site, settings, tmp_path):
    shutil.copytree(site.folder / "maskinporten", tmp_path / "maskinporten")
    settings.SANDBOX_FOLDER = tmp_path
    sentence = "The agency has no private key here: manage.py sandbox_certificates makes it."
    assert enquire() == ("", sentence)
    assert bank.asked == []
