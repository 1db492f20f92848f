"""Every way to say no: its status, codes and sentence, the tree that lists it, and a proof that it is given."""

import json
import re
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.freshness import check_freshness
from accounts.references import position_of
from accounts.standing import control_object
from audit import deadlines
from audit.background import Background
from audit.fetching import FetchFailed
from dsop import renderers
from dsop.certificates import AgencyCertificates, certificate_rules
from dsop.certpub import Directory
from dsop.errors import malformed
from dsop.time_limits import InTime
from legal import refusals
from legal.answers import refused
from legal.endpoints import Endpoint
from legal.extradition import check_request
from legal.facts import NOTHING_KNOWN, Facts
from legal.keys import KeyStore
from legal.limits import Limit, Permits
from legal.mandates import Agency, Mandates, service_in_force
from legal.periods import Period
from legal.refusals import Refusal
from legal.register import Register
from legal.rules import PERIOD_RULES, PRECONDITIONS, REFERENCE_RULES, REQUESTER_RULES
from legal.service_files import read_services
from legal.views import MandatedView, UnknownPath
from tests.authority import NOW
from tests.consumer import Consumer, identifier, mint
from tests.extradition import CASE, CLAIMS, PARTY, STRANGER, WISH, order
from tests.extradition import reader as order_reader_of_tests

EVERY = [kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
GIVEN = [kind for kind in EVERY if hasattr(kind, "reason")]
"""The classes that are raised; the others are branches of the tree."""

# The Common Standard on errors, with our own codes where the table for /customers names none.
CODES = {
    400: ({"ACC-001"}, {"ERR-002", "ERR-003", "ERR-004", "ERR-400"}),
    401: ({"ACC-010"}, {"ERR-401"}),
    403: ({"ACC-011"}, {"ERR-001"}),
    404: ({"ACC-002"}, {"ERR-404"}),
    405: ({"ACC-012"}, {"ERR-405"}),
    406: ({"ACC-013"}, {"ERR-406"}),
    429: ({"ACC-022"}, {"ERR-429"}),
    500: ({"ACC-100", "ACC-500"}, {"ERR-500"}),
}
REASONS = {
    "audit.unavailable", "aut.consumer", "aut.details", "aut.mandate", "aut.pid", "aut.supplier", "bug", "crt.none",
    "eo.certificate", "eo.claims", "eo.endpoint", "eo.header", "eo.key", "eo.malformed", "eo.mandate",
    "eo.not_in_force", "eo.other_case", "eo.other_mandate", "eo.other_party", "eo.outside_period", "eo.owners_only",
    "eo.period", "eo.signature", "eo.times", "form.account_id", "form.account_info_request_id",
    "form.additional_reference_id", "form.additional_reference_id_type", "form.correlation_id", "form.cursor",
    "form.customer_id", "form.from_date", "form.legal_mandate", "form.only_primary_owner", "form.party_id",
    "form.query", "form.requester_id", "form.to_date", "http.accept", "http.host", "http.malformed", "http.method",
    "http.not_found", "jwe.failed", "key.unavailable", "key.unknown", "ledger.inconsistent", "ledger.outdated",
    "ledger.unavailable", "limit.rate", "limit.unavailable", "load.waited", "pre.bankruptcy", "pre.death",
    "pre.guardianship", "register.unavailable",
    "rule.additional_reference", "rule.endpoint", "rule.guardian", "rule.mandate", "rule.order_missing",
    "rule.owners_only", "rule.period_death", "rule.period_future", "rule.period_last_year", "rule.period_reversed",
    "rule.period_ruling", "rule.period_today", "rule.period_too_long", "rule.period_until_today",
    "rule.requester_empty", "rule.requester_missing", "rule.type_guardian", "rule.type_order", "tok.algorithm",
    "tok.audience", "tok.bound", "tok.claims", "tok.consumer", "tok.expired", "tok.issuer", "tok.lifetime",
    "tok.malformed", "tok.missing", "tok.scope", "tok.signature", "tok.times",
}  # fmt: skip


@pytest.mark.parametrize("refusal", GIVEN, ids=lambda refusal: refusal.__name__)
def test_status_and_codes_are_the_standard_s(refusal):
    control, customers = CODES[refusal.status_code]
    assert refusal.default_code in control
    assert refusal.customers_code in customers
    assert refusal.outcome == ("failed" if refusal.status_code == 500 else "refused")


@pytest.mark.parametrize("refusal", GIVEN, ids=lambda refusal: refusal.__name__)
def test_the_challenge_is_the_one_of_rfc_6750(refusal):
    expected = {401: 'Bearer error="invalid_token"'}.get(refusal.status_code)
    expected = {"TokenMissing": "Bearer", "ScopeMissing": 'Bearer error="insufficient_scope"'}.get(
        refusal.__name__, expected
    )
    assert refusal.challenge == expected


@pytest.mark.parametrize("refusal", GIVEN, ids=lambda refusal: refusal.__name__)
def test_the_sentence_is_fixed_and_about_nobody(refusal):
    sentence = refusal.default_detail
    assert re.fullmatch(r"[A-Za-z][\x20-\x7e]{5,140}\.", sentence)
    assert not re.search(r"[%{}<>]", sentence), "nothing is filled in"
    assert not re.search(r"[0-9]{4}", sentence), "no number of anybody"
    assert str(refusal().detail) == sentence


def test_each_refusal_has_its_own_sentence():
    """But for failures: why the service does not answer is nobody's business."""
    sentences = [refusal.default_detail for refusal in GIVEN if refusal.status_code != 500]
    assert len(sentences) == len(set(sentences))
    assert len({refusal.default_detail for refusal in GIVEN if refusal.status_code == 500}) == 2


def test_reasons_are_a_closed_list():
    assert {refusal.reason for refusal in GIVEN} == REASONS
    own = [refusal.reason for refusal in GIVEN if "reason" in vars(refusal)]
    assert len(own) == len(set(own)), "one reason, one refusal; only the endpoints outside a service share theirs"


def test_the_tree_lists_every_class():
    tree = refusals.__doc__.partition("\nRefusal\n")[2].partition("\n\n")[0]
    listed = re.findall(r"\b(?:[A-Z][a-z]+){1,}(?:ID)?(?:[A-Z][a-z]+)*\b", tree)
    assert sorted(listed) == sorted(kind.__name__ for kind in EVERY if kind is not Refusal)


DEBTOR, NOBODY = identifier("debtor-five-accounts"), "15869010089"
TODAY = date(2026, 11, 21)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


def accounts(query="?OnlyPrimaryOwner=true", consumer="974761076", **changes):
    """Return a question for the account list, right but for the changes."""
    return lambda server: Consumer(server, consumer).accounts(DEBTOR, query, **changes)


def with_token(*, scope="bits:kontoinformasjon", headers=None, **claims):
    """Return a question whose token, well signed, has other claims or header members."""

    def ask(server):
        token = mint(consumer="974761076", scope=scope, claims=claims, headers=headers)
        return accounts(Authorization=f"Bearer {token}")(server)

    return ask


def with_another_signature(server):
    tokens = [mint(consumer="974761076", scope="bits:kontoinformasjon") for _ in range(2)]
    signed, signature = tokens[0].rpartition(".")[0], tokens[1].rpartition(".")[2]
    return accounts(Authorization=f"Bearer {signed}.{signature}")(server)


def customers(**changes):
    return lambda server: Consumer(server, "974761076").customer_relationships(DEBTOR, **changes)


def servicing_provider(**changes):
    def ask(server):
        headers = Consumer(server, "915429785").headers("bits:kundeforhold.konto", **changes)
        return server.get("/v2/customers/accountServicingProvider", headers)

    return ask


def below_an_account(suffix):
    return lambda server: Consumer(server, "974761076").details("x", str(uuid.uuid4()), suffix)


def posted(server):
    return server.request("POST", "/v2/accounts", Consumer(server, "974761076").headers())


YESTERDAY = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
OVER_HTTP = {
    refusals.HostUnknown: accounts(Host="bank.example"),
    refusals.TokenMissing: accounts(Authorization=None),
    refusals.TokenMalformed: accounts(Authorization="Bearer x"),
    refusals.TokenAlgorithm: with_token(headers={"alg": "HS256"}),
    refusals.TokenKeyUnknown: with_token(headers={"kid": "x"}),
    refusals.TokenSignature: with_another_signature,
    refusals.TokenIssuer: with_token(iss="https://test.maskinporten.no/"),
    refusals.TokenAudience: with_token(aud="unspecified"),
    refusals.TokenExpired: with_token(iat=1_700_000_000, exp=1_700_000_120),
    refusals.TokenTimes: with_token(exp=None),
    refusals.TokenLifetime: with_token(exp=int(time.time()) + 3600),
    refusals.TokenClaims: with_token(jti=""),
    refusals.TokenConsumer: with_token(consumer={"authority": "iso6523-actorid-upis", "ID": "974761076"}),
    refusals.TokenBound: with_token(cnf={"jkt": "x"}),
    refusals.ScopeMissing: with_token(scope="bits:kundeforhold"),
    refusals.ConsumerUnknown: accounts(consumer="889640782"),
    refusals.SystemUserToken: with_token(authorization_details=[{"type": "urn:altinn:systemuser"}]),
    refusals.SupplierInvalid: with_token(supplier={"authority": "iso6523-actorid-upis", "ID": "0192:312345625"}),
    refusals.PidMismatch: with_token(pid=NOBODY),
    refusals.MethodNotAllowed: posted,
    refusals.BadCorrelationID: accounts(CorrelationID="x"),
    refusals.BadAccountInfoRequestID: accounts(AccountInfoRequestID=None),
    refusals.BadLegalMandate: accounts(**{"Legal-Mandate": "%"}),
    refusals.BadPartyID: accounts(PartyID="1234"),
    refusals.BadCustomerID: customers(CustomerID=None),
    refusals.BadAccountID: servicing_provider(AccountID="1234"),
    refusals.BadRequesterID: accounts(RequesterID="a,b"),
    refusals.BadAdditionalReferenceID: accounts(AdditionalReferenceID="a,b"),
    refusals.BadAdditionalReferenceIDType: accounts(AdditionalReferenceIDType="x"),
    refusals.BadOnlyPrimaryOwner: accounts(""),
    refusals.BadFromDate: accounts("?OnlyPrimaryOwner=true&fromDate=20261121"),
    refusals.BadToDate: accounts("?OnlyPrimaryOwner=true&toDate=2026-11-31"),
    refusals.BadQuery: accounts("?OnlyPrimaryOwner=true&x=%ff"),
    refusals.UnknownMandate: accounts(**{"Legal-Mandate": "FI-Utlegg"}),
    refusals.TransactionsNotInMandate: below_an_account("/transactions"),
    refusals.RolesNotInMandate: below_an_account("/roles"),
    refusals.CardsNotInMandate: below_an_account("/cards"),
    refusals.PeriodReversed: accounts(f"?OnlyPrimaryOwner=true&toDate={YESTERDAY}"),
    refusals.PeriodNotToday: accounts(f"?OnlyPrimaryOwner=true&fromDate={YESTERDAY}"),
    refusals.OwnersOnly: accounts("?OnlyPrimaryOwner=false"),
    refusals.AdditionalReferenceNotAllowed: accounts(AdditionalReferenceID="x"),
    refusals.NothingHere: below_an_account("/owners"),
    refusals.NotAcceptable: accounts(Accept="text/html"),
}


@pytest.mark.parametrize("refusal", OVER_HTTP, ids=lambda refusal: refusal.__name__)
def test_refusal_over_http(server, clean_audit, refusal):
    answer = OVER_HTTP[refusal](server)
    customers = {refusals.BadCustomerID, refusals.BadAccountID}
    path = "/v2/customers/x" if refusal in customers else "/v2/accounts"
    expected = refused(refusal, path=path)
    assert answer.status == expected.status_code
    given, due = json.loads(answer.data), json.loads(expected.content)
    assert given | {"timestamp": due.get("timestamp")} == due | {"timestamp": due.get("timestamp")}
    assert {name: answer.headers.get(name) for name in expected.headers} == dict(expected.headers)


def keys_of(source):
    """Ask a store whose source has that to say; its thread tries once."""
    return KeyStore("refusals", source, retry_seconds=3600.0).current()


def no_key():
    raise FetchFailed("status")


def register_never_read():
    register = Register()
    register._background = Background("register of a test", lambda: 3600.0)
    return register.in_force()


def mandate(consumer, endpoint):
    services = tuple(service_in_force(rules, version=1) for rules in read_services())
    return Mandates(services=services).mandate(consumer=consumer, text="FI-Utlegg-Test", endpoint=endpoint)


class LedgerDown(MandatedView):
    """An endpoint whose question finds no database."""

    enquiry = None

    def document(self, enquiry):
        raise OperationalError


def asked(view):
    """Return the view with a request that has passed step 1."""
    request = RequestFactory().get("/v2/accounts")
    view.setup(request)
    view.request = view.initialize_request(request)
    return view


def finished(view, answer, http_status=200):
    """Return what leaves when that answer is recorded with that status."""
    view.grant = object()
    view.entry.http_status = http_status
    return view.finalize_response(view.request, answer)


def crashed():
    view = asked(UnknownPath())
    return finished(view, view.handle_exception(ValueError(NOBODY)))


def without_record():
    return finished(asked(UnknownPath()), HttpResponse("an answer"), http_status=10**9)  # no column takes that


def institution_missing():
    return control_object(
        NOBODY, period=Period(TODAY, TODAY), institutions=["312345617"], now=MIDNIGHT, max_age=timedelta(hours=1)
    )


def certpub_down():
    """Ask for the certificate of somebody whose has never been found, where nobody can be asked for it."""
    directory = Directory("http://127.0.0.1:1", ["127.0.0.1"], loopback_http=True)
    store = AgencyCertificates(directory, certificate_rules(), lasts=timedelta(hours=1))
    store._background = Background("certificates of a test", lambda: 3600.0)
    return store.recipient("312345625")


def encrypted_to_nobody():
    agency = Agency("974761076", "974761076", "RSA-OAEP-256", "A128CBC-HS256")
    in_force = Mandates(agencies={agency.organisation_number: agency})
    with (
        patch.object(renderers, "register", SimpleNamespace(in_force=lambda: in_force)),
        patch.object(renderers, "certificates", lambda: SimpleNamespace(recipient=lambda participant: None)),
    ):
        return renderers.AnswerRenderer().render(b"{}", media_type=renderers.JOSE, consumer="974761076")


def period(rule, from_date, to_date=TODAY, **facts):
    return lambda: PERIOD_RULES[rule](from_date=from_date, to_date=to_date, today=TODAY, facts=Facts(**facts))


def reference(rule, text, kind):
    return lambda: REFERENCE_RULES[rule](additional_reference=text, additional_reference_type=kind)


LONG_AGO, LAST_WEEK = date(2016, 11, 20), date(2026, 11, 14)


def ordered(reader=order_reader_of_tests, now=NOW, **changes):
    """Read an order that is right but for the changes."""
    return lambda: reader().read(order(**changes), now=now)


def asked_beyond(**changes):
    """Hold a request against an order about owners only that opens the account list alone."""
    text = order(onlyPrimaryOwner=True, accountDetails=False)
    right = {
        "endpoint": Endpoint.ACCOUNTS,
        "mandate": CLAIMS["mandate"],
        "account_info_request_id": CASE,
        "period": Period(WISH.from_date, WISH.to_date),
        "only_primary_owner": True,
        "party_number": PARTY,
    }
    return lambda: check_request(order_reader_of_tests().read(text, now=NOW), **(right | changes))


def spent(silence):
    """Return a worker's answer to the second request of one, so long after it."""

    def ask():
        clock = iter([0.0, silence])
        worker = Permits(lambda *drawn: 0.0, wake=lambda: None, clock=lambda: next(clock))
        for _ in range(2):
            worker.spend("974761076", "", Limit(per_second=1, burst=1))

    return ask


def waited_too_long():
    deadlines.arrived(time.monotonic() - 60)
    try:
        return InTime(None)(RequestFactory().get("/v2/accounts"))
    finally:
        deadlines.arrived(None)


INSIDE = {
    refusals.WaitedTooLong: waited_too_long,
    refusals.BankruptcyUnknown: lambda: PRECONDITIONS["bankruptcy"](facts=NOTHING_KNOWN),
    refusals.DeathUnknown: lambda: PRECONDITIONS["death"](facts=NOTHING_KNOWN),
    refusals.GuardianshipUnknown: lambda: PRECONDITIONS["guardianship"](facts=NOTHING_KNOWN),
    refusals.PeriodTooLong: period("ten_years", LONG_AGO),
    refusals.PeriodInFuture: period("ten_years", TODAY, date(2026, 11, 22)),
    refusals.PeriodNotUntilToday: period("year_before_ruling", LAST_WEEK, LAST_WEEK, ruling_date=TODAY),
    refusals.PeriodBeforeRuling: period("year_before_ruling", LONG_AGO, ruling_date=LAST_WEEK),
    refusals.PeriodBeforeDeath: period("three_months_before_death", LONG_AGO, date_of_death=LAST_WEEK),
    refusals.PeriodNotLastYear: period("last_calendar_year", TODAY),
    refusals.RequesterMissing: lambda: REQUESTER_RULES["required"](requester_id=None),
    refusals.RequesterNotAllowed: lambda: REQUESTER_RULES["empty"](requester_id="x"),
    refusals.TypeNotGuardian: reference("guardian", NOBODY, "pol1"),
    refusals.GuardianMissing: reference("guardian", "974761076", "srf"),
    refusals.TypeNotOrder: reference("extradition_order", "x", "srf"),
    refusals.ExtraditionOrderMissing: reference("extradition_order", None, "pol1"),
    refusals.BadCursor: lambda: position_of("x" * 43, [b"cursor"]),
    refusals.MandateOfAnother: lambda: mandate("986186999", Endpoint.ACCOUNTS),
    refusals.EndpointNotInMandate: lambda: mandate("974761076", Endpoint.ACCOUNT_SERVICING_PROVIDER),
    refusals.Malformed: lambda: malformed(RequestFactory().get("/v2/accounts"), SuspiciousOperation("x")),
    refusals.Crash: crashed,
    refusals.KeysUnavailable: lambda: keys_of(no_key),
    refusals.RegisterUnavailable: register_never_read,
    refusals.RecordUnavailable: without_record,
    refusals.CertificateUnavailable: certpub_down,
    refusals.EncryptionFailed: encrypted_to_nobody,
    refusals.TooManyRequests: spent(0.5),
    refusals.LimitsUnavailable: spent(11.0),
    refusals.LedgerUnavailable: lambda: asked(LedgerDown()).get(None),
    refusals.LedgerOutdated: lambda: check_freshness([MIDNIGHT], now=MIDNIGHT + timedelta(2), max_age=timedelta(1)),
    refusals.LedgerInconsistent: institution_missing,
    refusals.OrderMalformed: lambda: order_reader_of_tests().read("x", now=NOW),
    refusals.OrderHeader: ordered(headers={"alg": "RS256"}),
    refusals.OrderKeyUnknown: ordered(headers={"kid": "1"}),
    refusals.OrderCertificate: ordered(now=NOW + timedelta(days=301)),
    refusals.OrderSignature: ordered(key=STRANGER),
    refusals.OrderClaims: ordered(version="1.0.1"),
    refusals.OrderMandate: ordered(reason="Noe annet."),
    refusals.OrderPeriod: ordered(fromDate="2016-11-21"),
    refusals.OrderTimes: ordered(exp=1_900_000_000),
    refusals.OrderNotInForce: ordered(now=NOW + timedelta(days=31)),
    refusals.OrderOfAnotherParty: asked_beyond(party_number=NOBODY.replace("15", "16", 1)),
    refusals.OrderOfAnotherMandate: asked_beyond(mandate="FI-Utlegg-Test"),
    refusals.OrderOfAnotherCase: asked_beyond(account_info_request_id=uuid.UUID(int=1)),
    refusals.PeriodOutsideOrder: asked_beyond(period=Period(TODAY, NOW.date() + timedelta(days=1))),
    refusals.OwnersOnlyByOrder: asked_beyond(only_primary_owner=False),
    refusals.EndpointNotInOrder: asked_beyond(endpoint=Endpoint.ACCOUNT_DETAILS),
}


@pytest.mark.django_db(databases=["default", "ledger"])
@pytest.mark.parametrize("refusal", INSIDE, ids=lambda refusal: refusal.__name__)
def test_refusal_inside(refusal):
    try:
        answer = INSIDE[refusal]()
    except Refusal as raised:
        assert type(raised) is refusal
    else:
        assert answer.reason == refusal.reason
        assert answer.content == refused(refusal, path="/v2/accounts").content


def test_no_refusal_is_without_proof():
    """Whoever adds a way to say no shows above how one gets it."""
    assert [kind.__name__ for kind in GIVEN if kind not in {*OVER_HTTP, *INSIDE}] == []
