"""The endpoints' documents out of the ledger: which balances, which message, which reference, and why nothing."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import FinancialInstitution
from accounts.references import Referred, context_of, reference_to, resolve
from accounts.views import AccountDetails, AccountList, CustomerRelationships
from legal import judgement
from legal.endpoints import Endpoint
from legal.enquiries import Enquiry
from legal.grants import Grant
from legal.mandates import Mandate
from legal.periods import Period
from legal.refusals import LedgerInconsistent, LedgerOutdated, NothingHere, PidMismatch
from tests.accounts.conftest import OTHER, OURS
from tests.accounts.documents import BALANCE, sent

NUMBER, PARTNER = "15869010089", "15819010029"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AS_OF = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY, YESTERDAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 20), date(2026, 11, 22)
AUDIENCE, BOTH = "https://bank.example/v2", "https://group.example/v2"
CASE = uuid.UUID("0b1f6e1c-5c0e-4b0f-9b7a-3c8b1d2e4f50")
SHIELDED = "Information about another party is not available through this channel."


@pytest.fixture(autouse=True)
def audiences(settings):
    settings.AUDIENCES = {AUDIENCE: [OURS], BOTH: [OURS, OTHER]}


def enquiry(number=NUMBER, *, reference=None, owners_only=True, audience=AUDIENCE, pid=""):
    grant = Grant(
        consumer="974761076",
        supplier="",
        client_id="x",
        client_amr="",
        jti="x",
        issuer="x",
        audience=audience,
        key_id="x",
        scopes=frozenset(),
        issued_at=0,
        expires_at=120,
        pid=pid,
        has_authorization_details=False,
    )
    mandate = Mandate(
        service="fi-utlegg-saldo",
        version=1,
        endpoint=Endpoint.ACCOUNTS,
        scope="bits:kontoinformasjon",
        texts=frozenset({"FI-Utlegg-Test"}),
        period="today_only",
        owner="primary_owner_only" if owners_only else "any_owner",
        requester="accepted",
        additional_reference="empty",
        precondition="none",
        fields={},
        data_not_delivered=False,
        other_holders_withheld=False,
    )
    return Enquiry(
        grant=grant,
        mandate=mandate,
        legal_mandate="FI-Utlegg-Test",
        account_info_request_id=CASE,
        correlation_id=uuid.uuid4(),
        asked_for=Period(TODAY, TODAY),
        period=Period(TODAY, TODAY),
        asked_at=NOW,
        party_number=None if reference else number,
        account_reference=reference,
        only_primary_owner=None if reference else owners_only,
    )


def details(account, number=NUMBER, **changes):
    reference = reference_to(Referred(account.pk, number), context_of(enquiry(**changes)))
    return one_account(enquiry(reference=reference, **changes))


def one_account(asked, endpoint=AccountDetails):
    """Walk the steps in which the corridor asks an endpoint about one account."""
    view = endpoint()
    judgement.check_control_object(asked, view.control_object(asked), endpoint=endpoint.endpoint)
    return view.document(asked)


@pytest.mark.parametrize(
    ("end_date", "balances"),
    [
        pytest.param(None, 2, id="open"),
        pytest.param(TOMORROW, 2, id="will close tomorrow"),
        pytest.param(date(2027, 6, 30), 2, id="will close next year"),
        pytest.param(TODAY, 0, id="closes today"),
        pytest.param(YESTERDAY, 0, id="closed yesterday, the role lasts"),
    ],
)
def test_a_closed_account_has_no_balance(bank, end_date, balances):
    account = bank.account(end_date=end_date)
    bank.role(account, bank.party(NUMBER))
    for kind in ("bookedBalance", "availableBalance"):
        bank.balance(account, kind, "10.00", AS_OF - timedelta(hours=1))
    answer = details(account)
    assert len(answer.document["account"]["balances"]) == balances
    assert (answer.items, answer.accounts, answer.control_object) == (1, (account.number,), NUMBER)


def test_balances_are_those_of_the_ledger_s_own_moment(bank):
    """What was registered after `as_of` belongs to the ledger's next edition."""
    account = bank.account()
    bank.role(account, bank.party(NUMBER))
    bank.balance(account, "bookedBalance", "10.00", AS_OF)
    bank.balance(account, "bookedBalance", "99.00", AS_OF + timedelta(seconds=1))
    answer = details(account)
    assert sent(answer.document)["account"]["balances"] == [BALANCE | {"amount": Decimal("10.00")}]
    assert answer.as_of == AS_OF


@pytest.mark.parametrize(
    ("grade", "withheld", "response_details"),
    [
        pytest.param("ugradert", True, {"status": "complete"}, id="an owner everybody may know"),
        pytest.param("fortrolig", True, {"status": "partial", "message": SHIELDED}, id="a shielded owner"),
        pytest.param("fortrolig", False, {"status": "complete"}, id="a shielded owner, with the setting off"),
    ],
)
def test_a_shielded_owner_makes_the_answer_partial(bank, settings, grade, withheld, response_details):
    settings.SHIELDED_OTHERS_WITHHELD = withheld
    account = bank.account()
    bank.role(account, bank.party(PARTNER, grade=grade))
    bank.role(account, bank.party(NUMBER), "authorisedUser")
    listed = AccountList().document(enquiry(owners_only=False)).document
    shown = details(account, owners_only=False).document
    assert listed["responseDetails"] == shown["responseDetails"] == response_details
    names = {"permission", "startDate"} | (set() if "message" in response_details else {"identifier", "name"})
    assert listed["accounts"][0]["primaryOwner"].keys() == shown["account"]["primaryOwner"].keys() == names


def test_references_lead_back_in_the_same_case_only(bank):
    accounts = [bank.account(), bank.account()]
    party = bank.party(NUMBER)
    for account in accounts:
        bank.role(account, party)
    answer = AccountList().document(enquiry())
    references = [account["accountReference"] for account in answer.document["accounts"]]
    bound_to = context_of(enquiry())
    assert [resolve(reference, bound_to) for reference in references] == [
        Referred(account.pk, NUMBER) for account in accounts
    ]
    assert (answer.items, answer.accounts) == (2, tuple(account.number for account in accounts))
    with pytest.raises(NothingHere):
        one_account(enquiry(reference=references[0], audience=BOTH))


@pytest.mark.parametrize(
    ("audience", "numbers"), [(AUDIENCE, [OURS]), (BOTH, [OURS, OTHER])], ids=["one institution", "both"]
)
def test_an_audience_sees_its_institutions_only(bank, audience, numbers):
    party = bank.party(NUMBER)
    for institution in (OURS, OTHER):
        bank.role(bank.account(at=institution), party)
    listed = AccountList().document(enquiry(audience=audience)).document["accounts"]
    assert [account["servicer"]["identifier"]["value"] for account in listed] == numbers
    banks = CustomerRelationships().document(enquiry(audience=audience)).document["banks"]
    assert [bank["organizationID"] for bank in banks] == numbers


def test_an_account_of_another_audience_is_not_here(bank):
    account = bank.account(at=OTHER)
    bank.role(account, bank.party(NUMBER))
    assert details(account, audience=BOTH).items == 1
    with pytest.raises(NothingHere):
        details(account)


@pytest.mark.parametrize(
    ("pid", "number", "refusal"),
    [
        pytest.param(NUMBER, NUMBER, None, id="about its person"),
        pytest.param(PARTNER, NUMBER, PidMismatch, id="about another"),
        pytest.param(PARTNER, "00000000000", PidMismatch, id="about nobody"),
    ],
)
def test_aut_06_a_token_about_one_person_opens_no_other_s_account(bank, pid, number, refusal):
    account = bank.account()
    bank.role(account, bank.party(NUMBER))
    if refusal is None:
        assert details(account, number, pid=pid).items == 1
    else:
        with pytest.raises(refusal):
            details(account, number, pid=pid)


@pytest.mark.parametrize("view", [AccountList, CustomerRelationships])
@pytest.mark.parametrize(
    ("grade", "roles", "reason"),
    [
        pytest.param(None, [], "unknown party", id="nobody"),
        pytest.param("fortrolig", ["primaryOwner"], "shielded", id="shielded"),
        pytest.param("ugradert", ["guarantor"], "guarantor only", id="a guarantor"),
        pytest.param("ugradert", [], "holds nothing", id="no role"),
    ],
)
def test_empty_alike_but_for_the_record(bank, view, grade, roles, reason):
    if grade:
        party = bank.party(NUMBER, grade=grade)
        for kind in roles:
            bank.role(bank.account(), party, kind)
    answer = view().document(enquiry())
    empty = {
        AccountList: {"responseDetails": {"status": "complete"}, "accounts": [], "links": []},
        CustomerRelationships: {"banks": []},
    }
    assert (answer.document, answer.items, answer.accounts) == (empty[view], 0, ())
    assert (answer.empty_because, answer.as_of) == (reason, AS_OF)


@pytest.mark.parametrize("view", [AccountList, CustomerRelationships])
def test_a_ledger_that_is_too_old_or_incomplete_answers_nothing(bank, settings, view):
    bank.party(NUMBER)
    FinancialInstitution.objects.filter(organisation_number=OURS).update(as_of=NOW - timedelta(days=9))
    with pytest.raises(LedgerOutdated):
        view().document(enquiry())
    settings.AUDIENCES = {AUDIENCE: [OURS, "213000005"]}
    with pytest.raises(LedgerInconsistent):
        view().document(enquiry())


def test_details_of_a_ledger_that_is_too_old(bank):
    account = bank.account()
    bank.role(account, bank.party(NUMBER))
    FinancialInstitution.objects.filter(organisation_number=OURS).update(as_of=NOW - timedelta(days=9))
    with pytest.raises(LedgerOutdated):
        details(account)
