"""Which accounts: every question asked of the ledger, against rows laid out for it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connections, transaction

from accounts import contents, ledger
from accounts.contents import BalanceRow
from accounts.ledger import NO_PARTY, OWNED, OWNED_OR_DISPOSED, Held, PartyFacts, Relationship, Servicer
from accounts.models import AccountRole, FinancialInstitution, PartyIdentifier, PaymentCard, Transaction
from legal.periods import Period, day_in_oslo
from tests.accounts.conftest import OTHER, OURS
from tests.consumer import identifier

NUMBER, FORMER, PARTNER = "15869010089", "55869010072", "15819010029"
TODAY, YESTERDAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 20), date(2026, 11, 22)
NOW = Period(TODAY, TODAY)
OPENED = date(2010, 1, 1)
AS_OF = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
EVERY_KIND = tuple(AccountRole.Kind)


def standings(number=NUMBER, period=NOW, institutions=(OURS, OTHER)):
    return ledger.standing_of(number, period=period, institutions=institutions)


def listed(party, *, period=NOW, institutions=(OURS, OTHER), kinds=OWNED):
    """Return the numbers of the accounts in the party's list."""
    return [row.number for row in ledger.accounts_of(party.pk, period=period, institutions=institutions, kinds=kinds)]


def one(account, number=NUMBER, *, period=NOW, institutions=(OURS, OTHER), kinds=OWNED):
    return ledger.account_of(account.pk, party_number=number, period=period, institutions=institutions, kinds=kinds)


def related(party, *, period=NOW, institutions=(OURS, OTHER)):
    return ledger.relationships_of(party.pk, period=period, institutions=institutions)


def test_a_standing_for_each_institution_known_or_not(bank):
    party = bank.party(NUMBER)
    bank.role(bank.account(at=OTHER), party, "coBorrower")
    ours, other = standings()
    assert ours == (
        ours.institution_id,
        OURS,
        f"Bank {OURS}",
        "NO",
        AS_OF,
        date(2016, 11, 21),
        [party.pk],
        ["ugradert"],
        [],
    )
    assert other == ours._replace(
        institution_id=other.institution_id, organisation_number=OTHER, name=f"Bank {OTHER}", kinds=["coBorrower"]
    )


def test_standings_of_nobody_differ_in_nothing_but_the_party(bank):
    bank.party(NUMBER)
    known, unknown = standings(), standings(PARTNER)
    assert unknown == [standing._replace(party_ids=[], grades=[]) for standing in known]


@pytest.mark.parametrize(
    ("institutions", "found"),
    [
        pytest.param([OURS], [OURS], id="ours"),
        pytest.param([OTHER, OURS], [OURS, OTHER], id="both, in the order of their numbers"),
        pytest.param([OURS, "213000005"], [OURS], id="one that the ledger lacks"),
        pytest.param([], [], id="none"),
    ],
)
def test_standings_are_those_of_the_audience(bank, institutions, found):
    assert [standing.organisation_number for standing in standings(institutions=institutions)] == found


@pytest.mark.parametrize("number", [NUMBER, FORMER], ids=["present", "former"])
def test_any_number_finds_the_party(bank, number):
    party = bank.party((FORMER, date(1999, 1, 1), date(2004, 5, 31)), (NUMBER, date(2004, 6, 1)))
    assert [standing.party_ids for standing in standings(number)] == [[party.pk]] * 2


def test_one_number_cannot_have_two_parties(bank):
    bank.party(NUMBER)
    with pytest.raises(IntegrityError, match="party_identifier_value"), transaction.atomic("ledger"):
        bank.party(NUMBER)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("9990011234561234", id="a full number"),
        pytest.param("9990 0112 3456 1234", id="a full number with blanks"),
        pytest.param("999001X234561234", id="one digit hidden"),
        pytest.param("9990012XXXXX1234", id="seven digits in front"),
        pytest.param("999001XXXXX51234", id="five digits behind"),
        pytest.param("XX9990011234561234", id="hidden in front only"),
        pytest.param("999001XXXXXX1234\n9990011234561234"[:19], id="a second line"),
        pytest.param("999001xxxxxx1234", id="small letters"),
        pytest.param("", id="none"),
    ],
)
def test_a_full_card_number_cannot_be_stored(bank, number):
    """Transactions name a card by its row, so that there is no other place for one."""
    account, holder = bank.account(), bank.party(NUMBER)
    with pytest.raises(IntegrityError, match="card_number_is_masked"), transaction.atomic("ledger"):
        bank.card(account, holder, number)
    card = bank.card(account, holder)
    with pytest.raises(IntegrityError, match="card_number_is_masked"), transaction.atomic("ledger"):
        PaymentCard.objects.filter(pk=card.pk).update(masked_number=number)
    columns = {field.column for field in Transaction._meta.concrete_fields if "card" in field.column}
    assert columns == {"card_id"}


def test_one_account_number_cannot_be_used_twice_at_an_institution(bank):
    account = bank.account()
    with pytest.raises(IntegrityError, match="account_number_once"), transaction.atomic("ledger"):
        bank.numbers = iter([int(account.number)])
        bank.account()
    bank.numbers = iter([int(account.number)])
    assert bank.account(at=OTHER).number == account.number


@pytest.mark.parametrize(
    ("start", "end", "period", "held"),
    [
        pytest.param(OPENED, None, NOW, True, id="lasts"),
        pytest.param(TODAY, None, NOW, True, id="starts today"),
        pytest.param(TOMORROW, None, NOW, False, id="starts tomorrow"),
        pytest.param(OPENED, TODAY, NOW, True, id="ends today"),
        pytest.param(OPENED, YESTERDAY, NOW, False, id="ended yesterday"),
        pytest.param(OPENED, TOMORROW, NOW, True, id="ends tomorrow"),
        pytest.param(TODAY, TODAY, NOW, True, id="today only"),
        pytest.param(OPENED, YESTERDAY, Period(YESTERDAY, TODAY), True, id="ended on the first day of the period"),
        pytest.param(TODAY, None, Period(YESTERDAY, TODAY), True, id="starts on the last day of the period"),
        pytest.param(date(2015, 3, 1), date(2015, 3, 2), Period(date(2015, 1, 1), TODAY), True, id="in mid-period"),
        pytest.param(date(2015, 3, 1), None, Period(date(2014, 1, 1), date(2015, 2, 28)), False, id="after the period"),
    ],
)
def test_a_role_counts_when_it_held_on_a_day_of_the_period(bank, start, end, period, held):
    party = bank.party(NUMBER)
    account = bank.account()
    bank.role(account, party, start=start, end=end)
    assert listed(party, period=period) == [account.number] * held
    assert bool(one(account, period=period)) is held
    assert [standing.kinds for standing in standings(period=period, institutions=[OURS])] == [["primaryOwner"] * held]
    assert bool(related(party, period=period)) is held


@pytest.mark.parametrize(
    ("kind", "owned", "disposed"),
    [
        pytest.param("primaryOwner", True, True, id="primary owner"),
        pytest.param("secondaryOwner", False, True, id="secondary owner"),
        pytest.param("authorisedUser", False, True, id="authorised user"),
        pytest.param("coBorrower", False, False, id="co-borrower"),
        pytest.param("guarantor", False, False, id="guarantor"),
    ],
)
def test_which_kinds_of_role_are_listed(bank, kind, owned, disposed):
    party, owner = bank.party(NUMBER), bank.party(PARTNER)
    account = bank.account()
    bank.role(account, owner)
    bank.role(account, party, kind)
    assert (account.number in listed(party)) is owned
    assert (account.number in listed(party, kinds=OWNED_OR_DISPOSED)) is disposed
    assert bool(one(account)) is owned
    assert bool(one(account, kinds=OWNED_OR_DISPOSED)) is disposed


@pytest.mark.parametrize(
    ("institutions", "places"),
    [
        pytest.param([OURS], [0], id="ours"),
        pytest.param([OTHER], [1], id="the other"),
        pytest.param([OURS, OTHER], [0, 1], id="both"),
        pytest.param([], [], id="none"),
    ],
)
def test_accounts_are_those_of_the_audience(bank, institutions, places):
    party = bank.party(NUMBER)
    accounts = [bank.account(at=OURS), bank.account(at=OTHER)]
    for account in accounts:
        bank.role(account, party)
    assert listed(party, institutions=institutions) == [accounts[place].number for place in places]
    assert [bool(one(account, institutions=institutions)) for account in accounts] == [n in places for n in (0, 1)]
    assert len(related(party, institutions=institutions)) == len(places)


def test_whole_row(bank):
    party, partner = bank.party((NUMBER, date(1969, 6, 15))), bank.party(PARTNER)
    account = bank.account(name="Lønn", type="salaryAccount")
    bank.role(account, party)
    bank.role(account, partner, "secondaryOwner")
    expected = Held(
        account_id=account.pk,
        number=account.number,
        status="enabled",
        type="salaryAccount",
        name="Lønn",
        currency="NOK",
        account_start_date=OPENED,
        account_end_date=None,
        servicer_number=OURS,
        servicer_name=f"Bank {OURS}",
        servicer_country="NO",
        as_of=AS_OF,
        grade="ugradert",
        history_from=date(2016, 11, 21),
        data_delivered=True,
        date_of_death=None,
        kind="primaryOwner",
        role_start_date=OPENED,
        role_end_date=None,
        party_id=party.pk,
        owner_id=party.pk,
        owner_permission="rightToUseAlone",
        owner_start_date=OPENED,
        owner_end_date=None,
        owner_type="person",
        owner_name="Rank Bjørk",
        owner_country="NO",
        owner_grade="ugradert",
        owner_number=NUMBER,
        guardianships=[],
        disposals=[],
    )
    assert ledger.accounts_of(party.pk, period=NOW, institutions=[OURS]) == [expected]
    assert one(account) == [expected]


def test_a_row_for_each_pair_of_role_and_owner(bank):
    party, first, second = bank.party(NUMBER), bank.party(PARTNER), bank.party(FORMER)
    account = bank.account()
    bank.role(account, first, end=YESTERDAY)
    bank.role(account, second, start=TODAY)
    bank.role(account, party, "authorisedUser")
    bank.role(account, party, "secondaryOwner")
    rows = one(account, period=Period(YESTERDAY, TODAY), kinds=OWNED_OR_DISPOSED)
    assert [(row.party_id, row.owner_id) for row in rows] == [(party.pk, first.pk), (party.pk, second.pk)] * 2
    rows = one(account, kinds=OWNED_OR_DISPOSED)
    assert [row.owner_id for row in rows] == [second.pk] * 2, "owners of the period only"


def test_an_account_without_an_owner_is_still_held(bank):
    party = bank.party(NUMBER)
    account = bank.account()
    bank.role(account, party, "authorisedUser")
    (row,) = one(account, kinds=OWNED_OR_DISPOSED)
    assert [value for name, value in row._asdict().items() if name.startswith("owner_")] == [None] * 9


@pytest.mark.parametrize(
    ("period", "shown"),
    [
        pytest.param(NOW, NUMBER, id="today"),
        pytest.param(Period(date(2004, 6, 1), date(2004, 6, 1)), NUMBER, id="the day it changed"),
        pytest.param(Period(date(2004, 5, 31), date(2004, 5, 31)), FORMER, id="the day before"),
        pytest.param(Period(date(1998, 1, 1), date(1998, 12, 31)), None, id="before either"),
    ],
)
def test_an_owner_is_shown_by_the_number_of_the_day(bank, period, shown):
    party = bank.party((FORMER, date(1999, 1, 1), date(2004, 5, 31)), (NUMBER, date(2004, 6, 1)))
    account = bank.account()
    bank.role(account, party, start=date(1997, 1, 1))
    for number in (NUMBER, FORMER):
        assert [row.owner_number for row in one(account, number, period=period)] == [shown]


def test_accounts_come_in_the_order_of_their_numbers(bank):
    party = bank.party(NUMBER)
    bank.numbers = iter([97_000_000_030, 97_000_000_010, 97_000_000_020])
    for _ in range(3):
        bank.role(bank.account(), party)
    assert listed(party) == ["97000000010", "97000000020", "97000000030"]


@pytest.mark.parametrize("grade", ["fortrolig", "strengtFortrolig", "", "nyGradering"])
def test_an_account_is_not_shown_for_a_shielded_party(bank, grade):
    party = bank.party(NUMBER, FORMER, grade=grade)
    account = bank.account()
    bank.role(account, party)
    assert one(account) == one(account, FORMER) == []


@pytest.mark.parametrize(
    "number", [PARTNER, "00000000000", "", NUMBER[:-1]], ids=["another's", "nobody's", "none", "cut"]
)
def test_an_account_is_shown_for_its_holder_only(bank, number):
    party = bank.party(NUMBER)
    bank.party(PARTNER)
    account = bank.account()
    bank.role(account, party)
    assert one(account)
    assert one(account, number) == []


def test_nobody_holds_nothing(bank):
    assert ledger.accounts_of(NO_PARTY, period=NOW, institutions=[OURS, OTHER], kinds=EVERY_KIND) == []
    assert ledger.relationships_of(NO_PARTY, period=NOW, institutions=[OURS, OTHER]) == []
    assert ledger.account_of(0, party_number=NUMBER, period=NOW, institutions=[OURS], kinds=EVERY_KIND) == []


HOUR = timedelta(hours=1)


def balance(kind, amount, **changes):
    return BalanceRow(kind, Decimal(amount), "NOK", False, None, "", as_of=AS_OF)._replace(**changes)


@pytest.mark.parametrize(
    ("stored", "answered"),
    [
        pytest.param([], [], id="none"),
        pytest.param(
            [("bookedBalance", "10.00", -HOUR), ("availableBalance", "8.00", -HOUR)],
            [("availableBalance", "8.00"), ("bookedBalance", "10.00")],
            id="available first",
        ),
        pytest.param([("bookedBalance", "10.00", -HOUR)], [("bookedBalance", "10.00")], id="booked alone"),
        pytest.param(
            [
                ("bookedBalance", "1.00", -3 * HOUR),
                ("bookedBalance", "3.00", -HOUR),
                ("bookedBalance", "2.00", -2 * HOUR),
            ],
            [("bookedBalance", "3.00")],
            id="the latest of several",
        ),
        pytest.param([("bookedBalance", "10.00", 0 * HOUR)], [("bookedBalance", "10.00")], id="of that very moment"),
        pytest.param(
            [("bookedBalance", "1.00", -HOUR), ("bookedBalance", "2.00", timedelta(microseconds=1))],
            [("bookedBalance", "1.00")],
            id="a later one is ignored",
        ),
        pytest.param([("bookedBalance", "10.00", HOUR)], [], id="later ones only"),
        pytest.param(
            [("bookedBalance", "1.00", -HOUR), ("availableBalance", "9.00", -50 * HOUR)],
            [("availableBalance", "9.00"), ("bookedBalance", "1.00")],
            id="each kind has its own latest",
        ),
        pytest.param(
            [("bookedBalance", "-9999999999999999999999999.99999", -HOUR)],
            [("bookedBalance", "-9999999999999999999999999.99999")],
            id="every digit of the column",
        ),
    ],
)
def test_balances_at_a_moment(bank, stored, answered):
    account, neighbour = bank.account(), bank.account()
    for kind, amount, after in stored:
        bank.balance(account, kind, amount, AS_OF + after)
    bank.balance(neighbour, "availableBalance", "77.00", AS_OF - HOUR)
    assert contents.balances_of(account.pk, at=AS_OF) == [balance(kind, amount) for kind, amount in answered]


def test_a_credit_line_comes_with_its_balance(bank):
    account = bank.account()
    line = {"credit_line_included": True, "credit_line_amount": Decimal("1000.00"), "credit_line_currency": "NOK"}
    bank.balance(account, "availableBalance", "3000.00", AS_OF - HOUR, **line)
    bank.balance(account, "availableBalance", "3000.00", AS_OF - 2 * HOUR)
    assert contents.balances_of(account.pk, at=AS_OF) == [balance("availableBalance", "3000.00", **line)]


GUARDIAN, STRANGER = "55859010082", "55819010071"
SINCE, UNTIL = date(2020, 5, 1), date(2026, 6, 30)


@pytest.fixture
def ward(bank):
    """A ward's account, a guardian of two tasks, and another guardian."""
    bank.ward, bank.guardian, bank.stranger = bank.party(NUMBER), bank.party(PARTNER, GUARDIAN), bank.party(STRANGER)
    bank.mine = bank.account()
    bank.role(bank.mine, bank.ward)
    bank.guardianship(bank.ward, bank.guardian, SINCE, UNTIL)
    bank.guardianship(bank.ward, bank.guardian, SINCE, service="representasjonHusleie")
    bank.guardianship(bank.ward, bank.stranger, OPENED)
    bank.guardianship(bank.guardian, bank.ward, OPENED)
    return bank


def under(guardian, account, ward):
    """Return the guardianships and disposals of that guardian, as the list and the details have them."""
    limits = {"period": NOW, "institutions": [OURS], "guardian_number": guardian}
    (in_list,) = ledger.accounts_of(ward.pk, **limits)
    (in_details,) = ledger.account_of(account.pk, party_number=NUMBER, **limits)
    assert in_list == in_details
    return in_list.guardianships, in_list.disposals


TASK = {"start": "2020-05-01", "end": "2026-06-30"}


@pytest.mark.parametrize(
    ("guardian", "tasks"),
    [
        pytest.param(PARTNER, [TASK], id="by one number"),
        pytest.param(GUARDIAN, [TASK], id="by another number of the same person"),
        pytest.param(STRANGER, [{"start": "2010-01-01", "end": None}], id="another guardian"),
        pytest.param(NUMBER, [], id="the ward"),
        pytest.param("00000000000", [], id="nobody"),
        pytest.param(None, [], id="none named"),
    ],
)
def test_guardianships_of_the_guardian_named(ward, guardian, tasks):
    assert under(guardian, ward.mine, ward.ward)[0] == tasks
    assert ledger.facts_of(NUMBER, institutions=[OURS], guardian_number=guardian) == [PartyFacts(None, tasks)]


@pytest.mark.parametrize(
    ("kind", "permission", "counts"),
    [
        pytest.param("primaryOwner", "rightToUseAlone", True, id="owns it"),
        pytest.param("secondaryOwner", "rightToUseWithOther", True, id="owns it too"),
        pytest.param("authorisedUser", "rightToUseAlone", True, id="may use it"),
        pytest.param("authorisedUser", "rightToSeeOnly", False, id="may see it"),
        pytest.param("secondaryOwner", "rightToSeeOnly", False, id="owns it, but may only see it"),
        pytest.param("coBorrower", "rightToUseAlone", False, id="borrows"),
        pytest.param("guarantor", "", False, id="guarantees"),
    ],
)
def test_disposals_of_the_guardian_named(ward, kind, permission, counts):
    ward.role(ward.mine, ward.guardian, kind, SINCE, UNTIL, permission=permission)
    ward.role(ward.account(), ward.guardian)
    for number in (PARTNER, GUARDIAN):
        assert under(number, ward.mine, ward.ward)[1] == ([TASK] if counts else [])
    assert under(STRANGER, ward.mine, ward.ward)[1] == []
    assert under(None, ward.mine, ward.ward)[1] == []


@pytest.mark.parametrize(
    ("at", "institutions", "servicer"),
    [
        pytest.param(OURS, [OURS], OURS, id="ours"),
        pytest.param(OTHER, [OURS, OTHER], OTHER, id="the other's, asked of both"),
        pytest.param(OTHER, [OURS], None, id="the other's, asked of us"),
        pytest.param(OURS, [], None, id="asked of none"),
    ],
)
def test_servicer_of_an_account_number(bank, at, institutions, servicer):
    account = bank.account(at=at)
    expected = [Servicer(servicer, f"Bank {servicer}", AS_OF)] if servicer else []
    assert ledger.servicer_of(account.number, institutions=institutions) == expected
    assert ledger.servicer_of(account.number[:-1], institutions=institutions) == []


LOAN, EMPTY = {"type": "loanAccount"}, {"type": "accountWithoutBalance"}


@pytest.mark.parametrize(
    ("held", "relationship"),
    [
        pytest.param([("primaryOwner", {})], (True, True), id="owns an account that NICS can credit"),
        pytest.param([("primaryOwner", {"nics_creditable": False})], (True, False), id="that NICS cannot credit"),
        pytest.param([("primaryOwner", {"status": "disabled"})], (True, False), id="that is disabled"),
        pytest.param(
            [("primaryOwner", {"status": "deleted", "end_date": TODAY})], (True, False), id="that closes today"
        ),
        pytest.param([("secondaryOwner", {})], (False, True), id="owns it second"),
        pytest.param([("authorisedUser", {})], (False, False), id="may use it"),
        pytest.param([("coBorrower", LOAN)], (False, False), id="borrows with another"),
        pytest.param([("primaryOwner", LOAN | {"nics_creditable": False})], (False, False), id="borrows"),
        pytest.param([("primaryOwner", EMPTY | {"nics_creditable": False})], (False, False), id="owns no balance"),
        pytest.param([("guarantor", LOAN)], None, id="guarantees"),
        pytest.param([("guarantor", LOAN), ("authorisedUser", {})], (False, False), id="guarantees and may use"),
        pytest.param([("authorisedUser", {}), ("primaryOwner", {})], (True, True), id="uses one and owns another"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_relationships(bank, held, relationship):
    party = bank.party(NUMBER)
    for kind, columns in held:
        bank.role(bank.account(**columns), party, kind)
    institution = FinancialInstitution.objects.get(organisation_number=OURS)
    assert related(party) == ([Relationship(institution.pk, *relationship, as_of=AS_OF)] if relationship else [])


def test_relationships_are_judged_for_each_institution(bank):
    party = bank.party(NUMBER)
    bank.role(bank.account(at=OURS), party, "authorisedUser")
    bank.role(bank.account(at=OTHER), party)
    found = {row.institution_id: (row.owns, row.creditable) for row in related(party)}
    pks = dict(FinancialInstitution.objects.values_list("organisation_number", "pk"))
    assert found == {pks[OURS]: (False, False), pks[OTHER]: (True, True)}


@pytest.mark.django_db(databases=["ledger"])
@pytest.mark.parametrize(
    ("institutions", "currencies"),
    [
        pytest.param(["213456008"], ["EUR", "SEK", "USD"], id="our bank"),
        pytest.param(["312345609"], ["NOK"], id="the other bank"),
        pytest.param(["213456008", "312345609"], ["EUR", "NOK", "SEK", "USD"], id="both"),
    ],
)
def test_a_character_with_accounts_at_two_institutions(institutions, currencies):
    today = day_in_oslo(datetime.now(UTC))
    number = identifier("foreign-currency")
    party_id = PartyIdentifier.objects.get(value=number).party_id
    rows = ledger.accounts_of(party_id, period=Period(today, today), institutions=institutions)
    assert sorted(row.currency for row in rows) == currencies


def test_a_connection_that_was_cut_is_opened_anew(superuser, django_db_blocker):
    with django_db_blocker.unblock():
        connections["ledger"].close()
        assert contents.balances_of(0, at=AS_OF) == []
        pid = connections["ledger"].connection.info.backend_pid
        with superuser("ledger") as session:
            session.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
        assert contents.balances_of(0, at=AS_OF) == []
        assert connections["ledger"].connection.info.backend_pid != pid
        connections["ledger"].close()
