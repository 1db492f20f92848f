"""Why a question was refused or failed, for people who do not read code: a sentence for each refusal on record."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Sentence = str | Promise

SENT_ONCE = gettext_lazy("%(name)s was missing, sent more than once, or not in a form that is taken.")
SENT_AT_MOST_ONCE = gettext_lazy("%(name)s was sent more than once, or not in a form that is taken.")
FORM: dict[str, tuple[str, Sentence]] = {
    "BadCorrelationID": ("CorrelationID", SENT_ONCE),
    "BadAccountInfoRequestID": ("AccountInfoRequestID", SENT_ONCE),
    "BadLegalMandate": ("Legal-Mandate", SENT_ONCE),
    "BadPartyID": ("PartyID", SENT_ONCE),
    "BadCustomerID": ("CustomerID", SENT_ONCE),
    "BadAccountID": ("AccountID", SENT_ONCE),
    "BadRequesterID": ("RequesterID", SENT_AT_MOST_ONCE),
    "BadAdditionalReferenceID": ("AdditionalReferenceID", SENT_AT_MOST_ONCE),
    "BadAdditionalReferenceIDType": ("AdditionalReferenceIDType", SENT_AT_MOST_ONCE),
    "BadOnlyPrimaryOwner": ("OnlyPrimaryOwner", SENT_ONCE),
    "BadFromDate": ("fromDate", SENT_ONCE),
    "BadToDate": ("toDate", SENT_ONCE),
}
NOT_OF_THE_SERVICE = gettext_lazy("The service has no questions of this kind.")
AGENCY: dict[str, Sentence] = {
    "ScopeMissing": gettext_lazy("The access token lacks the scope that this kind of question takes."),
    "ConsumerUnknown": gettext_lazy("The organisation is not among the bank's agencies, or was closed."),
    "MandateOfAnother": gettext_lazy("The legal mandate is another agency's."),
    "SystemUserToken": gettext_lazy("The access token was made for a system user or a consent; such are not taken."),
    "SupplierInvalid": gettext_lazy("The access token does not prove that the supplier may act for the agency."),
    "PidMismatch": gettext_lazy("The access token is about another person than the question."),
    "MethodNotAllowed": gettext_lazy("Something else than reading was asked for; only GET is taken."),
    "NothingHere": gettext_lazy(
        "There was nothing at that address: it is unknown, or the reference is foreign, forged or too old."
    ),
    "NotAcceptable": gettext_lazy("The agency asked for a form of answer that is not given, such as plain JSON."),
    "TooManyRequests": gettext_lazy("The agency asked more than its limit, and was told when to come back."),
    "BadCursor": gettext_lazy("The further page was not asked for by the link that the bank had given."),
    "BadQuery": gettext_lazy("The address could not be read as text."),
    "BadRequest": gettext_lazy("The request could not be read."),
    "Malformed": gettext_lazy("The request could not be read."),
}
MANDATE: dict[str, Sentence] = {
    "UnknownMandate": gettext_lazy(
        "No rules of the bank's have this text of a legal mandate for this kind of question."
    ),
    "EndpointNotInMandate": NOT_OF_THE_SERVICE,
    "TransactionsNotInMandate": NOT_OF_THE_SERVICE,
    "RolesNotInMandate": NOT_OF_THE_SERVICE,
    "CardsNotInMandate": NOT_OF_THE_SERVICE,
    "BankruptcyUnknown": gettext_lazy("The mandate presupposes a bankruptcy, and the bank knew of none."),
    "DeathUnknown": gettext_lazy("The mandate presupposes a death, and the bank knew of none."),
    "GuardianshipUnknown": gettext_lazy(
        "The mandate presupposes a guardianship with the daily banking in the period, and the bank knew of none."
    ),
    "PeriodReversed": gettext_lazy("The period ends before it begins."),
    "PeriodNotToday": gettext_lazy("The mandate reaches the day of the question alone, and another was asked for."),
    "PeriodTooLong": gettext_lazy("The period begins more than ten years back."),
    "PeriodInFuture": gettext_lazy("The period ends after the day of the question."),
    "PeriodNotUntilToday": gettext_lazy("The period does not end on the day of the question."),
    "PeriodBeforeRuling": gettext_lazy("The period begins more than twelve months before the bankruptcy ruling."),
    "PeriodBeforeDeath": gettext_lazy("The period begins more than three months before the death."),
    "PeriodNotLastYear": gettext_lazy("The period is not within the calendar year before the question."),
    "OwnersOnly": gettext_lazy(
        "The mandate reaches primary owners alone, and the agency did not limit itself to them."
    ),
    "RequesterMissing": gettext_lazy("Under the mandate the agency must say who asks (RequesterID), and it did not."),
    "RequesterNotAllowed": gettext_lazy("Under the mandate RequesterID must be empty, and it was not."),
    "AdditionalReferenceNotAllowed": gettext_lazy("Under the mandate no additional reference may be sent."),
    "TypeNotGuardian": gettext_lazy("Under the mandate the additional reference must name a guardian (srf)."),
    "GuardianMissing": gettext_lazy("Under the mandate a guardian must be named by number."),
    "TypeNotOrder": gettext_lazy("Under the mandate the additional reference must be an extradition order (pol1)."),
    "ExtraditionOrderMissing": gettext_lazy("Under the mandate an extradition order must be sent, and none was."),
}
ORDER: dict[str, Sentence] = {
    "OrderMalformed": gettext_lazy("The extradition order is no signed document of the agreed form."),
    "OrderHeader": gettext_lazy("The extradition order does not say as agreed how it is signed."),
    "OrderKeyUnknown": gettext_lazy("The extradition order is signed with a key that the police do not publish."),
    "OrderCertificate": gettext_lazy("The extradition order is signed with a certificate that is not accepted."),
    "OrderSignature": gettext_lazy("The signature of the extradition order is wrong."),
    "OrderClaims": gettext_lazy("Something that the extradition order must say is missing or wrong."),
    "OrderMandate": gettext_lazy("The mandate and the reason of the extradition order do not belong together."),
    "OrderPeriod": gettext_lazy(
        "The period of the extradition order ends before it begins, or begins more than ten years back."
    ),
    "OrderTimes": gettext_lazy("The extradition order expires more than ninety days after its approval."),
    "OrderNotInForce": gettext_lazy("The extradition order had expired, or was not approved yet."),
    "OrderOfAnotherParty": gettext_lazy("The extradition order is about somebody else."),
    "OrderOfAnotherMandate": gettext_lazy("The extradition order was given under another legal mandate."),
    "OrderOfAnotherCase": gettext_lazy("The extradition order belongs to another case."),
    "PeriodOutsideOrder": gettext_lazy("The period reaches beyond that of the extradition order."),
    "OwnersOnlyByOrder": gettext_lazy(
        "The extradition order reaches primary owners alone, and the agency did not limit itself to them."
    ),
    "EndpointNotInOrder": gettext_lazy("The extradition order does not open for this kind of question."),
}
FAILED: dict[str, Sentence] = {
    "Failure": gettext_lazy("Something went wrong in the bank's service."),
    "Crash": gettext_lazy("Something unexpected went wrong in the bank's service."),
    "Unavailable": gettext_lazy("Something that the service needs did not answer."),
    "KeysUnavailable": gettext_lazy("The keys by which tokens or orders are checked could not be fetched."),
    "RegisterUnavailable": gettext_lazy("The bank's own register of agencies and mandates could not be read."),
    "RecordUnavailable": gettext_lazy("The record could not be written, and without one nothing leaves."),
    "CertificateUnavailable": gettext_lazy("There was no valid certificate of the agency to encrypt to."),
    "EncryptionFailed": gettext_lazy("The answer could not be encrypted, and it never leaves otherwise."),
    "LimitsUnavailable": gettext_lazy("How much the agency had asked of all servers together could not be read."),
    "LedgerUnavailable": gettext_lazy("The bank's ledger did not answer."),
    "LedgerOutdated": gettext_lazy("What the ledger held was older than the bank lets leave."),
    "LedgerInconsistent": gettext_lazy("The ledger contradicted itself, and no answer is better than a wrong one."),
    "WaitedTooLong": gettext_lazy("The service was busy, and the question had waited too long for its turn."),
}
REASONS = {**AGENCY, **MANDATE, **ORDER, **FAILED}


def reason_of(refusal: str) -> str:
    """Return in words why that refusal is given, and where this release does not know it, just that."""
    if refusal in FORM:
        name, sentence = FORM[refusal]
        return str(sentence) % {"name": name}
    if refusal in REASONS:
        return str(REASONS[refusal])
    return _("This release does not know the refusal %(name)s.") % {"name": refusal}
