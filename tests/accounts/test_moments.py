"""No answer mixes two states of the ledger: where a delivery becomes visible within one, it is asked once more."""

from datetime import timedelta

import pytest

from accounts import contents, ledger, movements, standing
from accounts.models import AccountRole, Balance, FinancialInstitution, Party, PaymentCard, Transaction
from accounts.references import Referred, context_of, reference_to
from accounts.views import AccountDetails, AccountList, Cards, CustomerRelationships, Roles, Transactions
from legal.periods import Period
from legal.refusals import LedgerInconsistent, NothingHere
from tests.accounts.conftest import OTHER, OURS
from tests.accounts.documents import sent
from tests.accounts.enquiries import AUDIENCE, NOW, NUMBER, TODAY, enquiry

YEAR = Period(TODAY - timedelta(days=365), TODAY)
ROOMS = {"standing_of": standing, "accounts_of": ledger, "relationships_of": ledger, "account_of": ledger}
ROOMS |= dict.fromkeys(("balances_of", "cards_of", "holders_of"), contents)
ROOMS |= dict.fromkeys(("transactions_of", "named_on"), movements)


@pytest.fixture(autouse=True)
def audiences(settings):
    settings.AUDIENCES = {AUDIENCE: [OURS, OTHER]}


@pytest.fixture
def moving(bank, monkeypatch):
    """Return a function that lets deliveries become visible, one after each answer to that question."""

    def after(question, deliveries):
        asked, waiting = getattr(ROOMS[question], question), list(deliveries)

        def ask(*arguments, **named):
            found = asked(*arguments, **named)
            if waiting:
                visible(waiting.pop(0))
            return found

        monkeypatch.setattr(ROOMS[question], question, ask)
        return waiting

    return after


moments = (NOW - timedelta(hours=1) + timedelta(seconds=number) for number in range(10_000))


def visible(change):
    """Let a delivery become visible: what it changes, and every institution's moment."""
    change()
    FinancialInstitution.objects.update(as_of=next(moments))


def unchanged():
    """A delivery in which nothing but the moment is another."""


def renamed():
    Party.objects.update(name="Rank Furu")


def without_roles():
    AccountRole.objects.all().delete()


def shielded():
    Party.objects.update(protection_grade="fortrolig")


def another_balance():
    number, moment = Balance.objects.values_list("account_id", flat=True).first(), NOW - timedelta(hours=2)
    Balance.objects.all().delete()
    columns = {"currency": "NOK", "registered_at": moment, "credit_line_included": False}
    Balance.objects.create(account_id=number, type="bookedBalance", amount=7, **columns)


def without_balances():
    Balance.objects.all().delete()


def without_cards():
    PaymentCard.objects.all().delete()


def other_merchants():
    Transaction.objects.update(merchant="Furu Kiosk")


def without_transactions():
    Transaction.objects.all().delete()


ABOUT_PARTY = {AccountList: "standing_of", CustomerRelationships: "standing_of"}
QUESTIONS = [
    pytest.param(CustomerRelationships, "standing_of", unchanged, id="relationships, the moment alone"),
    pytest.param(CustomerRelationships, "standing_of", without_roles, id="relationships that end"),
    pytest.param(CustomerRelationships, "standing_of", shielded, id="relationships of a person then shielded"),
    pytest.param(AccountList, "standing_of", unchanged, id="accounts, the moment alone"),
    pytest.param(AccountList, "standing_of", renamed, id="accounts of another name"),
    pytest.param(AccountList, "standing_of", without_roles, id="accounts that are gone"),
    pytest.param(AccountList, "standing_of", shielded, id="accounts of a person then shielded"),
    pytest.param(AccountDetails, "account_of", unchanged, id="details, the moment alone"),
    pytest.param(AccountDetails, "account_of", another_balance, id="another balance"),
    pytest.param(AccountDetails, "account_of", without_balances, id="balances that are gone"),
    pytest.param(Transactions, "account_of", other_merchants, id="transactions of other merchants"),
    pytest.param(Transactions, "transactions_of", other_merchants, id="transactions, and then who is on the page"),
    pytest.param(Transactions, "account_of", without_transactions, id="transactions that are gone"),
    pytest.param(Cards, "account_of", unchanged, id="cards, the moment alone"),
    pytest.param(Cards, "account_of", without_cards, id="cards that are gone"),
    pytest.param(Roles, "account_of", renamed, id="roles of another name"),
]


@pytest.fixture
def ours(bank):
    account = bank.account()
    me = bank.party(NUMBER)
    bank.role(account, me)
    bank.balance(account, "bookedBalance", "10.00", NOW - timedelta(days=1))
    bank.card(account, me)
    bank.transaction(account, NOW - timedelta(days=3))
    return account


def question(view, account):
    """Return what asks the endpoint."""
    if view in ABOUT_PARTY:
        asked = enquiry(period=YEAR)
        return lambda: view().document(asked)
    asked = enquiry(period=YEAR)
    reference = reference_to(Referred(account.pk, NUMBER), context_of(asked))
    asked = enquiry(period=YEAR, reference=reference)

    def ask():
        endpoint = view()
        endpoint.control_object(asked)
        return endpoint.document(asked)

    return ask


def told(answer):
    return sent(answer.document), answer.as_of, answer.items, answer.accounts, answer.empty_because


@pytest.mark.parametrize(("view", "after", "change"), QUESTIONS)
def test_an_answer_is_of_the_later_moment_as_a_whole(ours, moving, view, after, change):
    ask = question(view, ours)
    before = ask()
    waiting = moving(after, [change])
    once = ask()
    assert not waiting and once.as_of > before.as_of
    assert told(once) == told(ask()), "nothing moves any more"


@pytest.mark.parametrize(("view", "after", "change"), QUESTIONS)
def test_a_ledger_that_goes_on_moving_does_not_answer(ours, moving, view, after, change):
    ask = question(view, ours)
    moving(after, [change, *[unchanged] * 5])
    if change in (without_roles, shielded):  # what is there no more cannot contradict itself
        assert ask().items == 0
        return
    with pytest.raises(LedgerInconsistent):
        ask()


@pytest.mark.parametrize("view", [AccountDetails, Transactions, Cards, Roles])
def test_an_account_that_goes_meanwhile_is_not_there(ours, moving, view):
    ask = question(view, ours)
    moving("account_of", [without_roles])
    with pytest.raises(NothingHere):
        ask()


@pytest.mark.parametrize("view", ABOUT_PARTY)
@pytest.mark.parametrize("grade", ["strengtFortrolig", None], ids=["shielded", "unknown"])
def test_nobody_is_asked_about_once(bank, moving, view, grade):
    """A shielded party and an unknown one cost the same, and nothing that moves tells them apart."""
    if grade:
        bank.role(bank.account(), bank.party(NUMBER, grade=grade))
    waiting = moving("standing_of", [unchanged, unchanged])
    assert question(view, None)().items == 0
    assert len(waiting) == 1
