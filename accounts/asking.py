"""What the endpoints share: about whom or which account is asked, and what the law needs to know of them."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import cached_property, wraps
from typing import Any

from django.conf import settings

from accounts import ledger
from accounts.ledger import OWNED, OWNED_OR_DISPOSED, Held, PartyFacts, Span
from accounts.moments import check_moment
from accounts.ownership import HeldAccount, days_of, disposed_by_guardian, held_accounts
from accounts.references import NOBODY, Referred, context_of, resolve
from accounts.replicas import asked_again
from accounts.standing import ControlObject, control_object
from legal.bankruptcies import ruling_date_of
from legal.enquiries import Answer, Enquiry
from legal.facts import Facts
from legal.periods import Period, merged, within
from legal.refusals import NothingHere
from legal.views import MandatedView

SHIELDED_OTHER = "Information about another party is not available through this channel."
HISTORY_NOT_ONLINE = "Part of the period lies before the history that is available through this channel."
DISPOSALS_NOT_LISTED = "The party has or had rights of disposal over accounts that are not listed here."
NOT_DELIVERED = "dataNotDelivered"
Document = Callable[[Any, Enquiry], Answer]


def never_late(document: Document) -> Document:
    """Have an empty list that a replica gave asked for once more at the primary, whoever it is about."""

    @wraps(document)
    def asked(self: Any, enquiry: Enquiry) -> Answer:
        return asked_again(lambda: document(self, enquiry), is_nothing=lambda answer: not answer.items)

    return asked


class AboutParty(MandatedView):
    """An endpoint about a party, who is named in a header."""

    def facts(self, enquiry: Enquiry) -> Facts:
        number = enquiry.party_number or ""
        if enquiry.mandate.precondition == "bankruptcy":
            return Facts(ruling_date=ruling_date_of(number))
        return asked_again(lambda: self.known_of(number, enquiry), is_nothing=lambda facts: facts == Facts())

    def known_of(self, number: str, enquiry: Enquiry) -> Facts:
        found = ledger.facts_of(number, institutions=institutions_of(enquiry), guardian_number=enquiry.guardian_number)
        return facts_among(found, enquiry.period)

    def forget(self) -> None:
        """Keep nothing from one asking to the next."""


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
        self.rows = asked_again(lambda: rows_of(enquiry, self.referred), is_nothing=lambda rows: not rows)
        if not self.rows:
            raise NothingHere
        first = self.rows[0]
        return facts_among([PartyFacts(first.date_of_death, first.guardianships)], enquiry.period)

    def forget(self) -> None:
        """Let the account be asked for anew."""
        self.rows = None

    def check_moment(self, account: HeldAccount, moments: Iterable[datetime | None], enquiry: Enquiry) -> None:
        """Raise LedgerMoved unless what was found is of the account's moment; where nothing was, ask for it again."""
        check_moment(set(moments) or {row.as_of for row in rows_of(enquiry, self.referred)}, of=account.as_of)

    def account(self, enquiry: Enquiry) -> HeldAccount:
        """Return the account. Raise NothingHere alike for a worthless reference and an outlived one."""
        accounts = asked_again(lambda: self.given(enquiry), is_nothing=lambda accounts: not accounts)
        if not accounts:
            raise NothingHere
        return accounts[0]

    def given(self, enquiry: Enquiry) -> list[HeldAccount]:
        """Return the account if there is one to tell of; rows that are known already are taken once."""
        rows, self.rows = self.rows, None
        accounts = held(rows_of(enquiry, self.referred) if rows is None else rows, enquiry)
        return [account for account in accounts if not is_listed_only(account, enquiry)]


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


def is_closed(account: HeldAccount, enquiry: Enquiry) -> bool:
    return account.end_date is not None and account.end_date <= enquiry.period.to_date


def ownership_type(owns: bool) -> str:
    return "primaryOwner" if owns else "notPrimaryOwner"
