"""The characters that show the rules of the five further services."""

from calendar import monthrange
from datetime import date, time, timedelta

from accounts.models import Account, AccountRole, Party
from sandbox.books import Movement, in_oslo
from sandbox.characters import Character, named
from sandbox.counterparties import counterparty, person, text
from sandbox.dice import Dice
from sandbox.every_field import every_field
from sandbox.ledger_draft import Made
from sandbox.number_series import COUNTERPARTY_REGISTER
from sandbox.products import BILL, PRODUCTS, REFUND, SALE, TYPE, WAGES
from sandbox.stage import Stage

ROLE, PERMISSION, GRADE = AccountRole.Kind, AccountRole.Permission, Party.ProtectionGrade
STRICTLY = GRADE.STRICTLY_CONFIDENTIAL
SKATT, KONKURS, DODSFALL, VERGE = "skatt-kontroll", "konkursbehandling", "oppgjor-etter-dodsfall", "vergekontroll"
AT_ONCE, PAGES, KNOWN = 1_300, 10_500, 1_000
ANOTHER_TASK = "refusjonForPrivatpersoner"
TRUSTEES_VIEW = "Both accounts and their transactions from twelve months before the ruling."


def many_pages(stage: Stage, case: str) -> Character:
    company = stage.organisation(case)
    run = in_oslo(stage.ago(120), time(12))
    at_once = [Movement(stage.ago(120).toordinal(), -150, BILL, {"booked_at": run}) for _ in range(AT_ONCE)]
    rest = _scattered(stage, case, PAGES - AT_ONCE, 1_800, 1)
    stage.account(company, TYPE.BUSINESS, "1250000.00", told=at_once + rest)
    first = stage.movement(200, "10.00", SALE, booked_at=in_oslo(stage.ago(200), time()))
    before = stage.movement(201, "10.00", SALE, booked_at=in_oslo(stage.ago(201), time.max))
    known = _scattered(stage, f"{case}, known", KNOWN - 1, 199, 1)
    earlier = _scattered(stage, f"{case}, earlier", 499, 700, 202)
    stage.account(company, TYPE.BUSINESS, "77000.00", told=[*earlier, before, first, *known])
    return Character(
        case,
        company.identifier,
        "Two open accounts.",
        service=SKATT,
        answers="10,500 transactions on the first account, 1,300 of them at one moment 120 days ago; "
        "on the second 1,000 in the last 200 days and 500 before.",
    )


def history(stage: Stage, case: str) -> Character:
    owner, present = stage.person(case), stage.person(f"{case}, present owner")
    account = stage.account(
        present, TYPE.SALARY, "12040.50", start=stage.ago(4_100), owned_from=stage.ago(399), movements=600, reach=2_190
    )
    stage.draft.add_role(account, owner, end=stage.ago(400))
    stage.account(owner, TYPE.SAVINGS, "88000.00", start=stage.ago(4_000), movements=200, reach=2_190)
    stage.account(owner, TYPE.SALARY, "6101.00", start=stage.ago(1_000), movements=200, reach=1_000)
    return Character(
        case,
        owner.identifier,
        "Two open accounts; the third has been another's for more than a year.",
        service=SKATT,
        answers="Three accounts, one of them the party's own until 400 days ago, with balances at any past date; "
        "partial for a period that begins more than six years ago.",
    )


def ends_of_days(stage: Stage, case: str) -> Character:
    owner = stage.person(case)
    stage.account(owner, TYPE.SALARY, "4410.00", told=_at_ends(stage.day))
    return Character(
        case,
        owner.identifier,
        "One open account.",
        service=SKATT,
        answers="Transactions in the first and last moments of days, months and the year, and in the hours "
        "that summer time skips or repeats.",
    )


def shielded_around(stage: Stage, case: str) -> Character:
    owner = stage.person(case)
    hidden = {who: stage.person(f"{case}, {who}", grade=STRICTLY) for who in ("co-owner", "user", "payer", "payee")}
    hidden_account = stage.account(hidden["payee"], TYPE.SALARY, "910.00")
    friend = stage.person(f"{case}, friend")
    friends_account = stage.account(friend, TYPE.SALARY, "2220.00")
    elsewhere = stage.numbers.account(COUNTERPARTY_REGISTER, 417)
    payments = {
        40: counterparty("debtor", "Skjult Betaler", elsewhere, identifier=person(hidden["payer"].identifier)),
        30: counterparty("creditor", "Skjult Mottaker", hidden_account.number),
        20: counterparty("debtor", "Åpen Venn", identifier=person(friend.identifier)),
        10: counterparty("creditor", "Åpen Venn", friends_account.number),
    }
    told = [
        stage.movement(days, "250.00", REFUND, counterparties=text([other]))
        if other["type"] == "debtor"
        else stage.movement(days, "-250.00", BILL, counterparties=text([other]))
        for days, other in payments.items()
    ]
    account = stage.account(owner, TYPE.SALARY, "8020.00", told=told)
    stage.draft.add_role(account, hidden["co-owner"], ROLE.SECONDARY_OWNER)
    stage.draft.add_role(account, hidden["user"], ROLE.AUTHORISED_USER)
    stage.draft.add_role(account, friend, ROLE.AUTHORISED_USER, start=stage.ago(900))
    stage.draft.add_card(account, hidden["user"], 4_170, stage.bank, stage.ago(500))
    disposed = stage.account(hidden["co-owner"], TYPE.SAVINGS, "31000.00")
    stage.draft.add_role(disposed, owner, ROLE.AUTHORISED_USER)
    return Character(
        case,
        owner.identifier,
        "One open account; nothing is said about the shielded persons around it.",
        service=SKATT,
        answers="Partial: the shielded co-owner, authorised user, card holder, payer (told by number) and payee "
        "(told by an account at this bank) are left out, the open friend is not.",
    )


def disposed_accounts(stage: Stage, case: str) -> Character:
    user, owner = stage.person(case), stage.person(f"{case}, owner")
    third = stage.person(f"{case}, another user")
    stage.account(user, TYPE.SALARY, "3105.00")
    disposed = stage.account(owner, TYPE.SALARY, "14900.00", movements=40)
    stage.draft.add_role(disposed, third, ROLE.AUTHORISED_USER, permission=PERMISSION.SEE_ONLY, start=stage.ago(800))
    for last_four, holder in ((2_001, user), (2_002, third)):
        stage.draft.add_card(disposed, holder, last_four, stage.bank, stage.ago(700))
    listed_only = stage.account(owner, TYPE.SAVINGS, "99000.00", data_delivered=False)
    for account in (disposed, listed_only):
        stage.draft.add_role(account, user, ROLE.AUTHORISED_USER, start=stage.ago(700))
    return Character(
        case,
        user.identifier,
        "One open account; the two that the party may use are another's.",
        service=SKATT,
        answers="Three accounts with onlyPrimaryOwner=false, one of them with dataNotDelivered; of the other one's "
        "cards and roles, those of a third user need not be told.",
    )


def deceased_long_ago(stage: Stage, case: str) -> Character:
    party = stage.person(case, date_of_death=stage.ago(1_461))
    stage.account(party, TYPE.SALARY, "5500.00", movements=300, reach=2_190)
    stage.account(party, TYPE.SAVINGS, "140300.00", movements=300, reach=2_190)
    return Character(
        case,
        party.identifier,
        "Two open accounts, listed as for the living.",
        service=DODSFALL,
        answers="Both accounts and their transactions from three months before the death, four years ago.",
    )


def bankrupt_person(stage: Stage, case: str) -> Character:
    return _bankruptcy(stage, case, stage.person(case), Account.Status.DISABLED, TRUSTEES_VIEW)


def bankruptcy_annulled(stage: Stage, case: str) -> Character:
    refused = "A refusal: the notice of the bankruptcy was deleted."
    return _bankruptcy(stage, case, stage.organisation(case), Account.Status.ENABLED, refused)


def bankruptcy_closed(stage: Stage, case: str) -> Character:
    answers = f"{TRUSTEES_VIEW} Its closing does not end that, unless a setting says so."
    return _bankruptcy(stage, case, stage.organisation(case), Account.Status.DISABLED, answers)


def bankruptcy_appealed(stage: Stage, case: str) -> Character:
    refused = "A refusal: the bankruptcy was reversed on appeal."
    return _bankruptcy(stage, case, stage.organisation(case), Account.Status.ENABLED, refused)


def ward_partly_disposed(stage: Stage, case: str) -> Character:
    ward, guardian = stage.person(case), stage.person(f"{case}, guardian")
    stage.draft.add_guardianship(ward, guardian, date(stage.day.year - 1, 7, 1))
    disposed = [
        stage.account(ward, account_type, booked, movements=100, reach=800)
        for account_type, booked in ((TYPE.SALARY, "4100.00"), (TYPE.SAVINGS, "87000.00"))
    ]
    stage.account(ward, TYPE.SAVINGS, "250000.00", movements=60, reach=800)
    for account in disposed:
        stage.draft.add_role(account, guardian, ROLE.AUTHORISED_USER, start=stage.ago(1_500))
    return Character(
        case,
        ward.identifier,
        "Three open accounts that the ward owns.",
        guardian.identifier,
        service=VERGE,
        answers="The two accounts at the guardian's disposal, from 1 July of last calendar year on.",
    )


def ward_other_task(stage: Stage, case: str) -> Character:
    ward, guardian = stage.person(case), stage.person(f"{case}, guardian")
    stage.draft.add_guardianship(ward, guardian, stage.ago(1_500), service=ANOTHER_TASK)
    account = stage.account(ward, TYPE.SALARY, "2810.00", movements=60, reach=800)
    stage.draft.add_role(account, guardian, ROLE.AUTHORISED_USER, start=stage.ago(1_500))
    return Character(
        case,
        ward.identifier,
        "One open account that the ward owns.",
        guardian.identifier,
        service=VERGE,
        answers="A refusal: the guardian's task is another than daily banking.",
    )


def card_holders(stage: Stage, case: str) -> Character:
    owner, user = stage.person(case), stage.person(f"{case}, authorised user")
    account = stage.account(owner, TYPE.SALARY, "10960.00", carded=False, movements=60)
    stage.draft.add_role(account, user, ROLE.AUTHORISED_USER, start=stage.ago(800))
    stage.draft.books[-1].cards = stage.draft.add_cards(
        account, owner, 3_001, stage.bank, first=stage.ago(2_200), last=stage.day
    )
    stage.draft.add_card(account, owner, 3_002, stage.bank, stage.ago(2_100), status="blocked")
    stage.draft.add_card(account, owner, 3_003, stage.bank, stage.ago(300), status="blocked")
    stage.draft.add_card(account, user, 3_004, stage.bank, stage.ago(790))
    return Character(
        case,
        owner.identifier,
        "One open account.",
        service=SKATT,
        answers="Its cards: one issued anew as version 2 under the same number, one that expired long ago, one blocked "
        "and one of another holder.",
    )


def _bankruptcy(stage: Stage, case: str, debtor: Made, status: Account.Status, answers: str) -> Character:
    types = (TYPE.SALARY, TYPE.SAVINGS) if len(debtor.identifier) == 11 else (TYPE.BUSINESS, TYPE.TAX_DEDUCTION)
    for account_type, booked in zip(types, ("2075.50", "18400.00"), strict=True):
        stage.account(debtor, account_type, booked, status=status, movements=80)
    expect = f"Two accounts with the status {status}, with their balances."
    return Character(case, debtor.identifier, expect, service=KONKURS, answers=answers)


def _scattered(stage: Stage, who: str, wanted: int, oldest: int, latest: int) -> list[Movement]:
    """Return movements of a business on days from one to another, counted back."""
    dice = Dice(f"{stage.seed}/{who}, movements")
    kinds = PRODUCTS[TYPE.BUSINESS].kinds
    made = []
    for _ in range(wanted):
        kind = dice.pick(kinds)
        day = stage.ago(dice.between(latest, oldest))
        made.append(Movement(day.toordinal(), dice.between(kind.low * 100, kind.high * 100), kind))
    return made


def _at_ends(today: date) -> list[Movement]:
    yesterday = today - timedelta(days=1)
    last_of_month = today.replace(day=1) - timedelta(days=1)
    new_year = date(yesterday.year, 1, 1)
    spring, autumn = (_last_change(yesterday, month) for month in (3, 10))
    moments: tuple[tuple[date, tuple[time, ...]], ...] = (
        (yesterday, (time(), time.max)),
        (last_of_month, (time.max,)),
        (last_of_month.replace(day=1), (time(),)),
        (new_year, (time(),)),
        (new_year - timedelta(days=1), (time.max,)),
        (spring, (time(), time(1, 59, 59), time(3), time.max)),
        (autumn, (time(), time(2, 30), time(2, 30, fold=1), time.max)),
    )
    return [
        Movement(day.toordinal(), 1_000, WAGES, {"booked_at": in_oslo(day, hour)})
        for day, hours in moments
        for hour in hours
    ]


def _last_change(day: date, month: int) -> date:
    """Return the latest last Sunday of that month until a day: when Oslo's clocks change."""
    for year in (day.year, day.year - 1):
        last = date(year, month, monthrange(year, month)[1])
        sunday = last - timedelta(days=(last.weekday() + 1) % 7)
        if sunday <= day:
            return sunday
    raise AssertionError("A year has a spring and an autumn.")


SCENES = named(
    many_pages,
    history,
    ends_of_days,
    every_field,
    shielded_around,
    disposed_accounts,
    deceased_long_ago,
    bankrupt_person,
    bankruptcy_annulled,
    bankruptcy_closed,
    bankruptcy_appealed,
    ward_partly_disposed,
    ward_other_task,
    card_holders,
)
