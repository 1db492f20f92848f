"""What the endpoints share: the facts of law, whose accounts come into the answer, and why it is partial."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts import asking, ledger
from accounts.asking import covered, facts_among, kinds_of, message
from accounts.ledger import OWNED, OWNED_OR_DISPOSED, PartyFacts
from accounts.models import AccountRole
from accounts.references import Referred, context_of, reference_to
from accounts.views import AccountDetails, AccountList, AccountServicingProvider, Cards, Roles, Transactions
from legal import judgement
from legal.extradition import Order
from legal.facts import NOTHING_KNOWN, Facts
from legal.periods import Period
from legal.refusals import BadCursor, DeathUnknown, GuardianshipUnknown, LedgerOutdated, NothingHere
from tests.accounts.conftest import OTHER, OURS
from tests.accounts.documents import sent
from tests.accounts.enquiries import AUDIENCE, NOW, NUMBER, TODAY, enquiry

GUARDIAN, FORMER, PARTNER = "15819010029", "55819010071", "55859010082"
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
GUARDIANSHIP = {"precondition": "guardianship", "period": "last_calendar_year", "owner": "primary_owner_only"}
DEATH = {"precondition": "death", "period": "three_months_before_death", "owner": "primary_owner_only"}
COMPLETE = {"status": "complete"}


@pytest.fixture(autouse=True)
def audiences(settings):
    settings.AUDIENCES = {AUDIENCE: [OURS]}


def walked(endpoint, asked):
    """Return the answer after the steps in which the corridor asks the endpoint."""
    view = endpoint()
    judgement.check_control_object(asked, view.control_object(asked), endpoint=endpoint.endpoint)
    return view.document(judgement.check_law(asked, facts=view.facts, today=TODAY))


def reference(account, number=NUMBER, **columns):
    return reference_to(Referred(account.pk, number), context_of(enquiry(number=number, **columns)))


def listed(**columns):
    return [account["accountIdentifier"] for account in walked(AccountList, enquiry(**columns)).document["accounts"]]


def under_guardian(number=GUARDIAN, period=YEAR):
    return {"period": period, "rules": GUARDIANSHIP, "guardian_number": number}


@pytest.fixture
def ward(bank):
    """A ward with an account that the guardian may use, and one that the guardian may not."""
    bank.ward, bank.guardian = bank.party(NUMBER), bank.party((FORMER, date(1999, 1, 1), date(2004, 5, 31)), GUARDIAN)
    bank.used, bank.kept = bank.account(), bank.account()
    for account in (bank.used, bank.kept):
        bank.role(account, bank.ward)
    bank.role(bank.used, bank.guardian, "authorisedUser")
    return bank


@pytest.mark.parametrize(
    ("tasks", "refused"),
    [
        pytest.param([("2020-01-01", None)], False, id="lasts"),
        pytest.param([("2020-01-01", "2025-01-01")], False, id="ended on the first day"),
        pytest.param([("2020-01-01", "2024-12-31")], True, id="ended the day before"),
        pytest.param([("2025-12-31", None)], False, id="began on the last day"),
        pytest.param([("2026-01-01", None)], True, id="began the day after"),
        pytest.param(
            [("2020-01-01", "2021-01-01"), ("2025-05-01", "2025-06-01")], False, id="several, one of them then"
        ),
        pytest.param([("2020-01-01", "2021-01-01"), ("2026-05-01", None)], True, id="several, none of them then"),
        pytest.param([("2025-06-01", "2025-05-01")], True, id="ended before it began"),
        pytest.param([], True, id="none"),
    ],
)
@pytest.mark.parametrize("number", [GUARDIAN, FORMER], ids=["present number", "former number"])
def test_a_guardianship_in_the_period(ward, tasks, refused, number):
    for start, end in tasks:
        ward.guardianship(ward.ward, ward.guardian, date.fromisoformat(start), end and date.fromisoformat(end))
    questions = [
        (AccountList, enquiry(**under_guardian(number))),
        (AccountDetails, enquiry(reference=reference(ward.used), **under_guardian(number))),
    ]
    for endpoint, asked in questions:
        if refused:
            with pytest.raises(GuardianshipUnknown):
                walked(endpoint, asked)
        else:
            assert walked(endpoint, asked).accounts == (ward.used.number,)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda bank: bank.guardianship(bank.ward, bank.guardian, YEAR.from_date, service="x"), id="another task"
        ),
        pytest.param(
            lambda bank: bank.guardianship(bank.guardian, bank.ward, YEAR.from_date), id="the other way round"
        ),
        pytest.param(
            lambda bank: bank.guardianship(bank.ward, bank.party(PARTNER), YEAR.from_date), id="another guardian"
        ),
        pytest.param(
            lambda bank: bank.guardianship(bank.party(PARTNER), bank.guardian, YEAR.from_date), id="another ward"
        ),
    ],
)
def test_no_guardianship(ward, spoil):
    spoil(ward)
    for endpoint, asked in (
        (AccountList, enquiry(**under_guardian())),
        (Roles, enquiry(reference=reference(ward.used), **under_guardian())),
    ):
        with pytest.raises(GuardianshipUnknown):
            walked(endpoint, asked)


@pytest.mark.parametrize(
    ("kind", "permission", "start", "end", "shown"),
    [
        pytest.param("authorisedUser", "rightToUseAlone", "2010-01-01", None, True, id="may use it alone"),
        pytest.param("authorisedUser", "rightToUseWithOther", "2010-01-01", None, True, id="may use it with another"),
        pytest.param("authorisedUser", "rightToSeeOnly", "2010-01-01", None, False, id="may see it only"),
        pytest.param("secondaryOwner", "rightToUseAlone", "2010-01-01", None, True, id="owns it too"),
        pytest.param("coBorrower", "rightToUseAlone", "2010-01-01", None, False, id="borrows too"),
        pytest.param("guarantor", "", "2010-01-01", None, False, id="guarantees"),
        pytest.param("authorisedUser", "rightToUseAlone", "2010-01-01", "2025-02-28", False, id="until the day before"),
        pytest.param("authorisedUser", "rightToUseAlone", "2010-01-01", "2025-03-01", True, id="until the first day"),
        pytest.param("authorisedUser", "rightToUseAlone", "2025-08-31", None, True, id="from the last day"),
        pytest.param("authorisedUser", "rightToUseAlone", "2025-09-01", None, False, id="from the day after"),
    ],
)
def test_only_accounts_that_the_guardian_could_use_meanwhile(ward, kind, permission, start, end, shown):
    """The guardianship covers March to August; the year is asked for."""
    ward.guardianship(ward.ward, ward.guardian, date(2025, 3, 1), date(2025, 8, 31))
    ward.role(
        ward.kept,
        ward.guardian,
        kind,
        date.fromisoformat(start),
        end and date.fromisoformat(end),
        permission=permission,
    )
    assert listed(**under_guardian()) == [ward.used.number, *([ward.kept.number] if shown else [])]
    asked = enquiry(reference=reference(ward.kept), **under_guardian())
    for endpoint in (AccountDetails, Transactions, Roles):
        if shown:
            assert walked(endpoint, asked).accounts == (ward.kept.number,)
        else:
            with pytest.raises(NothingHere):
                walked(endpoint, asked)


def test_a_guardianship_cuts_the_period(ward):
    ward.guardianship(ward.ward, ward.guardian, date(2025, 3, 1), date(2025, 8, 31))
    for day in ("2025-02-28T22:59:59", "2025-02-28T23:00:00", "2025-08-31T21:59:59", "2025-08-31T22:00:00"):
        ward.transaction(ward.used, datetime.fromisoformat(f"{day}+00:00"), identifier=day)
    asked = enquiry(reference=reference(ward.used), **under_guardian())
    document = walked(Transactions, asked).document
    assert [row["transactionIdentifier"] for row in document["transactions"]] == [
        "2025-02-28T23:00:00", "2025-08-31T21:59:59",
    ]  # fmt: skip
    assert document["links"] == [
        {
            "rel": "self",
            "href": f"/accounts/{asked.account_reference}/transactions?fromDate=2025-01-01&toDate=2025-12-31",
        }
    ], "the days that were asked for, so that the page can be asked for again"


def test_several_guardianships_leave_out_the_days_between(ward):
    for start, end in ((date(2024, 1, 1), date(2025, 2, 28)), (date(2025, 9, 1), date(2025, 10, 31))):
        ward.guardianship(ward.ward, ward.guardian, start, end)
    for month in range(1, 13):
        ward.transaction(ward.used, datetime(2025, month, 15, 12, tzinfo=UTC), identifier=str(month))
    for amount, day in (("1.00", 20), ("2.00", 25)):
        ward.booked(ward.used, amount, datetime(2025, 10, day, 12, tzinfo=UTC))
    ward.booked(ward.used, "3.00", datetime(2025, 11, 20, 12, tzinfo=UTC))
    asked = enquiry(reference=reference(ward.used), **under_guardian())
    transactions = walked(Transactions, asked).document["transactions"]
    assert [row["transactionIdentifier"] for row in transactions] == ["1", "2", "9", "10"]
    (balance,) = sent(walked(AccountDetails, asked).document)["account"]["balances"]
    assert balance["registered"] == "2025-10-25T12:00:00Z", "of the last day covered"
    assert listed(**under_guardian()) == [ward.used.number]


@pytest.mark.parametrize(
    ("ward_days", "guardian_days", "shown"),
    [
        pytest.param(("2025-01-01", "2025-03-31"), ("2025-03-31", None), True, id="on one day both"),
        pytest.param(("2025-01-01", "2025-03-31"), ("2025-04-01", None), False, id="one after the other"),
    ],
)
def test_the_guardian_could_use_it_while_the_ward_held_it(ward, ward_days, guardian_days, shown):
    ward.guardianship(ward.ward, ward.guardian, YEAR.from_date)
    account = ward.account()
    for party, kind, (start, end) in (
        (ward.ward, "primaryOwner", ward_days),
        (ward.guardian, "authorisedUser", guardian_days),
    ):
        ward.role(account, party, kind, date.fromisoformat(start), end and date.fromisoformat(end))
    assert (account.number in listed(**under_guardian())) is shown


@pytest.mark.parametrize("rules", [GUARDIANSHIP, DEATH], ids=["guardianship", "death"])
@pytest.mark.parametrize(
    ("grade", "roles"),
    [
        pytest.param(None, [], id="unknown"),
        pytest.param("fortrolig", ["primaryOwner"], id="shielded"),
        pytest.param("nyGradering", ["primaryOwner"], id="of a grade that is not known"),
        pytest.param("ugradert", ["guarantor", "guarantor"], id="a guarantor"),
    ],
)
def test_nothing_is_known_alike(bank, rules, grade, roles):
    if grade:
        party = bank.party(NUMBER, grade=grade, date_of_death=date(2026, 10, 1))
        bank.guardianship(party, bank.party(GUARDIAN), date(2020, 1, 1))
        for kind in roles:
            bank.role(bank.account(), party, kind)
    assert ledger.facts_of(NUMBER, institutions=[OURS], guardian_number=GUARDIAN) == []
    asked = enquiry(period=YEAR, rules=rules, guardian_number=GUARDIAN)
    assert AccountList().facts(asked) == NOTHING_KNOWN
    with pytest.raises(GuardianshipUnknown if rules is GUARDIANSHIP else DeathUnknown):
        walked(AccountList, asked)


def test_who_holds_something_elsewhere_only_is_unknown_here(bank):
    party = bank.party(NUMBER, date_of_death=date(2026, 10, 1))
    bank.role(bank.account(OTHER), party)
    assert ledger.facts_of(NUMBER, institutions=[OURS], guardian_number=None) == []
    assert ledger.facts_of(NUMBER, institutions=[OTHER], guardian_number=None) == [PartyFacts(date(2026, 10, 1), [])]


@pytest.mark.parametrize(
    ("roles", "known"),
    [
        pytest.param([], True, id="a customer without accounts"),
        pytest.param(["primaryOwner"], True, id="an owner"),
        pytest.param(["guarantor", "authorisedUser"], True, id="a guarantor who may use an account"),
    ],
)
def test_facts_of_a_customer(bank, roles, known):
    party = bank.party(NUMBER, FORMER, date_of_death=date(2026, 10, 1))
    for kind in roles:
        bank.role(bank.account(), party, kind)
    bank.guardianship(party, bank.party(GUARDIAN), date(2025, 3, 1), date(2025, 8, 31))
    task = {"start": "2025-03-01", "end": "2025-08-31"}
    for number in (NUMBER, FORMER):
        assert ledger.facts_of(number, institutions=[OURS], guardian_number=GUARDIAN) == [
            PartyFacts(date(2026, 10, 1), [task])
        ]
        assert ledger.facts_of(number, institutions=[OURS], guardian_number=None) == [PartyFacts(date(2026, 10, 1), [])]


def test_the_dead(bank):
    account = bank.account()
    bank.role(account, bank.party(NUMBER, date_of_death=date(2026, 10, 1)))
    period = Period(date(2026, 7, 1), TODAY)
    assert listed(period=period, rules=DEATH) == [account.number]
    asked = enquiry(reference=reference(account), period=period, rules=DEATH)
    for endpoint in (AccountDetails, Transactions):
        assert walked(endpoint, asked).accounts == (account.number,)


@pytest.mark.parametrize("rules", [GUARDIANSHIP, DEATH], ids=["guardianship", "death"])
def test_a_worthless_reference_is_nothing_here_before_any_fact(ward, rules):
    asked = enquiry(reference="A" * 47, period=YEAR, rules=rules, guardian_number=GUARDIAN)
    with pytest.raises(NothingHere):
        walked(AccountDetails, asked)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], (), id="none"),
        pytest.param([("2020-01-01", None)], (("2025-01-01", "2025-12-31"),), id="throughout"),
        pytest.param([("2025-03-01", "2025-03-01")], (("2025-03-01", "2025-03-01"),), id="a day"),
        pytest.param([("2020-01-01", "2024-12-31"), ("2026-01-01", None)], (), id="before and after"),
        pytest.param(
            [("2025-06-01", None), ("2020-01-01", "2025-05-31")],
            (("2025-01-01", "2025-12-31"),),
            id="one after the other",
        ),
        pytest.param(
            [("2025-06-02", None), ("2020-01-01", "2025-05-31")],
            (("2025-01-01", "2025-05-31"), ("2025-06-02", "2025-12-31")),
            id="with a day between",
        ),
    ],
)
def test_days_covered(spans, expected):
    found = covered([{"start": start, "end": end} for start, end in spans], YEAR)
    assert found == tuple(Period(date.fromisoformat(start), date.fromisoformat(end)) for start, end in expected)


def test_facts_are_those_of_the_party_found():
    span = {"start": "2020-01-01", "end": None}
    assert facts_among([PartyFacts(date(2025, 1, 1), [span])], YEAR) == Facts(
        date_of_death=date(2025, 1, 1), guardianships=(YEAR,)
    )
    assert facts_among([], YEAR) == NOTHING_KNOWN


ORDER = Order(**dict.fromkeys(Order.__dataclass_fields__) | {"only_primary_owner": False})
OWNERS_ORDER = Order(**dict.fromkeys(Order.__dataclass_fields__) | {"only_primary_owner": True})


@pytest.mark.parametrize(
    ("columns", "police", "kinds"),
    [
        pytest.param({"only_primary_owner": True}, "listed", OWNED, id="owners asked for"),
        pytest.param({"only_primary_owner": False}, "listed", OWNED_OR_DISPOSED, id="all asked for"),
        pytest.param({"reference": "x"}, "listed", OWNED_OR_DISPOSED, id="by a reference"),
        pytest.param(
            {"only_primary_owner": None}, "told", OWNED_OR_DISPOSED, id="the police's setting, not the police"
        ),
        pytest.param(
            {"only_primary_owner": False, "rules": {"owner": "primary_owner_only"}},
            "listed",
            OWNED,
            id="owners' mandate",
        ),
        pytest.param(
            {"reference": "x", "rules": {"owner": "primary_owner_only"}},
            "listed",
            OWNED,
            id="owners' mandate, reference",
        ),
        pytest.param({"reference": "x", "order": OWNERS_ORDER}, "listed", OWNED, id="an order about owners"),
        pytest.param({"reference": "x", "order": ORDER}, "listed", OWNED_OR_DISPOSED, id="an order about all, listed"),
        pytest.param({"reference": "x", "order": ORDER}, "told", OWNED, id="an order about all, told"),
    ],
)
def test_which_roles_bring_an_account_into_the_answer(settings, columns, police, kinds):
    settings.POLICE_DISPOSALS = police
    assert kinds_of(enquiry(**columns)) == kinds


def test_a_co_borrower_and_a_guarantor_never_come_into_it():
    assert set(AccountRole.Kind) - set(OWNED_OR_DISPOSED) == {"coBorrower", "guarantor"}


@pytest.mark.parametrize("allowed", [True, False], ids=["a service that knows the word", "another service"])
def test_an_account_of_which_no_data_is_delivered(bank, allowed):
    account = bank.account(data_delivered=False)
    bank.role(account, bank.party(NUMBER))
    rules = {"data_not_delivered": allowed}
    (shown,) = walked(AccountList, enquiry(rules=rules)).document["accounts"]
    assert (shown["accountReference"] == "dataNotDelivered") is allowed
    for endpoint in (AccountDetails, Transactions, Cards, Roles):
        asked = enquiry(reference=reference(account), rules=rules)
        if allowed:
            with pytest.raises(NothingHere):
                walked(endpoint, asked)
        else:
            assert walked(endpoint, asked).accounts == (account.number,)
    with pytest.raises(NothingHere):
        walked(AccountDetails, enquiry(reference="dataNotDelivered", rules=rules))


@pytest.mark.parametrize(
    ("reasons", "sentences"),
    [
        pytest.param({}, [], id="complete"),
        pytest.param({"hidden": True}, [asking.SHIELDED_OTHER], id="a shielded person"),
        pytest.param({"history": True}, [asking.HISTORY_NOT_ONLINE], id="history"),
        pytest.param(
            {"history": True, "hidden": True, "disposals": True},
            [asking.DISPOSALS_NOT_LISTED, asking.HISTORY_NOT_ONLINE, asking.SHIELDED_OTHER],
            id="all",
        ),
    ],
)
def test_why_partial(reasons, sentences):
    assert message(**reasons) == " ".join(sentences)
    assert len(message(**reasons)) <= 500


@pytest.mark.parametrize(
    ("kinds", "police", "owners_only", "found", "partial"),
    [
        pytest.param(["authorisedUser"], "told", False, [], True, id="only disposal: empty and partial"),
        pytest.param(["primaryOwner", "authorisedUser"], "told", False, [0], True, id="owned ones, and partial"),
        pytest.param(["primaryOwner"], "told", False, [0], False, id="no disposal: complete"),
        pytest.param(["primaryOwner", "guarantor"], "told", False, [0], False, id="a guarantee is not told of"),
        pytest.param(["primaryOwner", "coBorrower"], "told", False, [0], False, id="nor a shared loan"),
        pytest.param(["primaryOwner", "authorisedUser"], "told", True, [0], False, id="owned ones asked for"),
        pytest.param(["primaryOwner", "authorisedUser"], "listed", False, [0, 1], False, id="listed"),
    ],
)
def test_rights_of_disposal_in_answers_to_the_police(bank, settings, kinds, police, owners_only, found, partial):
    settings.POLICE_DISPOSALS = police
    party = bank.party(NUMBER)
    accounts = [bank.account() for _ in kinds]
    for account, kind in zip(accounts, kinds, strict=True):
        bank.role(account, party, kind)
    answer = AccountList().document(enquiry(order=ORDER, only_primary_owner=owners_only))
    assert answer.accounts == tuple(accounts[place].number for place in found)
    expected = {"status": "partial", "message": asking.DISPOSALS_NOT_LISTED} if partial else COMPLETE
    assert answer.document["responseDetails"] == expected


def test_the_shielded_are_not_told_of_either(bank, settings):
    settings.POLICE_DISPOSALS = "told"
    bank.role(bank.account(), bank.party(NUMBER, grade="fortrolig"), "authorisedUser")
    answer = AccountList().document(enquiry(order=ORDER, only_primary_owner=False))
    assert answer.document == {"responseDetails": COMPLETE, "accounts": [], "links": []}


@pytest.fixture
def moving(bank, settings):
    """An account with five transactions in the year, two on a page."""
    settings.TRANSACTIONS_PAGE_SIZE = 2
    bank.mine = bank.account()
    bank.role(bank.mine, bank.party(NUMBER))
    for number in range(5):
        bank.transaction(bank.mine, datetime(2025, 6, 1, 12, tzinfo=UTC), identifier=str(number))
    return bank


def page(asked):
    answer = walked(Transactions, asked)
    links = {link["rel"]: link["href"] for link in answer.document["links"]}
    return answer, [row["transactionIdentifier"] for row in answer.document["transactions"]], links


def test_following_next(moving):
    asked, found, cursor = enquiry(reference=reference(moving.mine), period=YEAR), [], None
    addresses = []
    while True:
        answer, identifiers, links = page(
            enquiry(reference=asked.account_reference, period=YEAR, cursor=cursor, asked_at=NOW + timedelta(minutes=1))
        )
        assert answer.evidence == ({"cursor": cursor} if cursor else {})
        assert (answer.items, answer.accounts, answer.control_object) == (
            len(identifiers),
            (moving.mine.number,),
            NUMBER,
        )
        found.append(identifiers)
        addresses.append(links["self"])
        if "next" not in links:
            break
        cursor = links["next"].partition("&cursor=")[2]
        moving.transaction(moving.mine, datetime(2025, 1, 1, 12, tzinfo=UTC), identifier="before the cursor")
    first = f"/accounts/{asked.account_reference}/transactions?fromDate=2025-01-01&toDate=2025-12-31"
    assert found == [["0", "1"], ["2", "3"], ["4"]]
    assert addresses[0] == first
    assert len(set(addresses)) == 3


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"period": Period(date(2025, 1, 1), date(2025, 12, 30))}, id="another period"),
        pytest.param({"cursor": "A" * 43}, id="a made-up one"),
        pytest.param({"cursor": ""}, id="an empty one"),
        pytest.param({"cursor": "é"}, id="no ASCII"),
    ],
)
def test_a_cursor_of_elsewhere(moving, changes):
    right = enquiry(reference=reference(moving.mine), period=YEAR)
    cursor = page(right)[2]["next"].partition("&cursor=")[2]
    columns = {"reference": right.account_reference, "period": YEAR, "cursor": cursor}
    assert page(enquiry(**columns))[1] == ["2", "3"]
    with pytest.raises(BadCursor):
        page(enquiry(**columns | changes))


def test_a_cursor_of_another_account(moving):
    other = moving.account()
    moving.role(other, moving.mine.roles.get().party)
    cursor = page(enquiry(reference=reference(moving.mine), period=YEAR))[2]["next"].partition("&cursor=")[2]
    with pytest.raises(BadCursor):
        page(enquiry(reference=reference(other), period=YEAR, cursor=cursor))


def test_transactions_of_the_days_on_which_the_party_had_its_role(bank):
    account, me, other = bank.account(), bank.party(NUMBER), bank.party(PARTNER)
    for party, start, end in (
        (me, date(2010, 1, 1), date(2025, 2, 28)),
        (other, date(2025, 3, 1), date(2025, 8, 31)),
        (me, date(2025, 9, 1), date(2025, 10, 31)),
        (other, date(2025, 11, 1), None),
    ):
        bank.role(account, party, start=start, end=end)
    for month in range(1, 13):
        bank.transaction(account, datetime(2025, month, 15, 12, tzinfo=UTC), identifier=str(month))
    _, identifiers, _ = page(enquiry(reference=reference(account), period=YEAR))
    assert identifiers == ["1", "2", "9", "10"]


def test_shielded_persons_on_a_page(moving, settings):
    settings.TRANSACTIONS_PAGE_SIZE = 1000
    hidden = moving.party(PARTNER, grade="fortrolig", name="Tett Nordavind")
    theirs = moving.account()
    moving.role(theirs, hidden)
    person = {"value": PARTNER, "type": "nationalIdentityNumber"}
    for counterparty in (
        {"name": "Tett Nordavind", "identifier": person},
        {"name": "Tett Nordavind", "accountIdentifier": theirs.number},
        {"name": "Klar Måne", "accountIdentifier": moving.mine.number},
    ):
        moving.transaction(
            moving.mine, datetime(2025, 7, 1, 12, tzinfo=UTC), counterparties=[{**counterparty, "type": "creditor"}]
        )
    moving.transaction(
        moving.mine, datetime(2025, 8, 1, 12, tzinfo=UTC), card=moving.card(moving.mine, hidden), counterparties=[1]
    )
    document = sent(walked(Transactions, enquiry(reference=reference(moving.mine), period=YEAR)).document)
    last = document["transactions"][5:]
    assert [row["counterParties"] for row in last] == [
        [{"type": "creditor"}],
        [{"accountIdentifier": theirs.number, "type": "creditor"}],
        [{"accountIdentifier": moving.mine.number, "name": "Klar Måne", "type": "creditor"}],
        [],
    ]
    assert "holderName" not in last[-1]["paymentCard"]
    assert "Tett Nordavind" not in str(document)
    assert document["responseDetails"] == {"status": "partial", "message": asking.SHIELDED_OTHER}


@pytest.mark.parametrize("endpoint", [AccountDetails, Transactions, Cards, Roles])
def test_a_ledger_that_is_too_old(bank, settings, endpoint):
    account = bank.account()
    bank.role(account, bank.party(NUMBER))
    settings.LEDGER_MAX_AGE_HOURS = 1
    with pytest.raises(LedgerOutdated):
        walked(endpoint, enquiry(reference=reference(account)))


@pytest.mark.parametrize("endpoint", [AccountDetails, Transactions, Cards, Roles])
@pytest.mark.parametrize(
    "period",
    [
        pytest.param(Period(date(2024, 1, 1), date(2024, 12, 31)), id="before the role"),
        pytest.param(Period(date(2025, 7, 1), date(2025, 12, 31)), id="after the role"),
    ],
)
def test_a_reference_outlived(bank, endpoint, period):
    account = bank.account()
    bank.role(account, bank.party(NUMBER), start=date(2025, 1, 1), end=date(2025, 6, 30))
    assert walked(endpoint, enquiry(reference=reference(account), period=YEAR)).accounts == (account.number,)
    with pytest.raises(NothingHere):
        walked(endpoint, enquiry(reference=reference(account), period=period))


@pytest.mark.parametrize(
    ("audience", "found"), [([OURS], OURS), ([OTHER], None), ([OURS, OTHER], OURS)], ids=["ours", "another's", "both"]
)
def test_the_servicer_of_an_account_number(bank, settings, audience, found):
    settings.AUDIENCES = {AUDIENCE: audience}
    account = bank.account(status="deleted", end_date=date(2020, 1, 1))
    asked = enquiry(number=None, account_number=account.number)
    if found:
        answer = walked(AccountServicingProvider, asked)
        assert answer.document == {"organizationId": OURS, "bankName": f"Bank {OURS}"}
        assert (answer.items, answer.accounts) == (1, (account.number,))
    else:
        with pytest.raises(NothingHere):
            walked(AccountServicingProvider, asked)
    with pytest.raises(NothingHere):
        walked(AccountServicingProvider, enquiry(number=None, account_number="97099999999"))
