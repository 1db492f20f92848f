"""A ledger in the making: rows are added with running ids and come out table by table."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from accounts.models import Account, AccountRole, Party, PartyIdentifier
from legal.numbers import PersonNumberKind, kind_of
from sandbox.books import Book, balance_history, balances
from sandbox.counterparties import Counterparties
from sandbox.ledger_rows import (
    AccountRow,
    BsuYearRow,
    CardRow,
    GuardianshipRow,
    IdentifierRow,
    InstitutionRow,
    PartyRow,
    RoleRow,
    Row,
)
from sandbox.products import PRODUCTS
from sandbox.transactions import transactions

ROLE = AccountRole.Kind
DAILY_BANKING = "representasjonDagligbank"
CARD_YEARS = 4


class Made(NamedTuple):
    """A party as the generators pass it on: `since` is the first day it can hold something."""

    id: int
    identifier: str
    type: str
    since: date


class LedgerDraft:
    """Rows of one part of the bank; the ids of each of its tables count up from the same number."""

    def __init__(self, first_id: int) -> None:
        self.first_id = first_id
        self.parties: list[PartyRow] = []
        self.identifiers: list[IdentifierRow] = []
        self.guardianships: list[GuardianshipRow] = []
        self.accounts: list[AccountRow] = []
        self.roles: list[RoleRow] = []
        self.cards: list[CardRow] = []
        self.bsu_years: list[BsuYearRow] = []
        self.books: list[Book] = []

    def add_party(
        self,
        name: str,
        identifier: str,
        since: date,
        *,
        grade: str = Party.ProtectionGrade.OPEN,
        country: str = "NO",
        date_of_death: date | None = None,
        former_identifier: str = "",
        changed: date | None = None,
    ) -> Made:
        """Add a party with its number, and with a former one that it had until the day before the change."""
        number = self.first_id + len(self.parties)
        party_type = str(Party.Type.ORGANISATION if len(identifier) == 9 else Party.Type.PERSON)
        self.parties.append(PartyRow(number, party_type, name, country, str(grade), date_of_death))
        if changed is not None:
            last = date.fromordinal(changed.toordinal() - 1)
            self._add_identifier(number, former_identifier, since, last)
        self._add_identifier(number, identifier, changed or since, None)
        return Made(number, identifier, party_type, since)

    def _add_identifier(self, party_id: int, value: str, start: date, end: date | None) -> None:
        number = self.first_id + len(self.identifiers)
        self.identifiers.append(IdentifierRow(number, party_id, value, identifier_kind(value), start, end))

    def add_guardianship(
        self, ward: Made, guardian: Made, start: date, end: date | None = None, *, service: str = DAILY_BANKING
    ) -> None:
        number = self.first_id + len(self.guardianships)
        self.guardianships.append(GuardianshipRow(number, ward.id, guardian.id, service, start, end))

    def add_account(
        self,
        number: str,
        servicer: InstitutionRow,
        account_type: str,
        start: date,
        *,
        end: date | None = None,
        currency: str = "NOK",
        status: str = Account.Status.ENABLED,
        data_delivered: bool = True,
    ) -> AccountRow:
        """Add an account, deleted when it has an end."""
        product = PRODUCTS[account_type]
        status = Account.Status.DELETED if end else status
        account = AccountRow(
            id=self.first_id + len(self.accounts),
            number=number,
            servicer_id=servicer.id,
            type=str(account_type),
            name=product.name,
            currency=currency,
            status=str(status),
            start_date=start,
            end_date=end,
            nics_creditable=product.nics_creditable and currency == "NOK" and status == Account.Status.ENABLED,
            data_delivered=data_delivered,
        )
        self.accounts.append(account)
        return account

    def add_role(
        self,
        account: AccountRow,
        party: Made,
        kind: str = ROLE.PRIMARY_OWNER,
        *,
        start: date | None = None,
        end: date | None = None,
        permission: str = AccountRole.Permission.USE_ALONE,
    ) -> None:
        """Add a role from the account's start to its end, unless other days are given."""
        self.roles.append(
            RoleRow(
                self.first_id + len(self.roles),
                account.id,
                party.id,
                str(kind),
                "" if kind == ROLE.GUARANTOR else str(permission),
                start or account.start_date,
                end or account.end_date,
            )
        )

    def add_card(
        self,
        account: AccountRow,
        holder: Made,
        last_four: int,
        issuer: InstitutionRow,
        start: date,
        *,
        status: str = "active",
        version: int = 1,
    ) -> int:
        """Add a card that is valid for four years, and return its id."""
        card = CardRow(
            id=self.first_id + len(self.cards),
            account_id=account.id,
            holder_id=holder.id,
            masked_number=f"999001XXXXXX{last_four:04}",
            type=PRODUCTS[account.type].card,
            status=status,
            version_number=str(version),
            start_month=f"{start:%Y-%m}",
            expiry_month=f"{start.year + CARD_YEARS}-{start:%m}",
            issuer_name=issuer.name,
            issuer_number=issuer.organisation_number,
            issuer_country=issuer.country,
        )
        self.cards.append(card)
        return card.id

    def add_cards(
        self, account: AccountRow, holder: Made, last_four: int, issuer: InstitutionRow, *, first: date, last: date
    ) -> list[tuple[int, int]]:
        """Add a card and, each time it expires, its next version. Return the first day and the id of each."""
        starts = [first]
        while (following := _years_later(starts[-1])) <= last:
            starts.append(following)
        cards = []
        for version, start in enumerate(starts, start=1):
            status = "active" if start == starts[-1] and account.end_date is None else "blocked"
            card = self.add_card(account, holder, last_four, issuer, start, status=status, version=version)
            cards.append((start.toordinal(), card))
        return cards

    def rows(self, table: str, counterparties: Counterparties) -> Iterable[Row]:
        """Return the rows of one table; those that follow from the books are made on the way."""
        made: dict[str, Iterable[Row]] = {
            "party": self.parties,
            "party_identifier": self.identifiers,
            "guardianship": self.guardianships,
            "account": self.accounts,
            "account_role": self.roles,
            "payment_card": self.cards,
            "bsu_year": self.bsu_years,
            "balance": balances(self.books, self.first_id),
            "balance_history": balance_history(self.books, self.first_id),
            "transaction": transactions(self.books, self.first_id, counterparties),
        }
        return made.get(table, ())


def _years_later(day: date) -> date:
    return day.replace(year=day.year + CARD_YEARS, day=min(day.day, 28))


def identifier_kind(value: str) -> str:
    if len(value) == 9:
        return str(PartyIdentifier.Kind.ORGANISATION_NUMBER)
    is_d_number = kind_of(value) is PersonNumberKind.D_NUMBER
    return str(PartyIdentifier.Kind.D_NUMBER if is_d_number else PartyIdentifier.Kind.BIRTH_NUMBER)
