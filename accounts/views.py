"""The endpoints: each names its facts and builds its document; the corridor does the rest."""

from django.conf import settings

from accounts import contents, ledger, movements, requests, serializers
from accounts.asking import (
    NOT_DELIVERED,
    AboutAccount,
    AboutParty,
    asked_about,
    before_history,
    held,
    institutions_of,
    is_closed,
    is_listed_only,
    kinds_of,
    max_age,
    message,
    never_late,
    owner_hidden,
    ownership_type,
    tells_of_disposals,
)
from accounts.contents import BalanceRow, HolderRow
from accounts.freshness import check_freshness
from accounts.ledger import OWNED_OR_DISPOSED, OWNERS, Kind
from accounts.models import OPEN_GRADES
from accounts.moments import check_moment, check_relationships, check_roles, of_one_moment
from accounts.movement_documents import Page, address, transactions_document
from accounts.ownership import HeldAccount
from accounts.references import Referred, context_of, context_of_page, cursor_to, position_of, reference_to
from accounts.replicas import asked_again
from legal.endpoints import Endpoint, Scope
from legal.enquiries import Answer, Enquiry
from legal.periods import Period, day_in_oslo, moments_of
from legal.refusals import NothingHere
from legal.views import MandatedView


class CustomerRelationships(AboutParty):
    """Which institutions of this bank the control object is or was a customer of, in the period."""

    scope = Scope.CUSTOMER_RELATIONSHIPS
    endpoint = Endpoint.CUSTOMER_RELATIONSHIPS
    parameters = requests.CUSTOMER_RELATIONSHIPS

    @never_late
    @of_one_moment
    def document(self, enquiry: Enquiry) -> Answer:
        asked = asked_about(enquiry)
        found = ledger.relationships_of(asked.party_id, period=enquiry.period, institutions=institutions_of(enquiry))
        check_relationships(asked, found)
        relationships = {row.institution_id: row for row in found}
        today = day_in_oslo(enquiry.asked_at)
        banks = [
            serializers.bank(
                organisation_number=standing.organisation_number,
                name=standing.name,
                active_account=relationships[standing.institution_id].creditable and enquiry.period.to_date == today,
                ownership_type=None
                if enquiry.only_primary_owner is None
                else ownership_type(relationships[standing.institution_id].owns),
            )
            for standing in asked.standings
            if standing.institution_id in relationships
        ]
        document = serializers.customer_relationships_document(banks)
        return Answer(document, len(banks), asked.as_of, empty_because="" if banks else asked.empty_because)


class AccountServicingProvider(MandatedView):
    """Which institution of this bank services an account number."""

    scope = Scope.ACCOUNT_SERVICING_PROVIDER
    endpoint = Endpoint.ACCOUNT_SERVICING_PROVIDER
    parameters = requests.ACCOUNT_SERVICING_PROVIDER

    def document(self, enquiry: Enquiry) -> Answer:
        number = enquiry.account_number or ""
        institutions = institutions_of(enquiry)
        found = asked_again(
            lambda: ledger.servicer_of(number, institutions=institutions), is_nothing=lambda found: not found
        )
        if not found:
            raise NothingHere
        servicer = found[0]
        as_of = check_freshness([servicer.as_of], now=enquiry.asked_at, max_age=max_age())
        document = serializers.servicing_provider_document(
            organisation_number=servicer.organisation_number, name=servicer.name
        )
        return Answer(document, 1, as_of, accounts=(number,))


class AccountList(AboutParty):
    """The accounts that the control object holds in the period; never paged."""

    scope = Scope.ACCOUNT_INFORMATION
    endpoint = Endpoint.ACCOUNTS
    parameters = requests.ACCOUNTS

    @never_late
    @of_one_moment
    def document(self, enquiry: Enquiry) -> Answer:
        asked, kinds = asked_about(enquiry), kinds_of(enquiry)
        rows = ledger.accounts_of(
            asked.party_id,
            period=enquiry.period,
            institutions=institutions_of(enquiry),
            kinds=kinds,
            guardian_number=enquiry.guardian_number,
        )
        check_roles(asked, rows, kinds=kinds)
        accounts = held(rows, enquiry)
        bound_to = context_of(enquiry)
        listed = [
            (
                account,
                NOT_DELIVERED
                if is_listed_only(account, enquiry)
                else reference_to(Referred(account.id, enquiry.party_number or ""), bound_to),
            )
            for account in accounts
        ]
        why_partial = message(
            hidden=owner_hidden(accounts),
            history=any(before_history(account) for account in accounts),
            disposals=tells_of_disposals(enquiry)
            and enquiry.only_primary_owner is False
            and asked.holds_any(kind for kind in OWNED_OR_DISPOSED if kind != Kind.PRIMARY_OWNER),
        )
        return Answer(
            serializers.accounts_document(listed, message=why_partial),
            len(accounts),
            asked.as_of,
            accounts=tuple(account.number for account in accounts),
            empty_because="" if accounts else asked.empty_because,
        )


class AccountDetails(AboutAccount):
    """One account of the list, with its balances."""

    scope = Scope.ACCOUNT_INFORMATION
    endpoint = Endpoint.ACCOUNT_DETAILS
    parameters = requests.ONE_ACCOUNT

    @of_one_moment
    def document(self, enquiry: Enquiry) -> Answer:
        account = self.account(enquiry)
        as_of = check_freshness([account.as_of], now=enquiry.asked_at, max_age=max_age())
        balances = self.balances(account, enquiry)
        return Answer(
            serializers.account_details_document(
                account,
                enquiry.account_reference or "",
                balances,
                message=message(hidden=owner_hidden([account]), history=self.is_out_of_reach(account, enquiry)),
            ),
            1,
            as_of,
            accounts=(account.number,),
            control_object=self.referred.party_number,
        )

    def balances(self, account: HeldAccount, enquiry: Enquiry) -> list[BalanceRow]:
        """Return the balances of the last day on which the party had its role; none once the account is closed."""
        last_day = account.spans[-1].to_date
        if is_closed(account, enquiry) or self.is_out_of_reach(account, enquiry):
            return []
        if last_day >= day_in_oslo(enquiry.asked_at):
            found = contents.balances_of(account.id, at=account.as_of)
        else:
            found = contents.booked_balance_of(account.id, before=moments_of(Period(last_day, last_day))[1])
        self.check_moment(account, (row.as_of for row in found), enquiry)
        return found

    def is_out_of_reach(self, account: HeldAccount, enquiry: Enquiry) -> bool:
        """Return whether there would be a balance, on a day before the institution's history."""
        return account.spans[-1].to_date < account.history_from and not is_closed(account, enquiry)


class Transactions(AboutAccount):
    """One page of the account's transactions, on the days of the period on which the party had its role."""

    scope = Scope.ACCOUNT_INFORMATION
    endpoint = Endpoint.TRANSACTIONS
    parameters = requests.ONE_PAGE

    @of_one_moment
    def document(self, enquiry: Enquiry) -> Answer:
        account = self.account(enquiry)
        as_of = check_freshness([account.as_of], now=enquiry.asked_at, max_age=max_age())
        reference, bound_to = enquiry.account_reference or "", context_of_page(enquiry)
        size = settings.TRANSACTIONS_PAGE_SIZE
        spans = [moments_of(span) for span in account.spans]
        rows = movements.transactions_of(
            account.id,
            begin=spans[0][0],
            end=spans[-1][1],
            spans=spans if len(spans) > 1 else (),
            after=position_of(enquiry.cursor, bound_to) if enquiry.cursor is not None else None,
            limit=size + 1,
        )
        page = Page(rows[:size])
        named = movements.named_on(account.id, numbers=page.numbers(), accounts=page.accounts(), cards=page.cards())
        check_moment(named.moments, of=account.as_of)
        transactions = page.transactions(
            named, party_id=account.party_id, withhold_shielded=settings.SHIELDED_OTHERS_WITHHELD
        )
        following = cursor_to(page.last, bound_to) if len(rows) > size else None
        why_partial = message(hidden=page.hidden, history=before_history(account))
        return Answer(
            transactions_document(
                transactions,
                own_page=address(reference, enquiry.asked_for, enquiry.cursor),
                next_page=address(reference, enquiry.asked_for, following) if following else None,
                message=why_partial,
            ),
            len(transactions),
            as_of,
            accounts=(account.number,),
            control_object=self.referred.party_number,
            evidence={"cursor": enquiry.cursor} if enquiry.cursor else {},
        )


class Cards(AboutAccount):
    """The cards of the account that were valid in the period."""

    scope = Scope.ACCOUNT_INFORMATION
    endpoint = Endpoint.CARDS
    parameters = requests.ONE_ACCOUNT

    @of_one_moment
    def document(self, enquiry: Enquiry) -> Answer:
        account = self.account(enquiry)
        as_of = check_freshness([account.as_of], now=enquiry.asked_at, max_age=max_age())
        rows = contents.cards_of(
            account.id, days=account.spans, holder=account.party_id if others_withheld(account, enquiry) else None
        )
        self.check_moment(account, (row.as_of for row in rows), enquiry)
        cards = [
            serializers.card_document(
                row, party_id=account.party_id, withhold_shielded=settings.SHIELDED_OTHERS_WITHHELD
            )
            for row in rows
        ]
        why_partial = message(hidden=any(hidden for _, hidden in cards), history=before_history(account))
        return Answer(
            serializers.cards_document([card for card, _ in cards], message=why_partial),
            len(cards),
            as_of,
            accounts=(account.number,),
            control_object=self.referred.party_number,
        )


class Roles(AboutAccount):
    """Who had a right to use the account in the period."""

    scope = Scope.ACCOUNT_INFORMATION
    endpoint = Endpoint.ROLES
    parameters = requests.ONE_ACCOUNT

    @of_one_moment
    def document(self, enquiry: Enquiry) -> Answer:
        account = self.account(enquiry)
        as_of = check_freshness([account.as_of], now=enquiry.asked_at, max_age=max_age())
        rows = contents.holders_of(account.id, days=account.spans, kinds=OWNED_OR_DISPOSED)
        self.check_moment(account, (row.as_of for row in rows), enquiry)
        shown = [row for row in latest(rows) if not others_withheld(account, enquiry) or not is_other(row, account)]
        hidden = [is_hidden(row, account) for row in shown]
        why_partial = message(hidden=any(hidden), history=before_history(account))
        holders = [
            serializers.holder_document(row, hidden=is_hidden) for row, is_hidden in zip(shown, hidden, strict=True)
        ]
        return Answer(
            serializers.roles_document(holders, message=why_partial),
            len(holders),
            as_of,
            accounts=(account.number,),
            control_object=self.referred.party_number,
        )


def latest(rows: list[HolderRow]) -> list[HolderRow]:
    """Return each party's latest role of a kind: the last period counts when one was lost and regained."""
    return [*{(row.party_id, row.kind): row for row in rows}.values()]


def others_withheld(account: HeldAccount, enquiry: Enquiry) -> bool:
    """Return whether other users stay unnamed: the party itself may only use the account, and the service says so."""
    return enquiry.mandate.other_holders_withheld and not account.owned


def is_other(holder: HolderRow, account: HeldAccount) -> bool:
    return holder.party_id != account.party_id and holder.kind not in OWNERS


def is_hidden(holder: HolderRow, account: HeldAccount) -> bool:
    shielded = holder.party_id != account.party_id and holder.grade not in OPEN_GRADES
    return shielded and settings.SHIELDED_OTHERS_WITHHELD
