"""The characters: parties of the synthetic bank that each show a rule; these show those of FI-Utlegg Saldo."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from accounts.models import Account, AccountRole, Party
from sandbox.products import TYPE
from sandbox.stage import Stage

ROLE = AccountRole.Kind
NOTHING = "An empty list of accounts, complete"
BEYOND_FLOATS = "12345678901234567890.10"


@dataclass(frozen=True)
class Character:
    """A case to ask about: by which number, and what the answer to FI-Utlegg Saldo should be.

    Where another service shows more, `answers` says what that one answers.
    """

    case: str
    identifier: str
    expect: str
    guardian: str = ""
    service: str = ""
    answers: str = ""


def debtor_five_accounts(stage: Stage, case: str) -> Character:
    debtor, partner = stage.person(case), stage.person(f"{case}, co-owner")
    stage.account(debtor, TYPE.SALARY, "18250.75", reserved="450.00")
    savings = stage.account(debtor, TYPE.SAVINGS, "64000.00")
    stage.draft.add_role(savings, partner, ROLE.SECONDARY_OWNER)
    stage.account(debtor, TYPE.LOAN, "-1875300.40")
    stage.account(debtor, TYPE.CREDIT_CARD, "-7120.55", line="40000.00")
    stage.account(debtor, TYPE.CURRENCY, "930.10", currency="EUR")
    return Character(
        case, debtor.identifier, "Five open accounts of different types, each with a booked and an available balance."
    )


def negative_balance(stage: Stage, case: str) -> Character:
    person = stage.person(case)
    stage.account(person, TYPE.SALARY, "-4321.09")
    return Character(
        case, person.identifier, "One open account; both balances are the amount 4321.09 with the indicator debit."
    )


def credit_line(stage: Stage, case: str) -> Character:
    person = stage.person(case)
    stage.account(person, TYPE.SALARY, "5000.00", reserved="2000.00", line="1000.00")
    return Character(
        case,
        person.identifier,
        "One open account: booked 5000.00, available 3000.00, a credit line of 1000.00 stated and not included.",
    )


def foreign_currency(stage: Stage, case: str) -> Character:
    person = stage.person(case)
    stage.account(person, TYPE.CURRENCY, "2500.00", currency="EUR")
    stage.account(person, TYPE.CURRENCY, "1200.50", currency="USD")
    stage.account(person, TYPE.CURRENCY, "-310.00", currency="SEK")
    stage.account(person, TYPE.SAVINGS, "40000.00", in_other_bank=True)
    return Character(
        case,
        person.identifier,
        "Three open currency accounts in EUR, USD and SEK, balances in the account's own currency; "
        "the account at the other institution is not listed.",
    )


def closed_account(stage: Stage, case: str) -> Character:
    person = stage.person(case)
    stage.account(person, TYPE.SALARY, "8000.00", end=stage.day)
    stage.account(person, TYPE.SAVINGS, "500.00", end=stage.ago(1))
    return Character(
        case,
        person.identifier,
        "One account, status deleted and endDate today, without balances; the one closed yesterday is not listed.",
    )


def reopened_account(stage: Stage, case: str) -> Character:
    person = stage.person(case)
    account = stage.account(person, TYPE.SAVINGS, "15400.00", start=stage.ago(200))
    first, closed = stage.ago(3_000), stage.ago(900)
    stage.draft.add_role(account, person, start=first, end=closed)
    stage.write_book(account, "2750.00", start=first, settled=closed)
    return Character(
        case, person.identifier, "One open account; its startDate and the owner's are those of the latest opening."
    )


def bankrupt(stage: Stage, case: str) -> Character:
    debtor = stage.organisation(case)
    stage.account(debtor, TYPE.BUSINESS, "3110.25", status=Account.Status.DISABLED, movements=80)
    stage.account(debtor, TYPE.TAX_DEDUCTION, "12000.00", status=Account.Status.DISABLED)
    return Character(
        case,
        debtor.identifier,
        "Two accounts with the status disabled, with their balances.",
        service="konkursbehandling",
        answers="Both accounts and their transactions from twelve months before the ruling.",
    )


def former_owner(stage: Stage, case: str) -> Character:
    former, present = stage.person(case), stage.person(f"{case}, present owner")
    account = stage.account(present, TYPE.SAVINGS, "22000.00", owned_from=stage.ago(30))
    stage.draft.add_role(account, former, end=stage.ago(31))
    return Character(case, former.identifier, f"{NOTHING}: somebody else has owned the account for a month.")


def authorised_user_only(stage: Stage, case: str) -> Character:
    return _with_role_only(stage, case, ROLE.AUTHORISED_USER, "the right to use another's account is no ownership")


def guarantor_only(stage: Stage, case: str) -> Character:
    return _with_role_only(stage, case, ROLE.GUARANTOR, "the same as for a number that is not a customer's")


def co_borrower(stage: Stage, case: str) -> Character:
    borrower, partner = stage.person(case), stage.person(f"{case}, borrower")
    stage.account(borrower, TYPE.SALARY, "9905.60")
    loan = stage.account(partner, TYPE.LOAN, "-2650000.00")
    stage.draft.add_role(loan, borrower, ROLE.CO_BORROWER)
    return Character(case, borrower.identifier, "One salary account; the loan, which another owns, is not listed.")


def shielded_strictly(stage: Stage, case: str) -> Character:
    return _shielded(stage, case, Party.ProtectionGrade.STRICTLY_CONFIDENTIAL)


def shielded_confidential(stage: Stage, case: str) -> Character:
    return _shielded(stage, case, Party.ProtectionGrade.CONFIDENTIAL)


def customer_without_accounts(stage: Stage, case: str) -> Character:
    return Character(case, stage.person(case).identifier, f"{NOTHING}.")


def not_a_customer(stage: Stage, case: str) -> Character:
    return Character(case, stage.number_for_nobody(case), f"{NOTHING}.")


def organisation(stage: Stage, case: str) -> Character:
    company = stage.organisation(case)
    stage.account(company, TYPE.BUSINESS, "248000.00", reserved="15000.00", line="100000.00")
    stage.account(company, TYPE.TAX_DEDUCTION, "83412.00")
    stage.account(company, TYPE.CLIENT, "1200000.00")
    return Character(
        case,
        company.identifier,
        "Three open accounts: business, tax deduction and client; nine digits identify the owner.",
    )


def d_number(stage: Stage, case: str) -> Character:
    person = stage.person(case, d_number=True)
    stage.account(person, TYPE.SALARY, "6480.00")
    stage.account(person, TYPE.SAVINGS, "1000.00")
    return Character(case, person.identifier, "Two open accounts; the D-number identifies their owner.")


def former_number(stage: Stage, case: str) -> Character:
    person = stage.person(case, d_number_until=date(2014, 6, 16))
    stage.account(person, TYPE.SALARY, "11250.00")
    return Character(
        case,
        person.identifier,
        "One open account, found by the old D-number; the present birth number identifies its owner.",
    )


def deceased(stage: Stage, case: str) -> Character:
    person = stage.person(case, date_of_death=stage.ago(40))
    stage.account(person, TYPE.SALARY, "30415.20", movements=120, reach=400)
    stage.account(person, TYPE.SAVINGS, "210000.00", movements=40, reach=400)
    return Character(
        case,
        person.identifier,
        "Two open accounts, listed as for the living.",
        service="oppgjor-etter-dodsfall",
        answers="Both accounts and their transactions from three months before the death, forty days ago; "
        "earlier ones there are, but they are out of reach.",
    )


def under_guardianship(stage: Stage, case: str) -> Character:
    ward, guardian = stage.person(case), stage.person(f"{case}, guardian")
    since = stage.ago(1_500)
    stage.draft.add_guardianship(ward, guardian, since)
    for account_type, booked in ((TYPE.SALARY, "7215.00"), (TYPE.SAVINGS, "154000.00")):
        account = stage.account(ward, account_type, booked, movements=100, reach=800)
        stage.draft.add_role(account, guardian, ROLE.AUTHORISED_USER, start=since)
    return Character(
        case,
        ward.identifier,
        "Two open accounts that the ward owns; nothing is said about the guardian.",
        guardian.identifier,
        service="vergekontroll",
        answers="Both accounts, for the whole of last calendar year.",
    )


def sixty_accounts(stage: Stage, case: str) -> Character:
    company = stage.organisation(case)
    types = [account_type for account_type in TYPE if account_type != TYPE.SALARY]
    for n in range(60):
        account_type = types[n % len(types)]
        owed = account_type in {TYPE.LOAN, TYPE.CREDIT_CARD}
        booked = BEYOND_FLOATS if n + 1 == 60 else f"{'-' if owed else ''}{n}01.50"
        stage.account(company, account_type, booked, currency="EUR" if account_type == TYPE.CURRENCY else "NOK")
    return Character(
        case,
        company.identifier,
        f"Sixty open accounts of ten types in one list, six without balances; one account holds {BEYOND_FLOATS}.",
    )


def _with_role_only(stage: Stage, case: str, kind: AccountRole.Kind, why: str) -> Character:
    person, owner = stage.person(case), stage.person(f"{case}, owner")
    account = stage.account(owner, TYPE.LOAN if kind == ROLE.GUARANTOR else TYPE.SALARY, "-1250.00")
    stage.draft.add_role(account, person, kind)
    return Character(case, person.identifier, f"{NOTHING}: {why}.")


def _shielded(stage: Stage, case: str, grade: Party.ProtectionGrade) -> Character:
    person = stage.person(case, grade=grade)
    stage.account(person, TYPE.SALARY, "5120.00")
    stage.account(person, TYPE.SAVINGS, "76000.00")
    return Character(case, person.identifier, f"{NOTHING}: the same as for a number that is not a customer's.")


Scenes = dict[str, Callable[[Stage, str], Character]]


def named(*scenes: Callable[[Stage, str], Character]) -> Scenes:
    """Return the scenes by the names of their cases."""
    return {scene.__name__.replace("_", "-"): scene for scene in scenes}


SCENES = named(
    debtor_five_accounts,
    negative_balance,
    credit_line,
    foreign_currency,
    closed_account,
    reopened_account,
    bankrupt,
    former_owner,
    authorised_user_only,
    co_borrower,
    guarantor_only,
    shielded_strictly,
    shielded_confidential,
    customer_without_accounts,
    not_a_customer,
    organisation,
    d_number,
    former_number,
    deceased,
    under_guardianship,
    sixty_accounts,
)
