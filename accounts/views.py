"""The endpoints: each names its facts and builds its document; the corridor does the rest."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings

from accounts import ledger, requests, serializers
from accounts.freshness import check_freshness
from accounts.ledger import OWNED, OWNED_OR_DISPOSED
from accounts.ownership import HeldAccount, held_accounts
from accounts.references import NOBODY, Referred, context_of, reference_to, resolve
from accounts.standing import ControlObject, control_object
from legal.endpoints import Endpoint, Scope
from legal.enquiries import Answer, Enquiry
from legal.refusals import EndpointNotInMandate, NothingHere, PidMismatch
from legal.views import MandatedView

SHIELDED_OWNER = "Information about another party is not available through this channel."


class CustomerRelationships(MandatedView):
    """Which institutions of this bank the control object is or was a customer of, in the period."""

    scope = Scope.CUSTOMER_RELATIONSHIPS
    endpoint = Endpoint.CUSTOMER_RELATIONSHIPS
    parameters = requests.CUSTOMER_RELATIONSHIPS

    def document(self, enquiry: Enquiry) -> Answer:
        asked = asked_about(enquiry)
        found = ledger.relationships_of(asked.party_id, period=enquiry.period, institutions=institutions_of(enquiry))
        relationships = {row.institution_id: row for row in found}
        banks = [
            serializers.bank(
                organisation_number=standing.organisation_number,
                name=standing.name,
                active_account=relationships[standing.institution_id].creditable,
                ownership_type=None
                if enquiry.only_primary_owner is None
                else ownership_type(relationships[standing.institution_id].owns),
            )
            for standing in asked.standings
            if standing.institution_id in relationships
        ]
        document = serializers.customer_relationships_document(banks)
        return Answer(document, len(banks), asked.as_of, empty_because="" if banks else asked.empty_because)


class AccountList(MandatedView):
    """The accounts that the control object holds in the period; never paged."""

    scope = Scope.ACCOUNT_INFORMATION
    endpoint = Endpoint.ACCOUNTS
    parameters = requests.ACCOUNTS

    def document(self, enquiry: Enquiry) -> Answer:
        asked = asked_about(enquiry)
        rows = ledger.accounts_of(
            asked.party_id,
            period=enquiry.period,
            institutions=institutions_of(enquiry),
            kinds=OWNED if enquiry.only_primary_owner else OWNED_OR_DISPOSED,
        )
        accounts = held_accounts(rows, period=enquiry.period, withhold_shielded=settings.SHIELDED_OTHERS_WITHHELD)
        bound_to = context_of(enquiry)
        listed = [
            (account, reference_to(Referred(account.id, enquiry.party_number or ""), bound_to)) for account in accounts
        ]
        return Answer(
            serializers.accounts_document(listed, message=message_about(accounts)),
            len(accounts),
            asked.as_of,
            accounts=tuple(account.number for account in accounts),
            empty_because="" if accounts else asked.empty_because,
        )


class AccountDetails(MandatedView):
    """One account of the list, with its balances."""

    scope = Scope.ACCOUNT_INFORMATION
    endpoint = Endpoint.ACCOUNT_DETAILS
    parameters = requests.ONE_ACCOUNT

    def document(self, enquiry: Enquiry) -> Answer:
        referred, account = referred_account(enquiry)
        as_of = check_freshness([account.as_of], now=enquiry.asked_at, max_age=max_age())
        closed = account.end_date is not None and account.end_date <= enquiry.period.to_date
        balances = [] if closed else ledger.balances_of(account.id, at=as_of)
        return Answer(
            serializers.account_details_document(
                account, enquiry.account_reference or "", balances, message=message_about([account])
            ),
            1,
            as_of,
            accounts=(account.number,),
            control_object=referred.party_number,
        )


class NotYetServed(MandatedView):
    """An endpoint of the standard that no service here may use yet: each mandate refuses it in its own sentence."""

    scope = Scope.ACCOUNT_INFORMATION
    parameters = requests.ONE_ACCOUNT

    def document(self, enquiry: Enquiry) -> Answer:
        raise EndpointNotInMandate


class Transactions(NotYetServed):
    endpoint = Endpoint.TRANSACTIONS


class Roles(NotYetServed):
    endpoint = Endpoint.ROLES


class Cards(NotYetServed):
    endpoint = Endpoint.CARDS


def referred_account(enquiry: Enquiry) -> tuple[Referred, HeldAccount]:
    """Return the account behind the reference. Raise NothingHere alike for a worthless and an outlived one."""
    try:
        referred = resolve(enquiry.account_reference or "", context_of(enquiry))
    except NothingHere:
        referred = NOBODY
    if enquiry.grant.pid and enquiry.grant.pid != referred.party_number:
        raise PidMismatch
    rows = ledger.account_of(
        referred.account_id,
        party_number=referred.party_number,
        period=enquiry.period,
        institutions=institutions_of(enquiry),
        kinds=OWNED if enquiry.mandate.owner == "primary_owner_only" else OWNED_OR_DISPOSED,
    )
    if not rows:
        raise NothingHere
    (account,) = held_accounts(rows, period=enquiry.period, withhold_shielded=settings.SHIELDED_OTHERS_WITHHELD)
    return referred, account


def asked_about(enquiry: Enquiry) -> ControlObject:
    return control_object(
        enquiry.party_number or "",
        period=enquiry.period,
        institutions=institutions_of(enquiry),
        now=enquiry.asked_at,
        max_age=max_age(),
    )


def institutions_of(enquiry: Enquiry) -> Collection[str]:
    """Return the institutions that the token's audience names."""
    return settings.AUDIENCES[enquiry.grant.audience]


def max_age() -> timedelta:
    return timedelta(hours=settings.LEDGER_MAX_AGE_HOURS)


def ownership_type(owns: bool) -> str:
    return "primaryOwner" if owns else "notPrimaryOwner"


def message_about(accounts: list[HeldAccount]) -> str:
    """Return why the answer is partial; nothing when it is complete."""
    return SHIELDED_OWNER if any(account.owner and account.owner.withheld for account in accounts) else ""
