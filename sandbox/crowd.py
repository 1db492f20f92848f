"""Everybody in the synthetic bank who is no character: chosen by chance, the same for the same seed and day."""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Account, AccountRole, Party
from sandbox.books import write_book
from sandbox.dice import Dice
from sandbox.ledger_draft import LedgerDraft, Made
from sandbox.ledger_rows import AccountRow, InstitutionRow
from sandbox.names import organisation_name, person_name
from sandbox.number_series import BANK_REGISTER, OTHER_REGISTER, NumberSeries
from sandbox.products import CURRENCIES, ORGANISATIONS_TYPES, PERSONS_TYPES, PRODUCTS, TYPE

FIRST_ID = 100_000  # every id below is a character's
ROLE, PERMISSION, GRADE = AccountRole.Kind, AccountRole.Permission, Party.ProtectionGrade
# Of a thousand persons; the first word is no grade that we know and so counts as shielded.
GRADES = ((4, "uoppgitt"), (8, GRADE.STRICTLY_CONFIDENTIAL), (14, GRADE.CONFIDENTIAL), (20, GRADE.CLIENT_ADDRESS))
LONGEST_CUSTOMER_DAYS = 15 * 365
YOUNGEST_ACCOUNT_DAYS = 30
SHORTEST_HISTORY_DAYS = 60  # of accounts that close or change hands
RESERVING = {TYPE.SALARY, TYPE.BUSINESS, TYPE.CREDIT_CARD, TYPE.PREPAID_CARD}


@dataclass(frozen=True)
class Size:
    """How many there are of each; of transactions, about."""

    parties: int
    accounts: int
    transactions: int


class CrowdMaker:
    """Adds a crowd to a draft of its own."""

    def __init__(
        self, seed: int, day: date, numbers: NumberSeries, bank: InstitutionRow, other_bank: InstitutionRow
    ) -> None:
        self.dice = Dice(f"{seed}/crowd")
        self.day = day
        self.numbers = numbers
        self.bank = bank
        self.other_bank = other_bank
        self.draft = LedgerDraft(FIRST_ID)
        self.persons: list[Made] = []
        self.organisations: list[Made] = []
        self.cards: dict[int, list[tuple[int, int]]] = {}

    def make(self, size: Size) -> LedgerDraft:
        parties = [self.add_party() for _ in range(size.parties)]
        self.add_guardianships()
        customers = [party for party in parties if not self.dice.chance(0.05)]
        of_other_bank = {party.id for party in customers[: 2 + len(customers) // 100]}
        for n in range(size.accounts):
            owner = customers[n] if n < len(customers) else self.dice.pick(customers)
            elsewhere = owner.id in of_other_bank and self.dice.chance(0.5)
            servicer = self.other_bank if elsewhere else self.bank
            account = self.add_account(owner, servicer)
            self.add_roles(account, owner)
            self.cards[account.id] = self.add_cards(account, owner, servicer)
        self.write_books(size.transactions)
        return self.draft

    def add_party(self) -> Made:
        if self.dice.chance(0.15):
            party = self.add_organisation()
            self.organisations.append(party)
        else:
            party = self.add_person()
            self.persons.append(party)
        return party

    def add_person(self) -> Made:
        dice = self.dice
        born = dice.day(date(1935, 1, 1), date(2007, 12, 31))
        has_d_number, had_d_number = dice.chance(0.04), dice.chance(0.02)
        number = self.numbers.person(born, dice.below(500), d_number=has_d_number)
        changed = former = None
        if had_d_number and not has_d_number:
            former = self.numbers.person(born, dice.below(500), d_number=True)
            changed = dice.day(born + timedelta(days=365), self.day)
        return self.draft.add_party(
            person_name(dice),
            number,
            born,
            grade=self.grade(),
            country="SE" if has_d_number else "NO",
            date_of_death=self.day - timedelta(days=dice.below(900)) if dice.chance(0.015) else None,
            former_identifier=former or "",
            changed=changed,
        )

    def grade(self) -> str:
        throw = self.dice.below(1_000)
        return next((str(grade) for limit, grade in GRADES if throw < limit), str(GRADE.OPEN))

    def add_organisation(self) -> Made:
        dice = self.dice
        since = dice.day(date(1995, 2, 1), date(2023, 12, 31))
        number = self.numbers.organisation(dice.below(20_000_000))
        merged = dice.chance(0.03)
        return self.draft.add_party(
            organisation_name(dice),
            number,
            since,
            former_identifier=self.numbers.organisation(dice.below(20_000_000)) if merged else "",
            changed=dice.day(since + timedelta(days=1), self.day) if merged else None,
        )

    def add_guardianships(self) -> None:
        for ward in self.persons:
            if self.dice.chance(0.012):
                start = self.day - timedelta(days=self.dice.between(400, 2_000))
                end = start + timedelta(days=300) if self.dice.chance(0.2) else None
                self.draft.add_guardianship(ward, self.another_person(ward), start, end)

    def another_person(self, party: Made) -> Made:
        found = self.dice.pick(self.persons)
        while found.id == party.id:
            found = self.dice.pick(self.persons)
        return found

    def add_account(self, owner: Made, servicer: InstitutionRow) -> AccountRow:
        dice = self.dice
        is_person = owner.type == Party.Type.PERSON
        account_type = dice.pick(PERSONS_TYPES if is_person else ORGANISATIONS_TYPES)
        first = max(owner.since, self.day - timedelta(days=LONGEST_CUSTOMER_DAYS))
        start = dice.day(first, self.day - timedelta(days=YOUNGEST_ACCOUNT_DAYS))
        end = None
        if dice.chance(0.13) and (self.day - start).days > 2 * SHORTEST_HISTORY_DAYS:
            end = dice.day(start + timedelta(days=SHORTEST_HISTORY_DAYS), self.day - timedelta(days=1))
        return self.draft.add_account(
            self.numbers.account(BANK_REGISTER if servicer is self.bank else OTHER_REGISTER, dice.below(990_000)),
            servicer,
            account_type,
            start,
            end=end,
            currency=dice.pick(CURRENCIES) if account_type == TYPE.CURRENCY else "NOK",
            status=Account.Status.DISABLED if dice.chance(0.02) else Account.Status.ENABLED,
            data_delivered=not dice.chance(0.01),
        )

    def add_roles(self, account: AccountRow, owner: Made) -> None:
        """Give the account its owner, perhaps an earlier one, and others who may use it or answer for it."""
        dice, draft = self.dice, self.draft
        last = account.end_date or self.day
        owned_from = account.start_date
        if dice.chance(0.08) and (last - account.start_date).days > SHORTEST_HISTORY_DAYS:
            owned_from = dice.day(account.start_date + timedelta(days=1), last)
            draft.add_role(account, self.another_person(owner), end=owned_from - timedelta(days=1))
        draft.add_role(account, owner, start=owned_from)
        if owner.type == Party.Type.PERSON and dice.chance(0.15):
            permission = dice.pick((PERMISSION.USE_ALONE, PERMISSION.USE_WITH_OTHER))
            draft.add_role(account, self.another_person(owner), ROLE.SECONDARY_OWNER, permission=permission)
        if dice.chance(0.12):
            start = dice.day(account.start_date, last)
            end = dice.day(start, last) if dice.chance(0.4) else None
            permission = dice.pick(tuple(PERMISSION))
            user = self.another_person(owner)
            draft.add_role(account, user, ROLE.AUTHORISED_USER, start=start, end=end, permission=permission)
        if account.type == TYPE.LOAN and dice.chance(0.35):
            draft.add_role(account, self.another_person(owner), ROLE.CO_BORROWER)
        if account.type == TYPE.LOAN and dice.chance(0.12):
            draft.add_role(account, self.another_person(owner), ROLE.GUARANTOR)

    def add_cards(self, account: AccountRow, owner: Made, issuer: InstitutionRow) -> list[tuple[int, int]]:
        if not PRODUCTS[account.type].card or self.dice.chance(0.1):
            return []
        first = max(account.start_date, issuer.history_from - timedelta(days=self.dice.below(1_400)))
        last = max(first, account.end_date or self.day)
        return self.draft.add_cards(account, owner, self.dice.below(10_000), issuer, first=first, last=last)

    def write_books(self, count: int) -> None:
        """Share about so many transactions among the accounts, by the traffic of their types."""
        traffic = sum(PRODUCTS[account.type].traffic for account in self.draft.accounts)
        history_from = {bank.id: bank.history_from for bank in (self.bank, self.other_bank)}
        for account in self.draft.accounts:
            product, dice = PRODUCTS[account.type], self.dice
            last = account.end_date or self.day - timedelta(days=1)
            first = history_from[account.servicer_id]
            online = max(account.start_date, first) <= last
            share = product.traffic * count / traffic * (0.5 + dice.throw())
            book = write_book(
                dice,
                account,
                opened=account.start_date,
                history_from=first,
                first=first,
                last=last,
                movement_count=int(share) if online else 0,
                closing=dice.between(product.low * 100, product.high * 100) if online else 0,
                settled=account.end_date is not None and online,
            )
            book.cards = self.cards[account.id]
            if dice.chance(product.lines):
                book.credit_line = dice.between(1, 20) * 500_000
            if account.type in RESERVING and not account.end_date and dice.chance(0.25):
                book.reserve(last, dice.between(5_000, 200_000))
            self.draft.books.append(book)
