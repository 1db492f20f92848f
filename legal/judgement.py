"""Step 4 of the corridor: does the mandate let this question through? Its rules, in one order for every endpoint."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from django.conf import settings

from legal import extradition, rules
from legal.endpoints import Endpoint
from legal.enquiries import Enquiry
from legal.extradition import Order
from legal.facts import NOTHING_KNOWN, Facts
from legal.periods import Period
from legal.refusals import BadAdditionalReferenceID, PidMismatch, Refusal

EXTRADITION_ORDER, GUARDIAN = "extradition_order", "guardian"


def check_parameters(enquiry: Enquiry, *, requester_id: str | None, reference: str | None, kind: str | None) -> None:
    """Refuse parameters that the mandate does not allow, whoever is asked about."""
    mandate = enquiry.mandate
    rules.check_order(from_date=enquiry.period.from_date, to_date=enquiry.period.to_date)
    rules.OWNER_RULES[mandate.owner](only_primary_owner=enquiry.only_primary_owner)
    rules.REQUESTER_RULES[mandate.requester](requester_id=requester_id)
    rules.REFERENCE_RULES[mandate.additional_reference](additional_reference=reference, additional_reference_type=kind)


def check_party(number: str, *, refusal: type[Refusal]) -> None:
    """Refuse a number that this environment does not take."""
    rules.check_party_number(
        number,
        refusal=refusal,
        synthetic_allowed=settings.SYNTHETIC_PARTIES,
        wrong_digits=settings.PARTY_NUMBER_CHECK,
    )


def read_reference(enquiry: Enquiry, reference: str | None, *, now: datetime) -> Enquiry:
    """Return the enquiry with what its additional reference says: a guardian's number or the police's order."""
    kind = enquiry.mandate.additional_reference
    if kind == GUARDIAN and reference is not None:
        check_party(reference, refusal=BadAdditionalReferenceID)
        return replace(enquiry, guardian_number=reference)
    if kind == EXTRADITION_ORDER and reference is not None:
        return replace(enquiry, order=extradition.read_order(reference, now=now))
    return enquiry


def check_control_object(enquiry: Enquiry, party_number: str | None, *, endpoint: Endpoint) -> None:
    """Refuse a party that the token or the order is not about; None stands for a reference that means nobody."""
    if enquiry.grant.pid and party_number != enquiry.grant.pid:
        raise PidMismatch
    if enquiry.order:
        _check_order(enquiry, enquiry.order, party_number, endpoint)


def _check_order(enquiry: Enquiry, order: Order, party_number: str | None, endpoint: Endpoint) -> None:
    extradition.check_request(
        order,
        endpoint=endpoint,
        mandate=enquiry.legal_mandate,
        account_info_request_id=enquiry.account_info_request_id,
        period=enquiry.period,
        only_primary_owner=enquiry.only_primary_owner,
        party_number=party_number or order.party_number,
    )


def check_law(enquiry: Enquiry, *, facts: Callable[[Enquiry], Facts], today: date) -> Enquiry:
    """Return the enquiry cut to the days that the law reaches. Refuse a wrong period and an unmet precondition.

    `facts` is asked only where the mandate has a precondition, and a period that depends on none is judged before.
    """
    mandate, period = enquiry.mandate, enquiry.period
    check_period = partial(
        rules.PERIOD_RULES[mandate.period], from_date=period.from_date, to_date=period.to_date, today=today
    )
    if mandate.period not in rules.PERIODS_FROM_FACTS:
        check_period(facts=NOTHING_KNOWN)
    known = NOTHING_KNOWN if mandate.precondition == "none" else facts(enquiry)
    rules.PRECONDITIONS[mandate.precondition](facts=known)
    if mandate.period in rules.PERIODS_FROM_FACTS:
        check_period(facts=known)
    if mandate.precondition == "guardianship":
        first, last = known.guardianships[0], known.guardianships[-1]  # days between them are left out of each account
        return replace(enquiry, period=Period(first.from_date, last.to_date))
    return enquiry
