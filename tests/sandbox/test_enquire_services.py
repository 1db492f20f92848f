"""`manage.py enquire` for each of the six services: what the agency sends, and how it reads to the last page."""

import json
import re
import threading
import uuid
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import CommandError, call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.http import HttpResponse
from django.test.testcases import QuietWSGIRequestHandler
from django.urls import include, path, re_path
from django.utils import timezone

from legal.extradition import OrderReader
from legal.extradition_keys import order_key_store
from legal.periods import Period, months_before
from sandbox.certpub.site import Site
from sandbox.consumer_services import SERVICES
from sandbox.maskinporten import jws
from sandbox.police.authority import prepare
from tests.consumer import identifier

PARTY, GUARDIAN = "15869010089", "55869010072"
COMPLETE = {"responseDetails": {"status": "complete"}}
LIST = COMPLETE | {
    "accounts": [
        {"accountReference": "dataNotDelivered", "accountIdentifier": "12345678903"},
        {"accountReference": "Ref-one_1", "accountIdentifier": "86011117947"},
        {"accountReference": "Ref-two_2"},
    ],
    "links": [],
}

bank = SimpleNamespace(answers={}, asked=[])


def answer(request, name, reference=""):
    bank.asked.append((name, reference, request.GET.dict(), dict(request.headers)))
    made = bank.answers.get((name, request.GET.get("cursor")), bank.answers.get(name, COMPLETE))
    status, body = made if isinstance(made, tuple) else (200, made)
    return HttpResponse(json.dumps(body), status=status, content_type="application/json")


urlpatterns = [
    path("sandbox/maskinporten/", include("sandbox.maskinporten.urls")),
    path("sandbox/police/", include("sandbox.police.urls")),
    re_path(r"^v2/customers/(?P<name>customerRelationships|accountServicingProvider)$", answer),
    path("v2/accounts", answer, {"name": "accounts"}),
    path("v2/accounts/<reference>", answer, {"name": "accountDetails"}),
    re_path(r"^v2/accounts/(?P<reference>[^/]+)/(?P<name>transactions|roles|cards)$", answer),
]


@pytest.fixture(scope="module")
def bank_server(tmp_path_factory):
    """A listening server and the police's files for its address, made once."""
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


@pytest.fixture
def site(settings, bank_server):
    """The programmable bank, answering rightly, beside the stand-ins."""
    site = bank_server
    settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.SANDBOX_FOLDER = __name__, [], site.folder
    settings.MASKINPORTEN_ISSUER = f"{site.origin}/sandbox/maskinporten/"
    settings.AUDIENCES = {f"{site.origin}/v2": []}
    settings.EXTRADITION_JWKS_URL = f"{site.origin}/sandbox/police/jwks.json"
    settings.EXTRADITION_ROOTS_FILE = str(site.folder / "police" / "roots.pem")
    bank.asked.clear()
    bank.answers = {"accounts": LIST}
    return site


def enquire(service, *options, party=PARTY):
    """Return what was printed and the error, if any."""
    out = StringIO()
    try:
        call_command("enquire", service, party, *options, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


NOT_IN_SERVICE = (400, {"code": "ACC-001", "message": "Not part of the service."})
ONE, TWO = "Ref-one_1", "Ref-two_2"
START = [("customerRelationships", ""), ("accounts", "")]
DETAILS, TRANSACTIONS, CARDS, ROLES = (
    [(name, ONE), (name, TWO)] for name in ("accountDetails", "transactions", "cards", "roles")
)
TODAY = timezone.localdate()
LAST_YEAR = TODAY.year - 1
SKATT = "Skatteforvaltningsloven § 10-2 første ledd, jf. § 10-14, jf. skatteforvaltningsforskriften § 10-2-1"
DEATH = "Arveloven § 92 første ledd og § 118, jf. § 88 a, jf. forskrift om Digitalt dødsbo"
WARD = "Vergemålsloven § 54 (2), jf. vergemålsforskriften § 20 (2), jf. vergemålsforskriften § 20a (1) b-e"
WARD_FIRST = "Vergemålsloven § 54 (2), jf. vergemålsforskriften §20a (2), jf. vergemålsforskriften §20a (1) a"
POLICE = "Straffeprosessloven §210 (3) første punktum"

# As the services are described: agency, mandates of both steps, TRUE or FALSE, days, what is asked.
ASKED = {
    "fi-utlegg-saldo": (
        "974761076",
        ("FI-Utlegg-Test", "FI-Utlegg-Test"),
        "true",
        (TODAY, TODAY),
        [*START, *DETAILS, ("transactions", ONE), ("roles", ONE), ("cards", ONE)],
    ),
    "skatt-kontroll": (
        "974761076",
        (SKATT, SKATT),
        "false",
        (months_before(TODAY, 120), TODAY),
        [*START, *DETAILS, *TRANSACTIONS, *CARDS, *ROLES],
    ),
    "konkursbehandling": (
        "974760673",
        ("kkl. §156 (3) og (4), jf. kkfor.§21", "kkl. §156 (3) og (4), jf. kkfor.§21"),
        "true",
        (TODAY - timedelta(300), TODAY),
        [*START, *DETAILS, *TRANSACTIONS, ("cards", ONE), ("roles", ONE)],
    ),
    "oppgjor-etter-dodsfall": (
        "974720760",
        (DEATH, DEATH),
        "true",
        (TODAY - timedelta(100), TODAY),
        [*START, *DETAILS, *TRANSACTIONS, ("roles", ONE), ("cards", ONE)],
    ),
    "vergekontroll": (
        "986186999",
        (WARD_FIRST, WARD),
        "true",
        (date(LAST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)),
        [*START, *DETAILS, *TRANSACTIONS, *ROLES, ("cards", ONE)],
    ),
    "politi-utlevering": (
        "915429785",
        (POLICE, POLICE),
        "false",
        (months_before(TODAY, 120), TODAY),
        [*START, ("accountServicingProvider", ""), *DETAILS, *TRANSACTIONS, *CARDS, *ROLES],
    ),
}
REQUESTERS = {"skatt-kontroll": "sandbox-skatt-1", "politi-utlevering": "sandbox-politi-1"}
OPTIONS = {"vergekontroll": ["--guardian", GUARDIAN]}


def refuse_what_is_not_in(service):
    """Let the bank refuse each endpoint that the service asks for one account alone."""
    asked = ASKED[service][-1]
    for name in ("transactions", "cards", "roles"):
        if (name, TWO) not in asked:
            bank.answers[name] = NOT_IN_SERVICE


def is_first_step(name):
    return name in ("customerRelationships", "accountServicingProvider")


def test_every_service_is_served():
    assert set(ASKED) == set(SERVICES)


@pytest.mark.parametrize("service", ASKED)
def test_steps_queries_and_headers(site, service):
    consumer, (first, second), owners, (from_date, to_date), steps = ASKED[service]
    refuse_what_is_not_in(service)
    assert enquire(service, *OPTIONS.get(service, []))[1] == ""
    assert [(name, reference) for name, reference, *_ in bank.asked] == steps
    days = {"fromDate": from_date.isoformat(), "toDate": to_date.isoformat()}
    for name, _, query, headers in bank.asked:
        about_party = {"customerRelationships": "Customerid", "accounts": "Partyid"}.get(name)
        assert query == (
            {} if name == "accountServicingProvider" else {"OnlyPrimaryOwner": owners, **days} if about_party else days
        )
        assert {key: headers[key] for key in ("Customerid", "Partyid") if key in headers} == (
            {about_party: PARTY} if about_party else {}
        )
        assert unquote(headers["Legal-Mandate"]) == (first if is_first_step(name) else second)
        assert headers.get("Requesterid") == (None if is_first_step(name) else REQUESTERS.get(service))
        claims = jws.opened(headers["Authorization"].removeprefix("Bearer ")).claims
        assert claims["consumer"]["ID"] == f"0192:{consumer}"
        assert claims["scope"] == {
            "customerRelationships": "bits:kundeforhold",
            "accountServicingProvider": "bits:kundeforhold.konto",
        }.get(name, "bits:kontoinformasjon")
    assert len({headers["Accountinforequestid"] for *_, headers in bank.asked}) == 1
    assert len({headers["Correlationid"] for *_, headers in bank.asked}) == len(bank.asked)


def references(service, *options):
    """Return the type and the reference of each question, the questions of step 1 apart."""
    refuse_what_is_not_in(service)
    enquire(service, *options)
    sent = [
        (is_first_step(name), headers.get("Additionalreferenceidtype"), headers.get("Additionalreferenceid"))
        for name, *_, headers in bank.asked
    ]
    return {pair[1:] for pair in sent if pair[0]}, {pair[1:] for pair in sent if not pair[0]}


@pytest.mark.parametrize("service", sorted(set(ASKED) - {"vergekontroll", "politi-utlevering"}))
def test_services_without_an_additional_reference(site, service):
    assert references(service) == ({(None, None)}, {(None, None)})


def test_the_guardian_goes_with_step_2(site):
    assert references("vergekontroll", "--guardian", GUARDIAN) == ({(None, None)}, {("srf", GUARDIAN)})


def test_the_guardian_of_a_character_is_known(site):
    ward = identifier("under-guardianship")
    bank.answers["cards"] = NOT_IN_SERVICE
    assert enquire("vergekontroll", party=ward)[1] == ""
    sent = {headers.get("Additionalreferenceid") for name, *_, headers in bank.asked if not is_first_step(name)}
    assert len(sent) == 1
    assert re.fullmatch("[0-9]{11}", sent.pop())


@pytest.mark.parametrize(
    ("options", "party"),
    [
        pytest.param([], PARTY, id="nobody's ward"),
        pytest.param(["--guardian", "5586901007"], PARTY, id="ten digits"),
        pytest.param(["--guardian", "312345617"], PARTY, id="an organisation"),
        pytest.param([], identifier("debtor-five-accounts"), id="a character without a guardian"),
    ],
)
def test_a_ward_without_a_guardian(site, options, party):
    sentence = "--guardian must be eleven digits; the synthetic bank has nobody for this ward."
    assert enquire("vergekontroll", *options, party=party) == ("", sentence)
    assert bank.asked == []


def test_the_order_is_for_this_enquiry(site):
    """One order for the whole of step 2, which the service itself accepts: this party, this case, these days."""
    first, second = references("politi-utlevering", "--from-date", "2020-01-01", "--to-date", "2020-12-31")
    assert first == {(None, None)}
    [(kind, order)] = second
    store = order_key_store()
    store.turn()
    read = OrderReader(store).read(order, now=datetime.now(UTC))
    assert kind == "pol1"
    assert (read.party_number, read.mandate, read.only_primary_owner) == (PARTY, POLICE, False)
    assert read.period == Period(date(2020, 1, 1), date(2020, 12, 31))
    assert read.case_id == uuid.UUID(bank.asked[0][-1]["Accountinforequestid"])


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["as text", "as JSON"])
def test_an_order_is_not_printed(site, options):
    printed, error = enquire("politi-utlevering", *options)
    order = bank.asked[-1][-1]["Additionalreferenceid"]
    assert error == ""
    assert order not in printed
    assert f"... ({len(order)} characters)" in printed


def test_the_servicing_provider_is_asked_by_an_account_number(site):
    enquire("politi-utlevering")
    sent = {name: headers.get("Accountid") for name, *_, headers in bank.asked}
    assert sent.pop("accountServicingProvider") == "12345678903"
    assert set(sent.values()) == {None}


def test_without_accounts_nothing_more_is_asked(site):
    bank.answers["accounts"] = COMPLETE | {"accounts": [], "links": []}
    assert enquire("politi-utlevering")[1] == ""
    assert [name for name, *_ in bank.asked] == ["customerRelationships", "accounts"]


@pytest.mark.parametrize(
    ("options", "days"),
    [
        pytest.param(["--from-date", "2025-01-01"], ("2025-01-01", f"{TODAY}"), id="from"),
        pytest.param(["--to-date", "2030-01-01"], (f"{TODAY - timedelta(300)}", "2030-01-01"), id="to"),
        pytest.param(["--from-date", "2025-01-01", "--to-date", "2025-02-01"], ("2025-01-01", "2025-02-01"), id="both"),
    ],
)
def test_other_days(site, options, days):
    bank.answers["accounts"] = COMPLETE | {"accounts": []}
    enquire("konkursbehandling", *options)
    assert {(query["fromDate"], query["toDate"]) for _, _, query, _ in bank.asked} == {days}


@pytest.mark.parametrize("option", ["--from-date", "--to-date"])
@pytest.mark.parametrize("text", ["x", "2025-02-30", "20250101", "01.01.2025"])
def test_days_that_are_none(site, option, text):
    assert enquire("skatt-kontroll", option, text) == ("", f"{option} must be a date as YYYY-MM-DD.")


def page(cursor=None, slash="/", **link):
    """Return a page of transactions that leads on to the cursor, if there is one."""
    href = f"{slash}accounts/{ONE}/transactions?fromDate=2025-01-01&toDate=2025-02-01&cursor={cursor}"
    following = [{"rel": "next", "href": href} | link] if cursor else []
    return COMPLETE | {"transactions": [], "links": [{"rel": "self", "href": "/accounts/x"}, *following]}


def pages_of(first, **others):
    """Let the one account have these pages of transactions by their cursors."""
    bank.answers["accounts"] = COMPLETE | {"accounts": LIST["accounts"][1:2]}
    bank.answers["transactions"] = first
    bank.answers |= {("transactions", cursor): other for cursor, other in others.items()}


def cursors():
    return [query.get("cursor") for name, _, query, _ in bank.asked if name == "transactions"]


@pytest.mark.parametrize("slash", ["/", ""], ids=["with a slash before", "without"])
def test_pages_are_followed_to_the_end(site, slash):
    pages_of(page("b-1", slash), **{"b-1": page("c_2", slash), "c_2": page()})
    assert enquire("skatt-kontroll")[1] == ""
    assert cursors() == [None, "b-1", "c_2"]
    followed = [asked for asked in bank.asked if asked[0] == "transactions"][1:]
    assert [query for _, _, query, _ in followed] == [
        {"fromDate": "2025-01-01", "toDate": "2025-02-01", "cursor": cursor} for cursor in ("b-1", "c_2")
    ]
    assert len({headers["Correlationid"] for *_, headers in bank.asked}) == len(bank.asked)
    assert {headers["Requesterid"] for *_, headers in followed} == {"sandbox-skatt-1"}


def test_pages_of_each_account_alone(site):
    """The second account is asked from its own beginning when the first has been read to its end."""
    bank.answers |= {"transactions": page("b"), ("transactions", "b"): page()}
    assert enquire("konkursbehandling")[1] == "2 of 10 answers were not as expected.", "cards and roles answer here"
    asked = [(reference, query.get("cursor")) for name, reference, query, _ in bank.asked if name == "transactions"]
    assert asked == [(ONE, None), (ONE, "b"), (TWO, None), (ONE, "b")]


@pytest.mark.parametrize(
    "href",
    [
        pytest.param(None, id="null"),
        pytest.param("", id="empty"),
        pytest.param("https://elsewhere.example/accounts/x/transactions", id="to another host"),
        pytest.param("//elsewhere.example/accounts/x/transactions", id="to another host, without a scheme"),
        pytest.param("/v2/accounts/x/transactions", id="with the base path"),
        pytest.param("/accounts/../admin", id="upwards"),
        pytest.param("/accounts/x/transactions#x", id="with a fragment"),
        pytest.param("/accounts/x/transactions?a=b c", id="with a blank"),
        pytest.param("transactions?cursor=b", id="relative to itself"),
    ],
)
def test_a_link_that_leads_elsewhere_is_seen(site, href):
    pages_of(page("b", href=href))
    printed, error = enquire("skatt-kontroll")
    assert error == "1 of 6 answers were not as expected."
    assert "expected one link to the next page of transactions, relative to the bank's address." in printed
    assert cursors() == [None]


def test_two_links_to_the_next_page(site):
    twice = page("b")
    twice["links"].append(twice["links"][-1])
    pages_of(twice)
    assert enquire("skatt-kontroll")[1] == "1 of 6 answers were not as expected."


def test_pages_in_a_circle_end(site):
    pages_of(page("b"), b=page("c"), c=page("b"))
    assert enquire("skatt-kontroll")[1] == "The pages of transactions do not end."
    assert cursors() == [None, "b", "c"]


def test_a_page_that_is_refused_is_seen(site):
    pages_of(page("b"), b=(400, {"code": "ACC-001", "message": "x"}))
    assert enquire("skatt-kontroll")[1] == "1 of 7 answers were not as expected."


def test_the_account_list_is_never_paged(site):
    bank.answers["accounts"] = LIST | {"links": [{"rel": "next", "href": "/accounts/x/more"}]}
    printed, error = enquire("skatt-kontroll")
    assert "expected the whole list of accounts at once." in printed
    assert error.startswith("1 of ")


@pytest.mark.parametrize("links", [None, 7, [], [None], [{"rel": "self", "href": "/accounts/x"}]], ids=str)
def test_without_a_link_there_is_no_next_page(site, links):
    pages_of(COMPLETE | {"transactions": [], "links": links})
    assert enquire("skatt-kontroll")[1] == ""
    assert cursors() == [None]


# --- against the bank itself, as shipped ---


@pytest.mark.parametrize(
    ("service", "case", "options"),
    [
        pytest.param("skatt-kontroll", "debtor-five-accounts", [], id="skatt-kontroll"),
        pytest.param("oppgjor-etter-dodsfall", "deceased", [], id="oppgjor-etter-dodsfall"),
        pytest.param("oppgjor-etter-dodsfall", "deceased", ["--encrypted"], id="encrypted to the other number"),
        pytest.param("vergekontroll", "under-guardianship", [], id="vergekontroll"),
        pytest.param("politi-utlevering", "debtor-five-accounts", [], id="politi-utlevering"),
        pytest.param("politi-utlevering", "organisation", ["--encrypted"], id="politi-utlevering, encrypted"),
    ],
)
def test_the_bank_answers_as_the_standard_promises(server, clean_audit, service, case, options):
    printed, error = enquire(service, *options, party=identifier(case))
    assert error == "", printed
    assert re.search(r"\n[0-9]+ questions, every answer as expected\.\n$", printed)
