"""The character on whose accounts every field of the standard stands at least once."""

from typing import Any

from accounts.models import AccountRole
from sandbox.books import Movement
from sandbox.characters import Character
from sandbox.counterparties import counterparty, iban, organisation, person, postal_address, text
from sandbox.dice import Dice
from sandbox.names import organisation_name, person_name
from sandbox.number_series import COUNTERPARTY_REGISTER
from sandbox.products import (
    ABROAD_OUT,
    BILL,
    CASH,
    DIRECT_DEBIT,
    DIVIDEND,
    PURCHASE,
    PURCHASE_ABROAD,
    REFUND,
    REJECTED,
    RETURN,
    TYPE,
    WAGES,
    Kind,
)
from sandbox.stage import Stage

PERMISSION = AccountRole.Permission


def every_field(stage: Stage, case: str) -> Character:
    owner, partner = stage.person(case), stage.person(f"{case}, co-owner")
    former = stage.person(f"{case}, former authorised user")
    told = Payments(stage, case).made()
    account = stage.account(owner, TYPE.SALARY, "15230.40", reserved="349.00", line="20000.00", told=told)
    stage.draft.add_role(account, partner, AccountRole.Kind.SECONDARY_OWNER, permission=PERMISSION.USE_WITH_OTHER)
    stage.draft.add_role(
        account,
        former,
        AccountRole.Kind.AUTHORISED_USER,
        permission=PERMISSION.SEE_ONLY,
        start=stage.ago(600),
        end=stage.ago(60),
    )
    stage.account(owner, TYPE.SAVINGS, "1200.00", end=stage.ago(20))
    return Character(
        case,
        owner.identifier,
        "One open account with a credit line; the one closed twenty days ago is not listed.",
        service="skatt-kontroll",
        answers="Both accounts; their details, transactions, cards and roles show every field of the standard.",
    )


class Payments:
    """The movements, one for each thing that a transaction can show."""

    def __init__(self, stage: Stage, case: str) -> None:
        self.stage = stage
        self.dice = Dice(f"{stage.seed}/{case}, payments")

    def made(self) -> list[Movement]:
        return [
            self.wages(),
            self.bill(),
            self.abroad(),
            self.direct_debit(),
            self.refund(),
            self.told(90, "-412.50", PURCHASE),
            self.told(80, "-233.02", PURCHASE_ABROAD),
            self.told(75, "199.00", RETURN),
            self.told(70, "-500.00", CASH),
            self.told(65, "-1500.00", REJECTED),
            self.told(50, "812.00", DIVIDEND),
        ]

    def wages(self) -> Movement:
        employer = self.company("debtor", "business", lines=("Lønningskontoret", "3. etasje"))
        return self.told(
            100,
            "36120.00",
            WAGES,
            [employer, self.company("ultimateDebtor", "mailTo")],
            endToEndIdentification="E2E-LONN-11",
            paymentInformationIdentification="PMT-LONN-11",
            messageIdentification="MSG-LONN-11",
            instructionIdentification="INS-LONN-11",
            additional_info="Lønn november, ansattnummer 17",
        )

    def bill(self) -> Movement:
        ultimate = counterparty("ultimateCreditor", organisation_name(self.dice), self.account_number())
        return self.told(
            95,
            "-1249.00",
            BILL,
            [self.company("creditor", "business"), ultimate],
            remittanceReference="2345678904",
            archiveReference="AR-95",
        )

    def abroad(self) -> Movement:
        account = iban("DE", f"{self.dice.below(10**9):09}{self.dice.below(10**9):09}")
        address = postal_address(self.dice, "deliveryTo", country="DE", lines=("Hinterhaus",))
        name, number = organisation_name(self.dice), organisation("HRB 999001", "DE")
        creditor = counterparty("creditor", name, account, identifier=number, address=address)
        return self.told(85, "-5810.75", ABROAD_OUT, [creditor], accountServicerReference="FX-85")

    def direct_debit(self) -> Movement:
        creditor = self.company("creditor", "business")
        return self.told(
            78, "-689.00", DIRECT_DEBIT, [creditor], mandateIdentification="AG-4711", invoiceNumber="F-2025-0042"
        )

    def refund(self) -> Movement:
        name, born = person_name(self.dice), self.stage.number_for_nobody("every-field, a friend")
        address = postal_address(self.dice, "residential", lines=("Bolig H0201",))
        friend = counterparty("debtor", name, self.account_number(), identifier=person(born), address=address)
        return self.told(55, "350.00", REFUND, [friend], chequeNumber="000417", otherReference="Middag")

    def company(self, kind: str, address: str, *, lines: tuple[str, ...] = ()) -> dict[str, Any]:
        number = organisation(self.stage.numbers.organisation(self.dice.below(20_000_000)))
        place = postal_address(self.dice, address, lines=lines)
        return counterparty(
            kind, organisation_name(self.dice), self.account_number(), identifier=number, address=place
        )  # fmt: skip

    def account_number(self) -> str:
        return self.stage.numbers.account(COUNTERPARTY_REGISTER, self.dice.below(990_000))

    def told(
        self,
        days_ago: int,
        amount: str,
        kind: Kind,
        others: list[dict[str, Any]] | None = None,
        *,
        additional_info: str = "",
        **references: str,
    ) -> Movement:
        particular: dict[str, Any] = {"additional_info": additional_info} if additional_info else {}
        if others:
            particular["counterparties"] = text(others)
        if references:
            listed = [{"type": kind, "value": value} for kind, value in references.items()]
            particular["bank_references"] = text(listed)
        return self.stage.movement(days_ago, amount, kind, **particular)
