"""The usual way: Django REST framework as its own guide teaches it, with the same checks, content and record.

Generic views, ModelSerializers and the ORM's objects; the agency and its mandate are looked up for each request, and
the record is made by `create`. Hashes, sealing and references are the product's own functions, as they are everywhere.
"""

import hashlib
import json
import zlib
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db.models import Prefetch, Q
from django.urls import path
from rest_framework import exceptions, generics, permissions, serializers
from rest_framework.response import Response

from accounts.models import OPEN_GRADES, Account, AccountRole, FinancialInstitution, Party, PartyIdentifier, Transaction
from accounts.movements import Position
from accounts.references import context, cursor_to, position_of, resolve
from audit.appending import drawn
from audit.models import Answer, AuditRecord
from audit.retain.month_keys import DOCUMENT, NUMBER, commitment_salt, month_key, seal_in
from audit.seal.leaves import commitment
from audit.secrecy import Kind, hash_of
from bench.idiomatic_documents import AccountSerializer, DetailsSerializer, TransactionSerializer
from legal.models import DataConsumer, ServiceVersion
from legal.periods import Period, day_in_oslo, moments_of

OWNED = [AccountRole.Kind.PRIMARY_OWNER]
USED = [*OWNED, AccountRole.Kind.SECONDARY_OWNER, AccountRole.Kind.AUTHORISED_USER]


# --- who asks, and may they? ---


class HasMandate(permissions.BasePermission):
    """The agency is open, and a version in force of one of its services names the mandate for this endpoint."""

    def has_permission(self, request: Any, view: Any) -> bool:
        number = request.auth["consumer"]["ID"].removeprefix("0192:")
        view.consumer = generics.get_object_or_404(DataConsumer, organisation_number=number, is_open=True)
        text = unquote(request.headers["Legal-Mandate"])
        versions = ServiceVersion.objects.filter(service__is_open=True, state=ServiceVersion.State.APPROVED)
        for version in versions.select_related("service"):
            step = version.rules["steps"].get(view.endpoint, {})
            consumers = {consumer["organisation_number"] for consumer in version.rules["consumers"]}
            if text in step.get("mandates", ()) and number in consumers:
                view.version, view.step = version, step
                return step["scope"] in request.auth["scope"].split(" ")
        return False


class Headers(serializers.Serializer):
    account_info_request_id = serializers.UUIDField()
    correlation_id = serializers.UUIDField()
    requester_id = serializers.CharField(max_length=255, required=False, default="")
    party_number = serializers.RegexField(r"^([0-9]{11}|[0-9]{9})$", required=False)

    NAMES = {
        "account_info_request_id": "AccountInfoRequestID",
        "correlation_id": "CorrelationID",
        "requester_id": "RequesterID",
        "party_number": "PartyID",
    }


class Query(serializers.Serializer):
    fromDate = serializers.DateField(required=False)
    toDate = serializers.DateField(required=False)
    OnlyPrimaryOwner = serializers.BooleanField(required=False, allow_null=True, default=None)
    cursor = serializers.CharField(required=False)


# --- views ---


class Recorded(generics.GenericAPIView):
    """What the views share: the request's values, the party, the accounts in question and the record."""

    permission_classes = [HasMandate]
    kinds = OWNED

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        self.now = datetime.now(UTC)
        super().initial(request, *args, **kwargs)
        sent = {name: request.headers.get(wire) for name, wire in Headers.NAMES.items()}
        headers = Headers(data={name: value for name, value in sent.items() if value is not None})
        headers.is_valid(raise_exception=True)
        query = Query(data=request.query_params)
        query.is_valid(raise_exception=True)
        self.headers_sent, self.query = headers.validated_data, query.validated_data
        today = day_in_oslo(self.now)
        self.first, self.last = self.query.get("fromDate", today), self.query.get("toDate", today)
        if self.first > self.last or (self.step["period"] == "today_only" and not self.first == self.last == today):
            raise exceptions.ValidationError

    @cached_property
    def bound_to(self) -> list[bytes]:
        return context(
            consumer=self.consumer.organisation_number,
            service=self.version.service.slug,
            audience=self.request.auth["aud"],
            account_info_request_id=self.headers_sent["account_info_request_id"],
        )

    @cached_property
    def number(self) -> str:
        if "reference" in self.kwargs:
            return resolve(self.kwargs["reference"], self.bound_to).party_number
        return self.headers_sent["party_number"]

    @cached_property
    def party(self) -> Party | None:
        found = Party.objects.filter(identifiers__value=self.number).first()
        return found if found and found.protection_grade in OPEN_GRADES else None

    @cached_property
    def as_of(self) -> datetime:
        institutions = settings.AUDIENCES[self.request.auth["aud"]]
        found = min(each.as_of for each in FinancialInstitution.objects.filter(organisation_number__in=institutions))
        if found < self.now - timedelta(hours=settings.LEDGER_MAX_AGE_HOURS):
            raise exceptions.APIException
        return found

    def get_queryset(self) -> Any:
        in_time = Q(start_date__lte=self.last) & (Q(end_date=None) | Q(end_date__gte=self.first))
        owners = AccountRole.objects.filter(in_time, kind__in=OWNED)
        owners = owners.select_related("party").prefetch_related("party__identifiers")
        roles = AccountRole.objects.filter(in_time, party=self.party, kind__in=self.kinds)
        institutions = settings.AUDIENCES[self.request.auth["aud"]]
        accounts = Account.objects.filter(roles__in=roles, servicer__organisation_number__in=institutions).distinct()
        shown = accounts.select_related("servicer").order_by("number", "pk")
        return shown.prefetch_related(Prefetch("roles", owners, to_attr="owners"))

    def get_object(self) -> Account:
        return generics.get_object_or_404(
            self.get_queryset(), pk=resolve(self.kwargs["reference"], self.bound_to).account_id
        )

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code == 200:
            response.render()
            self.record(response.content)
            response["Cache-Control"] = "no-store"
            response["CorrelationID"] = str(self.headers_sent["correlation_id"])
        return response

    def record(self, document: bytes) -> None:
        row_id, at = drawn()
        service = self.version.service.slug
        key, documents = month_key(NUMBER, service, at.date()), month_key(DOCUMENT, service, at.date())
        kept = seal_in(documents, zlib.compress(document, 1), column="document", record=row_id)
        Answer.objects.create(id=row_id, at=at, document=kept)
        reference, auth = self.kwargs.get("reference", ""), self.request.auth
        AuditRecord.objects.create(
            id=row_id,
            at=at,
            duration_us=0,
            method="GET",
            endpoint=self.endpoint,
            outcome=AuditRecord.Outcome.ANSWERED,
            http_status=200,
            audience=auth["aud"],
            consumer=self.consumer.organisation_number,
            client_id=auth["client_id"],
            jti=auth["jti"],
            scopes=auth["scope"],
            service=service,
            service_version=self.version.number,
            legal_mandate=unquote(self.request.headers["Legal-Mandate"]),
            account_info_request_id=self.headers_sent["account_info_request_id"],
            correlation_id=self.headers_sent["correlation_id"],
            requester_id=self.headers_sent["requester_id"],
            from_date=self.first,
            to_date=self.last,
            only_primary_owner=self.query["OnlyPrimaryOwner"],
            items=self.items,
            as_of=self.as_of,
            empty_because="" if self.items else "holds nothing",
            document_digest=hashlib.sha256(document).digest(),
            answer_digest=hashlib.sha256(kept).digest(),
            account_hashes=[hash_of(Kind.ACCOUNT, number) for number in self.numbers],
            accounts_sealed=self.sealed(key, json.dumps(self.numbers), "accounts_sealed", row_id),
            account_reference_hash=hash_of(Kind.ACCOUNT_REFERENCE, reference) if reference else None,
            account_reference_sealed=self.sealed(key, reference, "account_reference_sealed", row_id),
            control_object_hash=hash_of(Kind.PARTY, self.number),
            control_object_sealed=self.sealed(key, self.number, "control_object_sealed", row_id),
            control_object_commitment=commitment(self.number, commitment_salt(key, row_id)),
            evidence={"cursor": self.query["cursor"]} if "cursor" in self.query else None,
        )

    def sealed(self, key: Any, value: str, column: str, row_id: Any) -> bytes | None:
        return seal_in(key, value, column=column, record=row_id) if value else None


class AccountList(Recorded, generics.ListAPIView):
    endpoint = "accounts"
    serializer_class = AccountSerializer

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        accounts = list(self.get_queryset()) if self.party else []
        self.items, self.numbers = len(accounts), [account.number for account in accounts]
        listed = self.get_serializer(accounts, many=True).data
        return Response({"responseDetails": {"status": "complete"}, "accounts": listed, "links": []})


class AccountDetails(Recorded, generics.RetrieveAPIView):
    endpoint = "accountDetails"
    serializer_class = DetailsSerializer

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        account = self.get_object()
        self.items, self.numbers = 1, [account.number]
        return Response({"responseDetails": {"status": "complete"}, "account": self.get_serializer(account).data})


class Transactions(Recorded, generics.ListAPIView):
    endpoint = "transactions"
    serializer_class = TransactionSerializer
    kinds = USED

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        account = self.get_object()
        page = [b"cursor", *self.bound_to, kwargs["reference"].encode(), f"{self.first}/{self.last}".encode()]
        begin, end = moments_of(Period(self.first, self.last))
        rows = Transaction.objects.filter(account=account, booked_at__gte=begin, booked_at__lt=end)
        if "cursor" in self.query:
            after = position_of(self.query["cursor"], page)
            later = Q(booked_at__gt=after.booked_at) | Q(booked_at=after.booked_at, id__gt=after.id)
            rows = rows.filter(later, booked_at__gte=after.booked_at)
        size = settings.TRANSACTIONS_PAGE_SIZE
        found = list(rows.order_by("booked_at", "id").select_related("card__holder")[: size + 1])
        self.items, self.numbers = len(found[:size]), [account.number]
        check_others(found[:size])
        address = f"/accounts/{kwargs['reference']}/transactions?fromDate={self.first}&toDate={self.last}"
        own = f"&cursor={self.query['cursor']}" if "cursor" in self.query else ""
        links = [{"rel": "self", "href": address + own}]
        if len(found) > size:
            last = found[size - 1]
            links.append(
                {"rel": "next", "href": f"{address}&cursor={cursor_to(Position(last.booked_at, last.id), page)}"}
            )
        listed = self.get_serializer(found[:size], many=True).data
        return Response({"responseDetails": {"status": "complete"}, "transactions": listed, "links": links})


def check_others(rows: list[Transaction]) -> None:
    """Refuse a page on which somebody shielded stands, whom the product would leave out."""
    others = [each for row in rows for each in row.counterparties]
    numbers = {each["identifier"]["value"] for each in others if "identifier" in each}
    accounts = {each["accountIdentifier"] for each in others if "accountIdentifier" in each}
    hidden = PartyIdentifier.objects.exclude(party__protection_grade__in=OPEN_GRADES)
    owners = AccountRole.objects.exclude(party__protection_grade__in=OPEN_GRADES)
    if hidden.filter(value__in=numbers).exists() or owners.filter(account__number__in=accounts).exists():
        raise exceptions.APIException


urlpatterns = [
    path("v2/accounts", AccountList.as_view()),
    path("v2/accounts/<str:reference>", AccountDetails.as_view()),
    path("v2/accounts/<str:reference>/transactions", Transactions.as_view()),
]
application = WSGIHandler()
