"""The question in plain words: who asked, by which law, under which rules, for what, about whom."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import AuditRecord
from audit.pages import in_oslo
from compliance.explaining.numbers import masked
from compliance.explaining.then import Known, KnownWhen, day_of
from legal.endpoints import Endpoint
from legal.models import ServiceVersion
from legal.numbers import has_organisation_form, has_person_form

KINDS: dict[str, Promise] = {
    Endpoint.CUSTOMER_RELATIONSHIPS: gettext_lazy("at which of the bank's institutions somebody is a customer"),
    Endpoint.ACCOUNT_SERVICING_PROVIDER: gettext_lazy("which institution has an account"),
    Endpoint.ACCOUNTS: gettext_lazy("somebody's accounts"),
    Endpoint.ACCOUNT_DETAILS: gettext_lazy("one account and its balances"),
    Endpoint.TRANSACTIONS: gettext_lazy("the transactions of one account"),
    Endpoint.CARDS: gettext_lazy("the payment cards of one account"),
    Endpoint.ROLES: gettext_lazy("who may use one account"),
}
ABOUT_PARTY = (Endpoint.CUSTOMER_RELATIONSHIPS, Endpoint.ACCOUNTS)
REFERENCES: dict[str, Promise] = {
    "srf": gettext_lazy("An additional reference came with it, for a guardian (srf)."),
    "pol1": gettext_lazy("An additional reference came with it, for an extradition order (pol1)."),
}
FILE = ServiceVersion.Origin.FILE


def who(known: Known) -> Iterator[str]:
    """Yield the agency, whoever asked for it, and by what name."""
    record = known.record
    yield agency_of(known)
    if record.supplier:
        told = {"supplier": known_number(record.supplier)}
        yield _("The supplier with the organisation number %(supplier)s asked on its behalf.") % told
    if record.requester_id:
        yield _("The agency says that it was asked for by “%(id)s” (RequesterID).") % {
            "id": known.safe(record.requester_id)
        }
    else:
        yield _("The agency did not say who there asked (RequesterID).")


def agency_of(known: Known) -> str:
    """Return the agency by its name then and its number."""
    number = known_number(known.record.consumer)
    if not number:
        return _("The record names no agency.")
    if known.agency is None:
        return _("The organisation with the number %(number)s, which the register did not have as an agency.") % {
            "number": number
        }
    sentence = {
        KnownWhen.THEN: _("%(name)s, organisation number %(number)s."),
        KnownWhen.TODAY: _("%(name)s, organisation number %(number)s; so it is called today, the past is not kept."),
        KnownWhen.LATER: _("%(name)s, organisation number %(number)s, which became an agency here later."),
    }
    return sentence[known.agency.known] % {"name": known.agency.name, "number": number}


def known_number(number: str) -> str:
    """Return the number of an organisation that acts; whatever is none is masked."""
    return number if not number or has_organisation_form(number) else masked(number)


def law(known: Known) -> Iterator[str]:
    """Yield the mandate as the agency wrote it, what the version says of it, and what came with it."""
    record = known.record
    if record.legal_mandate:
        yield _("Legal mandate, in the agency's words: “%(text)s”.") % {"text": known.safe(record.legal_mandate)}
    else:
        yield _("The record has no legal mandate: none was sent that could be read, or it was refused before.")
    step = known.rules.get("steps", {}).get(record.endpoint)
    if step and record.legal_mandate in step["mandates"]:
        yield _("The rules of the service %(service)s list it as the ground of this kind of question.") % {
            "service": known.rules["name"]
        }
    if record.additional_reference_type:
        yield str(REFERENCES.get(record.additional_reference_type, _("An additional reference came with it.")))
    yield from _order(known)


def _order(known: Known) -> Iterator[str]:
    order = (known.record.evidence or {}).get("extradition_order")
    if not isinstance(order, dict):
        return
    said = {name: known.safe(str(value)) for name, value in order.items()}
    names = ("extradition_order_id", "case_id", "approved_by_role", "approved_by_id", "approved_at", "expires_at")
    yield _(
        "Extradition order %(extradition_order_id)s in the case %(case_id)s, approved %(approved_at)s by"
        " %(approved_by_role)s %(approved_by_id)s, expires %(expires_at)s."
    ) % {name: said.get(name, "?") for name in names}


def rules(known: Known) -> Iterator[str]:
    """Yield which version ruled, whose it was and from when."""
    record, version = known.record, known.version
    if not record.service:
        yield _("No version of a service ruled: it was refused before one was found.")
        return
    if version is None:
        told = {"service": record.service, "number": _or_none(record.service_version)}
        yield _("Service %(service)s, version %(number)s.") % told
        yield _("This release cannot read that version: it is not in the database.")
        return
    service = known.rules.get("name") or version.service.name
    yield _("Service %(service)s, version %(number)s.") % {"service": service, "number": version.number}
    yield from _behind(version)
    if known.ruled.missing:
        yield _("This release cannot read that version: its rules are none that it knows.")


def _behind(version: ServiceVersion) -> Iterator[str]:
    day = day_of(version)
    if version.origin == FILE:
        yield _("It comes from a reviewed file of the release, not from a person here.")
    else:
        people = {"author": version.author or _("nobody"), "approver": version.approver or _("nobody")}
        yield _("Drafted by %(author)s, approved by %(approver)s.") % people
    if day is not None:
        yield _("In force from %(day)s.") % {"day": day.isoformat()}


def asked(known: Known) -> Iterator[str]:
    """Yield what was asked, about whom and for which days."""
    record = known.record
    kind = KINDS.get(record.endpoint)
    what = {"what": kind or _("an address where nothing is"), "endpoint": record.endpoint or "?"}
    yield _("Asked for: %(what)s (%(endpoint)s).") % what
    yield _("Asked at %(time)s (Oslo).") % {"time": in_oslo(record.at)}
    yield from about(known)
    yield from _days(record)
    if record.endpoint in ABOUT_PARTY and record.only_primary_owner is not None:
        if record.only_primary_owner:
            yield _("Limited to primary owners (OnlyPrimaryOwner is true).")
        else:
            yield _("Not limited to primary owners (OnlyPrimaryOwner is false).")
    if "cursor" in (record.evidence or {}):
        yield _("It was a further page of a longer list.")
    if known.numbers and known.numbers.malformed:
        yield _("Refused for their form: %(names)s.") % {"names": ", ".join(sorted(known.numbers.malformed))}
    if record.account_info_request_id:
        yield _("The agency's case (AccountInfoRequestID): %(id)s.") % {"id": record.account_info_request_id}
    if record.correlation_id:
        yield _("This very question (CorrelationID): %(id)s.") % {"id": record.correlation_id}


def about(known: Known) -> Iterator[str]:
    """Yield whom or which account the question names, masked."""
    record, numbers = known.record, known.numbers
    if numbers is None:
        yield _("About whom can be read no more: the keys of that month were deleted, or are not here.")
        return
    number = numbers.control_object
    if has_person_form(number):
        yield _("About the person with the number %(number)s.") % {"number": masked(number)}
    elif has_organisation_form(number):
        yield _("About the company with the number %(number)s.") % {"number": masked(number)}
    elif number:
        yield _("About a number that has not the form of one.")
    if numbers.account_reference and record.endpoint == Endpoint.ACCOUNT_SERVICING_PROVIDER:
        yield _("About the account with the number %(number)s.") % {"number": masked(numbers.account_reference)}
    elif numbers.account_reference:
        yield _("The account was named by a reference, as the list of accounts gives it.")
    if not number and not numbers.account_reference:
        yield _("The record names nobody whom it is about.")


def _days(record: AuditRecord) -> Iterator[str]:
    if record.from_date is None or record.to_date is None:
        return
    if record.from_date == record.to_date:
        yield _("For one day: %(day)s.") % {"day": record.from_date.isoformat()}
    else:
        days = {"first": record.from_date.isoformat(), "last": record.to_date.isoformat()}
        yield _("For the days from %(first)s to %(last)s.") % days


def _or_none(number: int | None) -> str:
    return "–" if number is None else str(number)
