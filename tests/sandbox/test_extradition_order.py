"""The police's stand-in over real HTTP, and `manage.py extradition_order`: an order that the service itself accepts."""

import json
import threading
import uuid
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import urllib3
from cryptography import x509
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import CommandError, call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler
from django.utils import timezone

from legal.certificate_reasons import Reason
from legal.endpoints import Endpoint
from legal.extradition import OrderReader
from legal.extradition_claims import FLAGS, REASONS
from legal.extradition_keys import PoliceKeys, order_key_store
from legal.periods import Period
from legal.refusals import OrderCertificate, OrderClaims, OrderHeader, OrderKeyUnknown
from sandbox.certpub.site import Site
from sandbox.maskinporten import jws
from sandbox.police import orders
from sandbox.police.authority import POLICY, police_at, prepare

PARTY = "15869010089"
FIELDS = {"kty", "use", "kid", "n", "e", "x5c", "x5t#S256", "nbf", "exp"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The stand-in's files behind a real socket, made once."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    site = Site(tmp_path_factory.mktemp("sandbox"), f"http://127.0.0.1:{server.server_port}")
    prepare(site)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def sandbox(settings, site):
    """The service's settings, as the sandbox writes them for that address."""
    settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.SANDBOX_FOLDER = "sandbox.urls", [], site.folder
    settings.MASKINPORTEN_ISSUER = f"{site.origin}/sandbox/maskinporten/"
    settings.KEYS_COOLDOWN_SECONDS = settings.KEYS_REFRESH_SECONDS  # nobody answers once the tests are through
    settings.EXTRADITION_JWKS_URL = f"{site.origin}/sandbox/police/jwks.json"
    settings.EXTRADITION_ROOTS_FILE = str(site.folder / "police" / "roots.pem")


@pytest.fixture
def reader():
    store = order_key_store()
    store.turn()
    return OrderReader(store)


def printed(*options):
    out = StringIO()
    call_command("extradition_order", PARTY, *options, stdout=out)
    return out.getvalue().removesuffix("\n")


def get(site, path):
    with urllib3.PoolManager(retries=False, timeout=10) as http:
        return http.request("GET", f"{site.origin}/sandbox/police/{path}", redirect=False)


def now():
    return datetime.now(UTC)


def test_the_key_set_has_the_members_of_the_police_s_own(site):
    answer = get(site, "jwks.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    [member] = json.loads(answer.data)["keys"]
    assert set(member) == FIELDS
    assert (member["kty"], member["use"], member["kid"].isdigit(), len(member["x5c"])) == ("RSA", "sig", True, 2)


@pytest.mark.parametrize("name", ["root", "intermediate"])
def test_lists_of_revoked_certificates(site, name):
    answer = get(site, f"crl/{name}.crl")
    found = x509.load_der_x509_crl(answer.data)
    issuer = getattr(police_at(site), name)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pkix-crl")
    assert found.issuer == issuer.certificate.subject
    assert found.is_signature_valid(issuer.certificate.public_key())
    assert list(found) == []


@pytest.mark.parametrize("path", ["", "jwks", "jwks.json/", "crl/other.crl", "crl/root.crl/x"])
def test_nothing_else_is_published(site, path):
    assert get(site, path).status == 404


def test_a_1_what_is_printed_is_accepted(site, reader):
    order = reader.read(printed(), now=now())
    today = timezone.localdate()
    assert (order.party_number, order.only_primary_owner, order.version) == (PARTY, False, "1.0.0")
    assert order.endpoints == {Endpoint.ACCOUNTS, *FLAGS}
    assert (order.period.to_date, order.period.from_date.year) == (today, today.year - 1)
    assert order.key_id == police_at(site).key_id


def test_options(reader):
    case = uuid.uuid4()
    order = reader.read(
        printed(
            *("--case", str(case), "--from-date", "2020-02-29", "--to-date", "2021-01-01"),
            *("--mandate", "missing-person", "--only-primary-owner"),
        ),
        now=now(),
    )
    assert (order.case_id, order.period) == (case, Period(date(2020, 2, 29), date(2021, 1, 1)))
    assert (order.mandate, order.only_primary_owner) == ("Straffeprosessloven §210 (3) andre punktum", True)


def test_each_order_has_an_id_of_its_own(reader):
    read = [reader.read(printed(), now=now()) for _ in range(2)]
    assert len({order.extradition_order_id for order in read}) == len({order.case_id for order in read}) == 2


def test_the_fixed_texts_are_the_same_in_both_houses():
    assert orders.REASONS == REASONS


def claims_of(text):
    return jws.opened(text).claims


def test_members_are_replaced_removed_and_merged():
    changes = {"cards": False, "exp": None, "district": {"districtLabel": None, "x": 1}, "new": {"a": 1}}
    changed, right = claims_of(printed("--claims", json.dumps(changes))), claims_of(printed())
    assert changed["district"] == {"districtID": "201", "x": 1}
    assert (changed["cards"], changed["new"], "exp" in changed) == (False, {"a": 1}, False)
    assert set(right) - set(changed) == {"exp"}
    assert claims_of(printed("--claims", '{"district": 7}'))["district"] == 7


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        pytest.param(["--claims", '{"exp": null}'], OrderClaims, id="A6 a claim removed"),
        pytest.param(["--claims", '{"approval": {"approvedByID": null}}'], OrderClaims, id="A6 one inside removed"),
        pytest.param(["--headers", '{"alg": "RS256"}'], OrderHeader, id="A3 another algorithm"),
        pytest.param(["--headers", '{"typ": null}'], OrderHeader, id="A3 no typ"),
        pytest.param(["--headers", '{"kid": "1"}'], OrderKeyUnknown, id="A3 an unknown key"),
    ],
)
def test_what_is_changed_is_refused(reader, options, refusal):
    with pytest.raises(refusal):
        reader.read(printed(*options), now=now())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(["1586901008"], "The identifier must be eleven or nine digits.", id="ten digits"),
        pytest.param([PARTY, "--case", "x"], "--case must be a uuid.", id="no uuid"),
        pytest.param([PARTY, "--from-date", "1.1.2020"], "--from-date must be a date as YYYY-MM-DD.", id="no date"),
        pytest.param([PARTY, "--to-date", "2020-02-30"], "--to-date must be a date as YYYY-MM-DD.", id="no such day"),
        pytest.param([PARTY, "--claims", "{"], "--claims must be JSON.", id="half an object"),
        pytest.param([PARTY, "--headers", "[]"], "--headers must be a JSON object.", id="a list"),
        pytest.param([PARTY, "--mandate", "x"], "invalid choice: 'x'", id="another mandate"),
    ],
)
def test_what_cannot_be_ordered(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("extradition_order", *options, stdout=StringIO())


def test_what_stays_and_what_is_made_anew(site, tmp_path):
    """A second start keeps everything; another address, an end that is near, and a revocation are put right."""
    first = police_at(site)
    assert prepare(site).certificate == first.certificate
    elsewhere = Site(tmp_path / "new", "http://127.0.0.1:8001")
    made = police_at(elsewhere)
    assert police_at(elsewhere).certificate == made.certificate
    moved = prepare(Site(elsewhere.folder, "http://127.0.0.1:8002"))
    assert moved.root.certificate == made.root.certificate
    assert (moved.certificate != made.certificate, moved.key_id != made.key_id) == (True, True)
    late = prepare(elsewhere, now() + timedelta(days=340))
    assert late.certificate.not_valid_after_utc > now() + timedelta(days=365)
    late.register.revoke(late.certificate, at=now())
    assert prepare(elsewhere, now() + timedelta(days=340)).certificate != late.certificate


def test_a_revoked_certificate_is_known_by_its_list(site, reader):
    """Last, because what is revoked stays so: the next start makes another."""
    police = police_at(site)
    police.register.revoke(police.certificate, at=now())
    fresh = order_key_store()
    fresh.turn()
    assert fresh.current().keys[police.key_id].refused is Reason.REVOKED
    with pytest.raises(OrderCertificate):
        OrderReader(fresh).read(printed(), now=now())
    prepare(site)
    assert isinstance(fresh._source, PoliceKeys)
    renewed = order_key_store()
    renewed.turn()
    assert OrderReader(renewed).read(printed(), now=now()).key_id != police.key_id


def test_the_policy_is_one_of_the_test_environment(settings):
    assert POLICY in settings.EXTRADITION_POLICIES
