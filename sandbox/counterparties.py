"""The other sides of payments, each ready as the JSON text that a transaction holds."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.dice import Dice
from sandbox.names import counterparty_name, person_name, street_name, town_name
from sandbox.number_series import COUNTERPARTY_REGISTER, NumberSeries
from sandbox.products import Kind

HOME = "NOK"
COUNTRIES = (("SE", "SEK"), ("DK", "DKK"), ("DE", "EUR"), ("FR", "EUR"), ("GB", "GBP"), ("CH", "CHF"), ("US", "USD"))


class Counterparty(NamedTuple):
    """A party to pay or be paid by: how it stands in a transaction, and its customer's identification there."""

    name: str
    account: str
    kid: str
    currency: str
    as_debtor: str
    as_creditor: str


NOBODY = Counterparty("", "", "", HOME, "[]", "[]")


@dataclass(frozen=True)
class Counterparties:
    companies: list[Counterparty]
    persons: list[Counterparty]
    abroad: list[Counterparty]

    def of(self, kind: Kind, number: int) -> Counterparty:
        """Return the other side of the transaction of that number."""
        if not kind.counterparty:
            return NOBODY
        found: list[Counterparty] = getattr(self, kind.among)
        return found[number * 7919 % len(found)]


def make_counterparties(seed: int, numbers: NumberSeries) -> Counterparties:
    dice = Dice(f"{seed}/counterparties")
    return Counterparties(
        companies=[_company(dice, numbers) for _ in range(200)],
        persons=[_person(dice, numbers) for _ in range(60)],
        abroad=[_abroad(dice) for _ in range(40)],
    )


def _company(dice: Dice, numbers: NumberSeries) -> Counterparty:
    name, account = counterparty_name(dice), numbers.account(COUNTERPARTY_REGISTER, dice.below(990_000))
    number = numbers.organisation(dice.below(20_000_000))
    address = postal_address(dice, "business") if dice.chance(0.4) else None
    return _counterparty(dice, name, account, identifier=organisation(number), address=address)


def _person(dice: Dice, numbers: NumberSeries) -> Counterparty:
    name, account = person_name(dice), numbers.account(COUNTERPARTY_REGISTER, dice.below(990_000))
    address = postal_address(dice, "residential") if dice.chance(0.4) else None
    return _counterparty(dice, name, account, identifier=None, address=address)


def _abroad(dice: Dice) -> Counterparty:
    country, currency = dice.pick(COUNTRIES)
    account = iban(country, f"{dice.below(10**9):09}{dice.below(10**9):09}")
    address = postal_address(dice, "business", country=country)
    return _counterparty(dice, counterparty_name(dice), account, identifier=None, address=address, currency=currency)


def _counterparty(
    dice: Dice,
    name: str,
    account: str,
    *,
    identifier: dict[str, str] | None,
    address: dict[str, Any] | None,
    currency: str = HOME,
) -> Counterparty:
    kid = f"{dice.below(10**9):09}"
    as_debtor, as_creditor = (
        text([counterparty(kind, name, account, identifier=identifier, address=address)])
        for kind in ("debtor", "creditor")
    )
    return Counterparty(name, account, kid + luhn_digit(kid), currency, as_debtor, as_creditor)


def counterparty(
    kind: str,
    name: str = "",
    account: str = "",
    *,
    identifier: dict[str, str] | None = None,
    address: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a counterparty in the standard's own names, without what is not given."""
    told = {
        "type": kind,
        "name": name,
        "accountIdentifier": account,
        "identifier": identifier,
        "postalAddress": address,
    }
    return {name: value for name, value in told.items() if value}


def organisation(number: str, country: str = "NO") -> dict[str, str]:
    return {"countryOfResidence": country, "value": number, "type": "countryIdentificationCode"}


def person(number: str, country: str = "NO") -> dict[str, str]:
    return {"countryOfResidence": country, "value": number, "type": "nationalIdentityNumber"}


def postal_address(dice: Dice, kind: str, *, country: str = "NO", lines: tuple[str, ...] = ()) -> dict[str, Any]:
    told = {
        "type": kind,
        "streetName": street_name(dice),
        "buildingNumber": str(dice.between(1, 199)),
        "postCode": f"{dice.between(1, 9_999):04}",
        "townName": town_name(dice),
        "country": country,
    }
    return {**told, "addressLines": list(lines)} if lines else told


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def iban(country: str, body: str) -> str:
    """Return an account number with the check digits of ISO 13616; its bank is made up."""
    number = int("".join(str(int(letter, 36)) for letter in f"{body}{country}00"))
    return f"{country}{98 - number % 97:02}{body}"


def luhn_digit(digits: str) -> str:
    """Return the control digit of a KID (MOD10)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)
