"""Home savings (BSU) of the synthetic bank: ten accounts, whose latest year shows each thing that a year may bring."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sandbox.books import Movement, money
from sandbox.dice import Dice
from sandbox.ledger_draft import Made
from sandbox.ledger_rows import AccountRow, BsuYearRow
from sandbox.names import person_name
from sandbox.products import INTEREST, SAVING, TYPE, WITHDRAWAL
from sandbox.stage import Stage

YEARS = 3
DEPOSITS, INTERESTS = (1_200_000, 2_000_050, 2_750_000), (21_949, 61_373, 118_060)  # in hundredths, year by year
CARRIED, CARRIED_INTEREST = 4_000_050, 91_225  # what an account that was moved here had saved before


@dataclass(frozen=True)
class Saver:
    """A case, and what its latest year brings beside savings and interest; `emptied` when all is paid out in it."""

    case: str
    brings: dict[str, Any] = field(default_factory=dict)
    emptied: bool = False
    withdrawn: int = 0
    carried: bool = False


def add_savers(stage: Stage) -> None:
    """Add the savers, their accounts and the years of these. Every day of theirs follows from the stage's year."""
    dice = Dice(f"{stage.seed}/bsu managers")
    manager, former = (stage.numbers.organisation(dice.below(20_000_000)) for _ in range(2))
    latest = stage.day.year - 1
    spouses = [_person(stage, case) for case in ("bsu, moved to a spouse", "bsu, moved from a spouse")]
    moved = date(latest, 6, 15)
    savers = (
        Saver("bsu, plain"),
        Saver("bsu, home bought", {"housing_date": moved, "housing_amount": money(5_950_025)}, withdrawn=5_950_025),
        Saver("bsu, contract broken", {"breach_date": moved}, emptied=True),
        Saver("bsu, claim in bankruptcy", {"bankruptcy_date": moved}),
        Saver("bsu, pledged", {"security_date": moved}),
        Saver("bsu, seized", {"seizure_date": moved, "seizure_amount": money(1_500_050)}),
        Saver(
            "bsu, moved to a bank",
            {"moved_out_date": moved, "moved_out_to_manager": manager, "contact_name": "Overføring BSU"},
            emptied=True,
        ),
        Saver("bsu, moved from a bank", {"moved_in_date": moved, "moved_in_from_manager": former}, carried=True),
    )
    _add_all(stage, latest, ((saver, _person(stage, saver.case)) for saver in savers))
    giver, taker = spouses
    out = {"moved_out_date": moved, "moved_out_to_spouse": taker.identifier}
    into = {"moved_in_date": moved, "moved_in_from_spouse": giver.identifier}
    moves = (Saver("bsu, moved to a spouse", out, emptied=True), Saver("bsu, moved from a spouse", into, carried=True))
    _add_all(stage, latest, zip(moves, spouses, strict=True))


def _add_all(stage: Stage, latest: int, savers: Iterable[tuple[Saver, Made]]) -> None:
    for saver, person in savers:
        _add_carried(stage, latest, saver, person) if saver.carried else _add_saved(stage, latest, saver, person)


def _person(stage: Stage, case: str) -> Made:
    dice = Dice(f"{stage.seed}/{case}")
    born = dice.day(date(1996, 1, 1), date(2003, 12, 31))
    return stage.draft.add_party(person_name(dice), stage.numbers.person(born, dice.below(500)), born)


def _add_saved(stage: Stage, latest: int, saver: Saver, person: Made) -> None:
    """Add an account of three years; what ends it or takes from it comes in the latest, after the year's deposit."""
    years = range(latest - YEARS + 1, latest + 1)
    told, held = [], 0
    for year, deposit, interest in zip(years, DEPOSITS, INTERESTS, strict=True):
        told += [_moved(date(year, 2, 15), deposit, SAVING), _moved(date(year, 12, 31), interest, INTEREST)]
        held += deposit + interest
    leaving = held - INTERESTS[-1] if saver.emptied else saver.withdrawn
    if saver.emptied:
        told.pop()  # no interest after the end
    if leaving:
        told.append(_moved(date(latest, 6, 15), -leaving, WITHDRAWAL))
    closing = 0 if saver.emptied else held - leaving
    account = stage.account(
        person, TYPE.SAVINGS, str(money(closing)), start=date(years[0], 2, 1), told=told, carded=False
    )
    saved = earned = 0
    for year, deposit, interest in zip(years, DEPOSITS, INTERESTS, strict=True):
        last = year == latest
        kept = 0 if last and saver.emptied else interest
        saved, earned = saved + deposit, earned + kept
        balance = closing if last else saved + earned
        _add_year(stage, account, year, (deposit, kept, saved, earned, balance), saver.brings if last else {})


def _add_carried(stage: Stage, latest: int, saver: Saver, person: Made) -> None:
    """Add an account that was moved here in the latest year, with what had been saved before."""
    deposit, interest = DEPOSITS[-1], INTERESTS[-1]
    saved, earned = CARRIED + deposit, CARRIED_INTEREST + interest
    told = [_moved(date(latest, 9, 1), deposit, SAVING), _moved(date(latest, 12, 31), interest, INTEREST)]
    account = stage.account(
        person, TYPE.SAVINGS, str(money(saved + earned)), start=date(latest, 6, 15), told=told, carded=False
    )
    _add_year(stage, account, latest, (deposit, interest, saved, earned, saved + earned), saver.brings)


def _moved(day: date, amount: int, kind: Any) -> Movement:
    return Movement(day.toordinal(), amount, kind)


def _add_year(
    stage: Stage, account: AccountRow, year: int, amounts: tuple[int, int, int, int, int], brings: dict[str, Any]
) -> None:
    saved, interest, saved_in_all, interest_in_all, balance = (money(amount) for amount in amounts)
    rows = stage.draft.bsu_years
    row = BsuYearRow(
        stage.draft.first_id + len(rows), account.id, year, saved, interest, saved_in_all, interest_in_all, balance
    )
    rows.append(row._replace(**brings))
