"""One person holds a case at once; nobody releases one or deletes anything alone, or before its time."""

import uuid
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from audit import recording
from audit.models import Decision, MonthKey
from audit.retain import deciding, deletions, standing
from audit.retain.deciding import Actor, NotDecided
from audit.retain.deletions import Deletion
from audit.retain.policy import Policy
from tests.audit.entries import answered

pytestmark = pytest.mark.django_db

KARI, KARI_TOO = Actor("k7", "kari"), Actor("k7", "kari-admin")
OLA, NOBODY = Actor("o1", "ola"), Actor("", "service-account")
POLICY = Policy.read({"*": 90}, {"*": {"years": 13, "ground": "limitation"}})
MONTH = datetime.now(UTC).date().replace(day=1)
LATER = date(MONTH.year + 15, 1, 1)
What, Kind = Decision.What, Decision.Kind
DOCUMENTS, RECORDS = Deletion(What.DOCUMENTS, "skatt-kontroll", MONTH), Deletion(What.RECORDS, "", MONTH)
NOWHERE = uuid.UUID(int=0)


@pytest.fixture
def case():
    """Return the AccountInfoRequestID of a case that the trail knows."""
    asked = answered()
    recording.record(asked)
    return asked.account_info_request_id


@pytest.fixture(autouse=True)
def keys():
    """Let one service have a key for this month's documents."""
    name = f"{MONTH:%Y%m}.document.skatt-kontroll"
    MonthKey.objects.get_or_create(
        name=name,
        defaults={
            "kind": "document",
            "service": "skatt-kontroll",
            "month": MONTH,
            "wrapped": b"x",
            "made_at": timezone.now(),
        },
    )


def asked(deletion=DOCUMENTS, by=KARI, today=LATER, ground="90 days are over"):
    return deciding.request_deletion(deletion, ground=ground, by=by, today=today, policy=POLICY)


def agreed(request, by=OLA, today=LATER):
    return deciding.approve(request, by=by, today=today, policy=POLICY)


def test_one_person_holds_a_case_at_once(case):
    held = deciding.hold(case, ground=" The court asks ", by=KARI)
    assert standing.held_cases() == {case}
    row = Decision.objects.get(pk=held)
    assert (row.kind, row.person, row.account, row.ground) == (Kind.HELD, "k7", "kari", "The court asks")
    assert (row.account_info_request_id, row.concerning, row.what, row.month) == (case, None, "", None)


def test_a_case_is_held_until_its_copies_are_destroyed(case):
    held = deciding.hold(case, ground="The court asks", by=KARI)
    request = deciding.request_release(held, ground="Judged", by=KARI)
    assert [row.pk for row in standing.waiting()] == [request]
    agreed(request)
    assert (list(standing.waiting()), [row.pk for row in standing.approved()]) == ([], [request])
    assert standing.held_cases() == {case}
    deciding.append("audit_decision", {"kind": Kind.RELEASED, "concerning": held, "account_info_request_id": case})
    assert (list(standing.approved()), standing.held_cases()) == ([], set())
    deciding.hold(case, ground="An appeal", by=OLA)
    assert standing.held_cases() == {case}


def test_whose_release_is_approved_can_be_held_anew(case):
    first = deciding.hold(case, ground="The court asks", by=KARI)
    agreed(deciding.request_release(first, ground="Judged", by=KARI))
    second = deciding.hold(case, ground="An appeal", by=KARI)
    assert [row.pk for row in standing.holds()] == [first, second]


def test_two_people_let_a_deletion_go():
    request = asked()
    assert [row.pk for row in standing.waiting()] == [request]
    approval = agreed(request)
    (waits,) = standing.approved()
    assert (waits.pk, standing.approval_of(waits).pk) == (request, approval)
    assert Deletion.of(waits) == DOCUMENTS
    rows = Decision.objects.order_by("at").values_list("kind", "person", "account", "concerning")
    assert list(rows) == [
        (Kind.DELETION_REQUESTED, "k7", "kari", None),
        (Kind.DELETION_APPROVED, "o1", "ola", request),
    ]


@pytest.mark.parametrize(
    ("words", "because"),
    [
        pytest.param({"by": NOBODY}, "This account belongs to nobody", id="an account without a person"),
        pytest.param({"by": Actor("  ", "x")}, "This account belongs to nobody", id="a person without an id"),
        pytest.param({"ground": " "}, "Say why.", id="without a ground"),
        pytest.param({"ground": "x" * 1001}, "The ground is too long.", id="with a novel"),
        pytest.param({"today": MONTH}, "This may be deleted from", id="before its day"),
        pytest.param(
            {"deletion": Deletion(What.DOCUMENTS, "skatt-kontrol", MONTH)}, "There is nothing", id="of no service"
        ),
        pytest.param({"deletion": Deletion(What.DOCUMENTS, "", MONTH)}, "There is nothing", id="documents of nobody"),
        pytest.param(
            {"deletion": Deletion(What.NUMBERS, "skatt-kontroll", date(2001, 1, 1))},
            "There is nothing",
            id="no such numbers",
        ),
        pytest.param(
            {"deletion": Deletion(What.RECORDS, "skatt-kontroll", MONTH)},
            "There is nothing",
            id="records of one service alone",
        ),
        pytest.param(
            {"deletion": Deletion(What.RECORDS, "", date(1990, 1, 1))}, "There is nothing", id="no such month"
        ),
        pytest.param(
            {"deletion": Deletion(What.RECORDS, "", MONTH.replace(day=2))},
            "There is nothing",
            id="a month's second day",
        ),
        pytest.param(
            {"deletion": Deletion(What.ACCESSES, "skatt-kontroll", MONTH)},
            "There is nothing",
            id="accesses of a service",
        ),
    ],
)
def test_what_cannot_be_asked_for(words, because):
    with pytest.raises(NotDecided, match=because):
        asked(**words)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("which", [DOCUMENTS, RECORDS], ids=["by key", "by partition"])
def test_nothing_is_asked_for_twice(which):
    request = asked(which)
    for by in (KARI, OLA):
        with pytest.raises(NotDecided, match="This deletion is asked for already"):
            asked(which, by=by)
    agreed(request)
    with pytest.raises(NotDecided, match="This deletion is asked for already"):
        asked(which)


@pytest.mark.parametrize(
    ("by", "today", "because"),
    [
        pytest.param(KARI, LATER, "Another person must agree", id="who asked"),
        pytest.param(KARI_TOO, LATER, "Another person must agree", id="who asked, by another account"),
        pytest.param(NOBODY, LATER, "This account belongs to nobody", id="nobody"),
        pytest.param(OLA, MONTH, "This may be deleted from", id="when the policy has become longer"),
    ],
)
def test_who_cannot_agree(by, today, because):
    request = asked()
    with pytest.raises(NotDecided, match=because):
        agreed(request, by=by, today=today)
    assert [row.pk for row in standing.waiting()] == [request]


def deleted():
    """Write what audit_retain writes when it is done."""
    deciding.append("audit_decision", {"kind": Kind.DELETED, **DOCUMENTS.columns})


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(lambda request: NOWHERE, id="nobody asked for"),
        pytest.param(lambda request: (agreed(request), request)[1], id="approved already"),
        pytest.param(agreed, id="itself an approval"),
        pytest.param(
            lambda request: (deciding.turn_down(request, ground="No", by=OLA), request)[1], id="was turned down"
        ),
        pytest.param(
            lambda request: (deleted(), request)[1],
            id="is done",
        ),
    ],
)
def test_what_cannot_be_agreed_to(which):
    request = which(asked())
    with pytest.raises(NotDecided, match="Nobody waits for consent"):
        agreed(request, by=Actor("p3", "per"))


@pytest.mark.parametrize("after_approval", [False, True])
@pytest.mark.parametrize("by", [KARI, OLA], ids=["who asked", "another"])
def test_one_person_can_keep_what_is_there(after_approval, by):
    request = asked()
    if after_approval:
        agreed(request)
    deciding.turn_down(request, ground="A case is coming", by=by)
    assert (list(standing.pending()), list(standing.approved())) == ([], [])
    with pytest.raises(NotDecided, match="This is finished"):
        deciding.turn_down(request, ground="Once more", by=by)
    assert asked() != request


@pytest.mark.parametrize(
    ("ground", "by", "because"),
    [
        pytest.param("Because", NOBODY, "This account belongs to nobody", id="nobody"),
        pytest.param("\n", KARI, "Say why.", id="without a ground"),
    ],
)
def test_who_cannot_hold_release_or_turn_down(case, ground, by, because):
    held = deciding.hold(case, ground="The court asks", by=KARI)
    request = deciding.request_release(held, ground="Judged", by=KARI)
    for act in (
        lambda: deciding.hold(uuid.uuid4(), ground=ground, by=by),
        lambda: deciding.request_release(held, ground=ground, by=by),
        lambda: deciding.turn_down(request, ground=ground, by=by),
    ):
        with pytest.raises(NotDecided, match=because):
            act()
    assert Decision.objects.count() == 2


def test_what_cannot_be_held_or_released(case):
    with pytest.raises(NotDecided, match="No record has this AccountInfoRequestID"):
        deciding.hold(NOWHERE, ground="A slip of the pen", by=KARI)
    held = deciding.hold(case, ground="The court asks", by=KARI)
    with pytest.raises(NotDecided, match="This case is held already"):
        deciding.hold(case, ground="Twice", by=OLA)
    for wrong in (NOWHERE, case):
        with pytest.raises(NotDecided, match="No case is held by this decision"):
            deciding.request_release(wrong, ground="Judged", by=KARI)
    request = deciding.request_release(held, ground="Judged", by=KARI)
    with pytest.raises(NotDecided, match="asked for already"):
        deciding.request_release(held, ground="Judged", by=OLA)
    with pytest.raises(NotDecided, match="Another person must agree"):
        agreed(request, by=KARI_TOO)
    agreed(request)
    deciding.append("audit_decision", {"kind": Kind.RELEASED, "concerning": held})
    with pytest.raises(NotDecided, match="No case is held by this decision"):
        deciding.request_release(held, ground="Judged", by=KARI)


def test_what_can_be_deleted_one_day():
    found = deletions.deletable()
    assert DOCUMENTS in found
    assert {one for one in found if one.month == MONTH and not one.service} == {
        Deletion(what, "", MONTH) for what in (What.RECORDS, What.SUMS, What.ACCESSES)
    }
    assert deletions.due(POLICY, today=MONTH) == []
    assert deletions.due(POLICY, today=LATER) == found
