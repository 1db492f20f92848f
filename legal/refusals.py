"""Every way to say no: status, the standard's code on both APIs, and a fixed sentence without personal data.

Refusal
├── HostUnknown                  400  before the token is looked at
├── NotAuthenticated             401  no valid token
│   └── TokenMissing, TokenMalformed, TokenAlgorithm, TokenKeyUnknown, TokenSignature, TokenIssuer, TokenAudience,
│       TokenExpired, TokenTimes, TokenLifetime, TokenClaims, TokenConsumer, TokenBound
├── NotAuthorised                403  a valid token that may not do this
│   ├── ScopeMissing                  the token lacks the scope
│   ├── ConsumerUnknown               no agency of ours, or closed
│   ├── MandateOfAnother              a known legal mandate, other agency
│   ├── SystemUserToken               authorization_details
│   ├── SupplierInvalid               a delegation that does not hold together
│   ├── PidMismatch                   the token is about somebody else
│   ├── PreconditionNotMet            what the mandate presupposes in law is not so, as far as the bank knows
│   │   └── BankruptcyUnknown, DeathUnknown, GuardianshipUnknown
│   └── beyond a valid extradition order
│       └── OrderOfAnotherParty, OrderOfAnotherMandate, OrderOfAnotherCase, PeriodOutsideOrder, OwnersOnlyByOrder,
│           EndpointNotInOrder
├── MethodNotAllowed             405
├── BadRequest                   400
│   ├── form, one for each parameter
│   │   └── BadCorrelationID, BadAccountInfoRequestID, BadLegalMandate, BadPartyID, BadCustomerID, BadAccountID,
│   │       BadRequesterID, BadAdditionalReferenceID, BadAdditionalReferenceIDType, BadOnlyPrimaryOwner, BadFromDate,
│   │       BadToDate, BadCursor, BadQuery
│   ├── Malformed                     what the framework itself refuses
│   ├── UnknownMandate
│   ├── EndpointNotInMandate          TransactionsNotInMandate, RolesNotInMandate, CardsNotInMandate
│   ├── rules of the mandate
│   │   └── PeriodReversed, PeriodNotToday, PeriodTooLong, PeriodInFuture, PeriodNotUntilToday, PeriodBeforeRuling,
│   │       PeriodBeforeDeath, PeriodNotLastYear, OwnersOnly, RequesterMissing, RequesterNotAllowed,
│   │       AdditionalReferenceNotAllowed, TypeNotGuardian, GuardianMissing, TypeNotOrder, ExtraditionOrderMissing
│   └── no valid extradition order    OrderMalformed, OrderHeader, OrderKeyUnknown, OrderCertificate, OrderSignature,
│                                     OrderClaims, OrderMandate, OrderPeriod, OrderTimes, OrderNotInForce
├── NothingHere                  404  unknown path and unknown reference alike
├── NotAcceptable                406
├── TooManyRequests              429  beyond the agency's limit
└── Failure                      500  ours, the client may retry
    ├── Crash
    └── Unavailable                   KeysUnavailable, RegisterUnavailable, RecordUnavailable, CertificateUnavailable,
                                      EncryptionFailed, LedgerUnavailable, LedgerOutdated, LedgerInconsistent,
                                      LimitsUnavailable, WaitedTooLong

Codes: Common Standard 2.0, OpenAPI error table; under /customers the KAR table, and our own ERR-4xx/500
where that table names none.
"""

from rest_framework.exceptions import APIException

from legal.grants import Grant


class Refusal(APIException):
    """An answer that is not the one asked for. Raise it bare.

    `default_code` goes out on the Control API, `customers_code` under /customers; `reason` is the closed word
    for logs, metrics and sums.
    """

    customers_code: str
    reason: str
    challenge: str | None = None  # WWW-Authenticate, RFC 6750
    retry_after: int | None = None  # seconds, RFC 9110
    outcome = "refused"


class HostUnknown(Refusal):
    status_code, default_code, customers_code = 400, "ACC-001", "ERR-400"
    default_detail = "This host is not served here."
    reason = "http.host"


class NotAuthenticated(Refusal):
    status_code, default_code, customers_code = 401, "ACC-010", "ERR-401"
    challenge = 'Bearer error="invalid_token"'
    consumer = ""
    """The consumer's number, set only where the token's signature was valid; sums are kept by it."""


class TokenMissing(NotAuthenticated):
    default_detail = "An access token from Maskinporten is required."
    reason = "tok.missing"
    challenge = "Bearer"


class TokenMalformed(NotAuthenticated):
    default_detail = "The access token is malformed."
    reason = "tok.malformed"


class TokenAlgorithm(NotAuthenticated):
    default_detail = "The access token is signed with an algorithm that is not accepted."
    reason = "tok.algorithm"


class TokenKeyUnknown(NotAuthenticated):
    default_detail = "The access token is signed with an unknown key."
    reason = "key.unknown"


class TokenSignature(NotAuthenticated):
    default_detail = "The signature of the access token is wrong."
    reason = "tok.signature"


class TokenIssuer(NotAuthenticated):
    default_detail = "The access token has the wrong issuer."
    reason = "tok.issuer"


class TokenAudience(NotAuthenticated):
    default_detail = "The access token has the wrong audience."
    reason = "tok.audience"


class TokenExpired(NotAuthenticated):
    default_detail = "The access token has expired."
    reason = "tok.expired"


class TokenTimes(NotAuthenticated):
    default_detail = "The times of the access token are missing or wrong."
    reason = "tok.times"


class TokenLifetime(NotAuthenticated):
    default_detail = "The lifetime of the access token is too long."
    reason = "tok.lifetime"


class TokenClaims(NotAuthenticated):
    default_detail = "A claim of the access token is missing or wrong."
    reason = "tok.claims"


class TokenConsumer(NotAuthenticated):
    default_detail = "The consumer of the access token is missing or not supported."
    reason = "tok.consumer"


class TokenBound(NotAuthenticated):
    default_detail = "An access token bound to a key is not supported."
    reason = "tok.bound"


class NotAuthorised(Refusal):
    status_code, default_code, customers_code = 403, "ACC-011", "ERR-001"


class ScopeMissing(NotAuthorised):
    default_detail = "The access token lacks the scope of this endpoint."
    reason = "tok.scope"
    challenge = 'Bearer error="insufficient_scope"'


class ConsumerUnknown(NotAuthorised):
    default_detail = "The consumer is not authorised here."
    reason = "aut.consumer"


class MandateOfAnother(NotAuthorised):
    default_detail = "The consumer is not authorised under this legal mandate."
    reason = "aut.mandate"


class SystemUserToken(NotAuthorised):
    default_detail = "Access tokens for system users and consents are not accepted here."
    reason = "aut.details"


class SupplierInvalid(NotAuthorised):
    default_detail = "The supplier in the access token is not accepted."
    reason = "aut.supplier"
    grant: Grant | None = None
    """What the token proved all the same, set where it is raised: the token is valid and its use is recorded."""


class PidMismatch(NotAuthorised):
    default_detail = "The access token is restricted to another person."
    reason = "aut.pid"


class PreconditionNotMet(NotAuthorised):
    """One sentence for an unknown party, a shielded one and one of whom it is not so."""


class BankruptcyUnknown(PreconditionNotMet):
    default_detail = "This legal mandate presupposes a bankruptcy, and none is known here."
    reason = "pre.bankruptcy"


class DeathUnknown(PreconditionNotMet):
    default_detail = "This legal mandate presupposes a death, and none is known here."
    reason = "pre.death"


class GuardianshipUnknown(PreconditionNotMet):
    default_detail = (
        "This legal mandate presupposes a guardianship with daily banking in the period; none is known here."
    )
    reason = "pre.guardianship"


class OrderOfAnotherParty(NotAuthorised):
    default_detail = "The extradition order is about another party."
    reason = "eo.other_party"


class OrderOfAnotherMandate(NotAuthorised):
    default_detail = "The extradition order is given under another legal mandate."
    reason = "eo.other_mandate"


class OrderOfAnotherCase(NotAuthorised):
    default_detail = "The caseID of the extradition order must be the AccountInfoRequestID."
    reason = "eo.other_case"


class PeriodOutsideOrder(NotAuthorised):
    default_detail = "fromDate and toDate must lie within the period of the extradition order."
    reason = "eo.outside_period"


class OwnersOnlyByOrder(NotAuthorised):
    default_detail = "Under this extradition order OnlyPrimaryOwner must be TRUE."
    reason = "eo.owners_only"


class EndpointNotInOrder(NotAuthorised):
    default_detail = "The extradition order does not open this endpoint."
    reason = "eo.endpoint"


class MethodNotAllowed(Refusal):
    status_code, default_code, customers_code = 405, "ACC-012", "ERR-405"
    default_detail = "Only GET is allowed."
    reason = "http.method"


class BadRequest(Refusal):
    status_code, default_code, customers_code = 400, "ACC-001", "ERR-400"


class BadCorrelationID(BadRequest):
    default_detail = "CorrelationID must be sent once, as a uuid."
    reason = "form.correlation_id"


class BadAccountInfoRequestID(BadRequest):
    default_detail = "AccountInfoRequestID must be sent once, as a uuid."
    reason = "form.account_info_request_id"


class BadLegalMandate(BadRequest):
    default_detail = "Legal-Mandate must be sent once, percent-encoded as UTF-8, with at most 500 characters."
    reason = "form.legal_mandate"


class BadPartyID(BadRequest):
    default_detail = "PartyID must be sent once, as eleven or nine digits."
    reason = "form.party_id"


class BadCustomerID(BadRequest):
    customers_code = "ERR-002"
    default_detail = "CustomerID must be sent once, as eleven or nine digits."
    reason = "form.customer_id"


class BadAccountID(BadRequest):
    customers_code = "ERR-004"
    default_detail = "AccountID must be sent once, as eleven digits or more."
    reason = "form.account_id"


class BadRequesterID(BadRequest):
    default_detail = "RequesterID must be sent at most once, with at most 255 printable ASCII characters."
    reason = "form.requester_id"


class BadAdditionalReferenceID(BadRequest):
    default_detail = "AdditionalReferenceID must be sent at most once, with at most 16,384 printable ASCII characters."
    reason = "form.additional_reference_id"


class BadAdditionalReferenceIDType(BadRequest):
    default_detail = "AdditionalReferenceIDType must be sent at most once, as pol1 or srf."
    reason = "form.additional_reference_id_type"


class BadOnlyPrimaryOwner(BadRequest):
    default_detail = "OnlyPrimaryOwner must be true or false, sent once."
    reason = "form.only_primary_owner"


class BadFromDate(BadRequest):
    customers_code = "ERR-003"
    default_detail = "fromDate must be a date as YYYY-MM-DD, sent once."
    reason = "form.from_date"


class BadToDate(BadRequest):
    customers_code = "ERR-003"
    default_detail = "toDate must be a date as YYYY-MM-DD, sent once."
    reason = "form.to_date"


class BadCursor(BadRequest):
    """Also for one of another reference, period or case: a page is reached by the link that was given."""

    default_detail = "cursor must be that of a next link, with the same dates."
    reason = "form.cursor"


class BadQuery(BadRequest):
    default_detail = "The query string is not percent-encoded UTF-8."
    reason = "form.query"


class Malformed(BadRequest):
    default_detail = "The request is malformed."
    reason = "http.malformed"


class UnknownMandate(BadRequest):
    default_detail = "The legal mandate is not known here."
    reason = "rule.mandate"


class EndpointNotInMandate(BadRequest):
    default_detail = "This endpoint is not part of the service."
    reason = "rule.endpoint"


class TransactionsNotInMandate(EndpointNotInMandate):
    default_detail = "Transactions are not part of the service."


class RolesNotInMandate(EndpointNotInMandate):
    default_detail = "Roles are not part of the service."


class CardsNotInMandate(EndpointNotInMandate):
    default_detail = "Cards are not part of the service."


class PeriodReversed(BadRequest):
    customers_code = "ERR-003"
    default_detail = "fromDate must not be later than toDate."
    reason = "rule.period_reversed"


class PeriodNotToday(BadRequest):
    customers_code = "ERR-003"
    default_detail = "Under this legal mandate fromDate and toDate must be today (Europe/Oslo)."
    reason = "rule.period_today"


class PeriodTooLong(BadRequest):
    customers_code = "ERR-003"
    default_detail = "Under this legal mandate fromDate must not be more than ten years ago."
    reason = "rule.period_too_long"


class PeriodInFuture(BadRequest):
    customers_code = "ERR-003"
    default_detail = "Under this legal mandate toDate must not be later than today (Europe/Oslo)."
    reason = "rule.period_future"


class PeriodNotUntilToday(BadRequest):
    customers_code = "ERR-003"
    default_detail = "Under this legal mandate toDate must be today (Europe/Oslo)."
    reason = "rule.period_until_today"


class PeriodBeforeRuling(BadRequest):
    customers_code = "ERR-003"
    default_detail = "Under this legal mandate fromDate must be at most twelve months before the bankruptcy ruling."
    reason = "rule.period_ruling"


class PeriodBeforeDeath(BadRequest):
    customers_code = "ERR-003"
    default_detail = "Under this legal mandate fromDate must be at most three months before the date of death."
    reason = "rule.period_death"


class PeriodNotLastYear(BadRequest):
    customers_code = "ERR-003"
    default_detail = "Under this legal mandate fromDate and toDate must be in the last calendar year."
    reason = "rule.period_last_year"


class OwnersOnly(BadRequest):
    default_detail = "Under this legal mandate OnlyPrimaryOwner must be TRUE."
    reason = "rule.owners_only"


class RequesterMissing(BadRequest):
    default_detail = "Under this legal mandate RequesterID must be sent."
    reason = "rule.requester_missing"


class RequesterNotAllowed(BadRequest):
    default_detail = "Under this legal mandate RequesterID must be empty."
    reason = "rule.requester_empty"


class AdditionalReferenceNotAllowed(BadRequest):
    default_detail = "Under this legal mandate AdditionalReferenceID and AdditionalReferenceIDType must be empty."
    reason = "rule.additional_reference"


class TypeNotGuardian(BadRequest):
    default_detail = "Under this legal mandate AdditionalReferenceIDType must be srf."
    reason = "rule.type_guardian"


class GuardianMissing(BadRequest):
    default_detail = "Under this legal mandate AdditionalReferenceID must be the guardian, as eleven digits."
    reason = "rule.guardian"


class TypeNotOrder(BadRequest):
    default_detail = "Under this legal mandate AdditionalReferenceIDType must be pol1."
    reason = "rule.type_order"


class ExtraditionOrderMissing(BadRequest):
    default_detail = "Under this legal mandate AdditionalReferenceID must be an extradition order."
    reason = "rule.order_missing"


class OrderMalformed(BadRequest):
    default_detail = "The extradition order must be a signed JWT in compact form, of at most 16,384 characters."
    reason = "eo.malformed"


class OrderHeader(BadRequest):
    default_detail = "The header of the extradition order must have alg PS256, typ JWT and a kid of digits."
    reason = "eo.header"


class OrderKeyUnknown(BadRequest):
    default_detail = "The kid of the extradition order names no key of the police."
    reason = "eo.key"


class OrderCertificate(BadRequest):
    default_detail = "The certificate that the extradition order is signed with is not accepted."
    reason = "eo.certificate"


class OrderSignature(BadRequest):
    default_detail = "The signature of the extradition order is wrong."
    reason = "eo.signature"


class OrderClaims(BadRequest):
    default_detail = "A claim of the extradition order is missing or wrong."
    reason = "eo.claims"


class OrderMandate(BadRequest):
    default_detail = "The mandate and the reason of the extradition order do not belong together."
    reason = "eo.mandate"


class OrderPeriod(BadRequest):
    default_detail = "The period of the extradition order is reversed, or begins more than ten years ago."
    reason = "eo.period"


class OrderTimes(BadRequest):
    default_detail = "The extradition order must expire within ninety days after its approval."
    reason = "eo.times"


class OrderNotInForce(BadRequest):
    default_detail = "The extradition order has expired, or is not approved yet."
    reason = "eo.not_in_force"


class NothingHere(Refusal):
    """Every 404 has the same bytes: an unknown path, a foreign, forged or outlived reference."""

    status_code, default_code, customers_code = 404, "ACC-002", "ERR-404"
    default_detail = "Not found."
    reason = "http.not_found"


class NotAcceptable(Refusal):
    status_code, default_code, customers_code = 406, "ACC-013", "ERR-406"
    default_detail = "No media type in Accept can be served."
    reason = "http.accept"


class TooManyRequests(Refusal):
    """More than the agency may ask; it is told when to come back."""

    status_code, default_code, customers_code = 429, "ACC-022", "ERR-429"
    default_detail = "Too many requests. Try again later."
    reason = "limit.rate"
    retry_after = 1

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__()
        self.retry_after = retry_after


class Failure(Refusal):
    status_code, default_code, customers_code = 500, "ACC-500", "ERR-500"
    default_detail = "The service failed. Try again later."
    outcome = "failed"


class Crash(Failure):
    reason = "bug"


class Unavailable(Failure):
    default_code = "ACC-100"
    default_detail = "The service is not available for the moment. Try again later."
    retry_after: int | None = 5


class KeysUnavailable(Unavailable):
    reason = "key.unavailable"


class RegisterUnavailable(Unavailable):
    reason = "register.unavailable"


class RecordUnavailable(Unavailable):
    reason = "audit.unavailable"


class CertificateUnavailable(Unavailable):
    reason = "crt.none"


class EncryptionFailed(Unavailable):
    reason = "jwe.failed"


class LedgerUnavailable(Unavailable):
    reason = "ledger.unavailable"


class WaitedTooLong(Unavailable):
    """The request waited for a thread so long that its consumer may give up before an answer: nothing was done."""

    reason = "load.waited"
    retry_after = 2


class LedgerOutdated(Unavailable):
    reason = "ledger.outdated"


class LedgerInconsistent(Unavailable):
    """Two parties with one number, or an institution of ours that the ledger lacks: no answer beats a wrong one."""

    reason = "ledger.inconsistent"


class LimitsUnavailable(Unavailable):
    """How much an agency has asked of all servers together is not known: nothing is answered beyond all limits."""

    reason = "limit.unavailable"
    retry_after = 1
