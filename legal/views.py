"""The corridor: the one way a request walks from its token to the first byte of the answer.

An endpoint names its facts and builds its document. It can neither skip nor reorder a step.
"""

import hashlib
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, ClassVar, NoReturn, cast

import orjson
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from rest_framework.request import Request
from rest_framework.views import APIView

from audit import turned_away
from audit.recording import Entry, NotRecorded, record
from legal import judgement, limiting
from legal.answers import code_of, refused
from legal.endpoints import Endpoint
from legal.enquiries import Answer, Enquiry
from legal.facts import NOTHING_KNOWN, Facts
from legal.grants import Grant
from legal.headers import (
    CASE_HEADERS,
    REFERENCE_HEADERS,
    Parameters,
    raw_header,
    read_header,
    read_query,
    valid_correlation_id,
)
from legal.mandates import Mandate
from legal.negotiation import Rendered, Renderer, choose
from legal.periods import Period, day_in_oslo
from legal.refusals import (
    Crash,
    LedgerUnavailable,
    MethodNotAllowed,
    NotAuthenticated,
    NothingHere,
    RecordUnavailable,
    Refusal,
    SupplierInvalid,
    TokenMissing,
)
from legal.register import register
from legal.scopes import check_kind_of_token, check_scope

LONGEST_RAW = 256
RECORDED_AS_SENT = ("account_info_request_id", "legal_mandate", "requester_id", "additional_reference_type")
logger = logging.getLogger(__name__)


@cache
def renderer() -> Renderer:
    return import_string(settings.ANSWER_RENDERER)()


class RecordedView(APIView):
    """Steps 1 and 8: nobody without a token goes further, and every answer to a token has its record."""

    endpoint: ClassVar[str] = "unknown"
    parameters: ClassVar[Parameters] = Parameters()
    # HEAD, OPTIONS and all others are refused in `initial`; DRF must find no handler of its own for them.
    http_method_names = ["get"]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        self.begun = time.perf_counter_ns()
        self.now = datetime.now(UTC)
        self.entry = Entry(method=request.method or "", endpoint=str(self.endpoint))
        self.entry.correlation_id = valid_correlation_id(request.META)
        self.grant: Grant | None = None
        self.counted = False
        self.reason = ""
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            self.perform_authentication(request)
        except SupplierInvalid as refusal:  # a valid token all the same, so that its use is recorded
            if refusal.grant:
                self.proven(refusal.grant, request)
            raise
        if request.auth is None:
            raise TokenMissing
        self.proven(cast(Grant, request.auth), request)

    def proven(self, grant: Grant, request: Request) -> None:
        """Write down whose token it is and what came with it, to be judged later."""
        self.grant = grant
        self.entry.audience, self.entry.consumer = grant.audience, grant.consumer
        self.entry.supplier, self.entry.client_id = grant.supplier, grant.client_id
        self.entry.jti, self.entry.scopes = grant.jti, " ".join(sorted(grant.scopes))
        self.entry.account_reference = str(self.kwargs.get("reference", ""))[:LONGEST_RAW]
        self.values, self.malformed = self.read_all(request.META)

    def read_all(self, meta: Mapping[str, Any]) -> tuple[dict[str, Any], Refusal | None]:
        """Return every header and the first refusal for form, judged later: the record needs what came in."""
        values, malformed = {}, None
        for name, parameter in {**CASE_HEADERS, **self.parameters.headers, **REFERENCE_HEADERS}.items():
            sent = raw_header(meta, parameter) or ""
            raw = sent[:LONGEST_RAW]
            if name == "party_number":
                self.entry.control_object = raw
            elif name == "account_number":
                self.entry.account_reference = raw
            elif name == "additional_reference":
                self.entry.additional_reference = sent  # whole: the police's order is the proof itself
            try:
                values[name] = read_header(meta, parameter)
            except Refusal as refusal:
                malformed = malformed or refusal
                self.entry.malformed[parameter.names[0]] = raw
        for name in RECORDED_AS_SENT:
            if values.get(name) is not None:
                setattr(self.entry, name, values[name])
        return values, malformed

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        raise NothingHere

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        raise MethodNotAllowed

    def count(self, service: str) -> None:
        """Refuse what is beyond the agency's limit in a service, or in all that it asks without one."""
        assert self.grant is not None
        self.counted = True
        limiting.check_limit(self.grant.consumer, service)

    def refusal_of(self, exc: Exception) -> Refusal:
        """Return what to answer. Who is refused before a service is known may not ask without end either."""
        if not isinstance(exc, Refusal):
            logger.error("corridor.crash", exc_info=exc)
            return Crash()
        if self.grant is not None and not self.counted and exc.outcome == "refused":
            try:
                self.count("")
            except Refusal as refusal:
                return refusal
        return exc

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        refusal = self.refusal_of(exc)
        path = self.request.path_info
        self.reason = refusal.reason
        self.entry.outcome, self.entry.refusal = refusal.outcome, type(refusal).__name__
        self.entry.code, self.entry.http_status = code_of(refusal, path), refusal.status_code
        if self.grant is None:
            turned_away.count(refusal.reason, refusal.consumer if isinstance(refusal, NotAuthenticated) else "")
        return refused(refusal, path=path, correlation_id=self.entry.correlation_id)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Commit the record; without one nothing but a bare failure leaves. Of an agency's 429s the first has one."""
        self.entry.duration_us = (time.perf_counter_ns() - self.begun) // 1000
        if self.grant is not None:
            try:
                if not limiting.summed(self.entry):
                    record(self.entry)
            except NotRecorded:
                response = self.handle_exception(RecordUnavailable())
        response.entry, response.reason = self.entry, self.reason  # type: ignore[attr-defined]
        return response


class UnknownPath(RecordedView):
    """Anything under /v2 that is no endpoint: a token is still asked for, and its use recorded."""


class MandatedView(RecordedView, ABC):
    """All eight steps. An endpoint lists the parameters it takes, and its `document` answers."""

    scope: ClassVar[str]
    endpoint: ClassVar[Endpoint]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        assert self.grant is not None
        check_scope(self.grant, scope=self.scope)
        check_kind_of_token(self.grant, ignore_details=settings.TOKEN_IGNORE_AUTHORIZATION_DETAILS)
        if request.method != "GET":
            raise MethodNotAllowed
        if self.malformed:
            raise self.malformed
        mandate = self.mandate(self.values["legal_mandate"])
        self.media_type = choose(request.META.get("HTTP_ACCEPT"), renderer().media_types)
        self.enquiry = self.judged(self.query(request.META), self.values, mandate, kwargs.get("reference"))

    def mandate(self, text: str) -> Mandate:
        """Return the mandate in force (step 3)."""
        assert self.grant is not None
        in_force = register.in_force()
        in_force.check_consumer(self.grant.consumer)
        mandate = in_force.mandate(consumer=self.grant.consumer, text=text, endpoint=self.endpoint)
        self.entry.service, self.entry.service_version = mandate.service, mandate.version
        self.count(mandate.service)
        check_scope(self.grant, scope=mandate.scope)
        return mandate

    def query(self, meta: Mapping[str, Any]) -> dict[str, Any]:
        """Return every query parameter, read strictly."""
        query_string = meta.get("QUERY_STRING", "")
        try:
            return read_query(query_string, self.parameters.query)
        except Refusal:
            self.entry.malformed["query"] = query_string[:LONGEST_RAW]
            raise

    def judged(
        self, query: Mapping[str, Any], headers: Mapping[str, Any], mandate: Mandate, reference: str | None
    ) -> Enquiry:
        """Return the enquiry when the mandate's rules let it through (step 4)."""
        today = day_in_oslo(self.now)
        enquiry = self.asked(query, headers, mandate, reference, today)
        if enquiry.party_number is not None:
            judgement.check_party(enquiry.party_number, refusal=self.parameters.headers["party_number"].refusal)
        additional_reference = headers["additional_reference"]
        judgement.check_parameters(
            enquiry,
            requester_id=headers["requester_id"],
            reference=additional_reference,
            kind=headers["additional_reference_type"],
        )
        enquiry = judgement.read_reference(enquiry, additional_reference, now=self.now)
        if enquiry.order:
            self.entry.evidence = {"extradition_order": enquiry.order.evidence()}
        judgement.check_control_object(enquiry, self.control_object(enquiry), endpoint=self.endpoint)
        return judgement.check_law(enquiry, facts=self.facts, today=today)

    def asked(
        self, query: Mapping[str, Any], headers: Mapping[str, Any], mandate: Mandate, reference: str | None, today: date
    ) -> Enquiry:
        """Return the question as it came in, and write down its period."""
        assert self.grant is not None
        period = Period(query.get("from_date") or today, query.get("to_date") or today)
        self.entry.from_date, self.entry.to_date = period.from_date, period.to_date
        self.entry.only_primary_owner = query.get("only_primary_owner")
        return Enquiry(
            grant=self.grant,
            mandate=mandate,
            legal_mandate=headers["legal_mandate"],
            account_info_request_id=headers["account_info_request_id"],
            correlation_id=headers["correlation_id"],
            asked_for=period,
            period=period,
            asked_at=self.now,
            party_number=headers.get("party_number"),
            account_reference=reference,
            only_primary_owner=query.get("only_primary_owner"),
            account_number=headers.get("account_number"),
            cursor=query.get("cursor"),
        )

    def control_object(self, enquiry: Enquiry) -> str | None:
        """Return the number of the party asked about; None for a reference that stands for nobody."""
        return enquiry.party_number

    def facts(self, enquiry: Enquiry) -> Facts:
        """Return what the mandate's precondition needs to know; nothing is known unless an endpoint asks for it."""
        return NOTHING_KNOWN

    @abstractmethod
    def document(self, enquiry: Enquiry) -> Answer:
        """Return the endpoint's answer before the filter (step 5)."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask the ledger, filter, render; nothing leaves before `finalize_response` has the record."""
        try:
            answer = self.document(self.enquiry)
        except (OperationalError, InterfaceError):
            raise LedgerUnavailable from None
        document = self.disclosed(answer.document)
        rendered = renderer().render(document, media_type=self.media_type, consumer=self.enquiry.grant.consumer)
        self.told(answer, document, rendered)
        return self.leaving(rendered)

    def disclosed(self, document: Any) -> bytes:
        """Return what the mandate lets leave, as JSON (step 6)."""
        return orjson.dumps(self.enquiry.mandate.disclosed(document))

    def told(self, answer: Answer, document: bytes, rendered: Rendered) -> None:
        """Write down what was answered."""
        self.entry.outcome, self.entry.http_status = "answered", 200
        self.entry.items, self.entry.as_of = answer.items, answer.as_of
        self.entry.empty_because, self.entry.accounts = answer.empty_because, list(answer.accounts)
        self.entry.control_object = self.entry.control_object or answer.control_object
        self.entry.document, self.entry.document_digest = document, hashlib.sha256(document).digest()
        self.entry.evidence = {**rendered.evidence, **answer.evidence, **(self.entry.evidence or {})} or None

    def leaving(self, rendered: Rendered) -> HttpResponse:
        response = HttpResponse(rendered.body, content_type=rendered.media_type)
        response["Cache-Control"] = "no-store"
        response["CorrelationID"] = str(self.entry.correlation_id)
        return response
