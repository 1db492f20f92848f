"""What the endpoints share: about whom or which account is asked, and what the law needs to know of them."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import cached_property

from django.conf import settings

from accounts import ledger
from accounts.ledger import OWNED, OWNED_OR_DISPOSED, Held, PartyFacts, Span
from accounts.ownership import HeldAccount, days_of, disposed_by_guardian, held_accounts
from accounts.references import NOBODY, Referred, context_of, resolve
from accounts.standing import ControlObject, control_object
from legal.bankruptcies import ruling_date_of
from legal.enquiries import Enquiry
from legal.facts import Facts
from legal.periods import Period, merged, within
from legal.refusals import NothingHere
from legal.views import MandatedView

SHIELDED_OTHER = "Information about another party is not available through this channel."
HISTORY_NOT_ONLINE = "Part of the period lies before the history that is available through this channel."
DISPOSALS_NOT_LISTED = "The party has or had rights of disposal over accounts that are not listed here."
NOT_DELIVERED = "dataNotDelivered"


class AboutParty(MandatedView):
    """An endpoint about a party, who is named in a header."""

    def facts(self, enquiry: Enquiry) -> Facts:
        number = enquiry.party_number or ""
        if enquiry.mandate.precondition == "bankruptcy":
            return Facts(ruling_date=ruling_date_of(number))
        found = ledger.facts_of(number, institutions=institutions_of(enquiry), guardian_number=enquiry.guardian_number)
        return facts_among(found, enquiry.period)


class AboutAccount(MandatedView):
    """An endpoint about one account of the list; what its reference stands for is looked up once."""

    rows: list[Held] | None = None

    @cached_property
    def referred(self) -> Referred:
        """Return what the reference stands for; NOBODY for a worthless one, which is looked up like any other."""
        enquiry = self.enquiry
        try:
            return resolve(enquiry.account_reference or "", context_of(enquiry))
        except NothingHere:
            return NOBODY

    def control_object(self, enquiry: Enquiry) -> str | None:
        self.enquiry = enquiry
        return None if self.referred is NOBODY else self.referred.party_number

    def facts(self, enquiry: Enquiry) -> Facts:
        if enquiry.mandate.precondition == "bankruptcy":
            if self.referred is NOBODY:
                raise NothingHere
            return Facts(ruling_date=ruling_date_of(self.referred.party_number))
        self.rows = rows_of(enquiry, self.referred)
        if not self.rows:
            raise NothingHere
        first = self.rows[0]
        return facts_among([PartyFacts(first.date_of_death, first.guardianships)], enquiry.period)

    def account(self, enquiry: Enquiry) -> HeldAccount:
        """Return the account. Raise NothingHere alike for a worthless reference and an outlived one."""
        rows = rows_of(enquiry, self.referred) if self.rows is None else self.rows
        accounts = held(rows, enquiry)
        if not accounts or is_listed_only(accounts[0], enquiry):
            raise NothingHere
        return accounts[0]


def rows_of(enquiry: Enquiry, referred: Referred) -> list[Held]:
    return ledger.account_of(
        referred.account_id,
        party_number=referred.party_number,
        period=enquiry.period,
        institutions=institutions_of(enquiry),
        kinds=kinds_of(enquiry),
        guardian_number=enquiry.guardian_number,
    )


def held(rows: list[Held], enquiry: Enquiry) -> list[HeldAccount]:
    """Return the accounts behind the rows; under a guardianship those alone that the guardian could use."""
    if enquiry.guardian_number is not None:
        rows = disposed_by_guardian(rows, period=enquiry.period)
    return held_accounts(rows, period=enquiry.period, withhold_shielded=settings.SHIELDED_OTHERS_WITHHELD)


def facts_among(found: Iterable[PartyFacts], period: Period) -> Facts:
    """Return the facts of the one party found, its guardianships cut to the period; nothing when there is none."""
    for party in found:
        return Facts(date_of_death=party.date_of_death, guardianships=covered(party.guardianships, period))
    return Facts()


def covered(spans: Iterable[Span], period: Period) -> tuple[Period, ...]:
    return merged(days for span in spans if (days := within(Period(*days_of(span)), period)))


def asked_about(enquiry: Enquiry) -> ControlObject:
    return control_object(
        enquiry.party_number or "",
        period=enquiry.period,
        institutions=institutions_of(enquiry),
        now=enquiry.asked_at,
        max_age=max_age(),
    )


def kinds_of(enquiry: Enquiry) -> Collection[str]:
    """Return which roles of the party bring an account into the answer."""
    owned_only = (
        enquiry.only_primary_owner
        or enquiry.mandate.owner == "primary_owner_only"
        or (enquiry.order and enquiry.order.only_primary_owner)
        or tells_of_disposals(enquiry)
    )
    return OWNED if owned_only else OWNED_OR_DISPOSED


def tells_of_disposals(enquiry: Enquiry) -> bool:
    """Return whether the police are told of rights of disposal instead of shown the accounts (alternative 1)."""
    return enquiry.order is not None and settings.POLICE_DISPOSALS == "told"


def is_listed_only(account: HeldAccount, enquiry: Enquiry) -> bool:
    return enquiry.mandate.data_not_delivered and not account.data_delivered


def institutions_of(enquiry: Enquiry) -> Collection[str]:
    """Return the institutions that the token's audience names."""
    return settings.AUDIENCES[enquiry.grant.audience]


def max_age() -> timedelta:
    return timedelta(hours=settings.LEDGER_MAX_AGE_HOURS)


def message(*, hidden: bool = False, history: bool = False, disposals: bool = False) -> str:
    """Return why the answer is partial; nothing when it is complete."""
    reasons = {DISPOSALS_NOT_LISTED: disposals, HISTORY_NOT_ONLINE: history, SHIELDED_OTHER: hidden}
    return " ".join(sentence for sentence, holds in reasons.items() if holds)


def owner_hidden(accounts: Iterable[HeldAccount]) -> bool:
    return any(account.owner is not None and account.owner.withheld for account in accounts)


def before_history(account: HeldAccount) -> bool:
    """Return whether the party had its role on days that the institution's history does not reach."""
    first = max(account.spans[0].from_date, account.start_date)
    return first < account.history_from and first <= account.spans[-1].to_date
