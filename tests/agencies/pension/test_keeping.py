"""What is desired is kept once, changes only where it differs, and its history says who wanted what."""

import pytest
from django.db import IntegrityError, connection, transaction

from agencies.pension.keeping import Kept, keep
from agencies.pension.models import NOTHING, REGISTERED, UNDER_WAY, Agreement, key_of
from legal.history import recorded
from tests.agencies.pension.agreements import EMPLOYER, NOW, OTHER_EMPLOYER, OTHER_PROVIDER, PROVIDER, kept, state, wish

pytestmark = pytest.mark.django_db(databases=["default"])
RUNNING = wish()
ENDED = wish(to_month="2022-12")
UNWANTED = wish(wanted=False)


def as_sent(row, state, first="", last=""):
    Agreement.objects.filter(pk=row.pk).update(sent_state=state, sent_from=first, sent_to=last)


@pytest.mark.parametrize(
    ("before", "wanted", "after", "told"),
    [
        pytest.param([], RUNNING, (True, "2021-01", "", NOTHING, "", "", True), Kept(1, 0), id="new"),
        pytest.param([RUNNING], RUNNING, (True, "2021-01", "", NOTHING, "", "", True), Kept(), id="as before"),
        pytest.param([RUNNING], ENDED, (True, "2021-01", "2022-12", NOTHING, "", "", True), Kept(0, 1), id="ended"),
        pytest.param([ENDED], RUNNING, (True, "2021-01", "", NOTHING, "", "", True), Kept(0, 1), id="opened again"),
        pytest.param(
            [],
            UNWANTED,
            (False, "", "", REGISTERED, "", "", True),
            Kept(1, 0),
            id="to be deleted, and never sent from here: the agency may hold it",
        ),
        pytest.param(
            [RUNNING],
            UNWANTED,
            (False, "2021-01", "", NOTHING, "", "", False),
            Kept(0, 1),
            id="not wanted before it was sent: nothing to send",
        ),
        pytest.param([UNWANTED], UNWANTED, (False, "", "", REGISTERED, "", "", True), Kept(), id="to be deleted twice"),
        pytest.param(
            [UNWANTED], RUNNING, (True, "2021-01", "", REGISTERED, "", "", True), Kept(0, 1), id="wanted after all"
        ),
    ],
)
def test_a_wish(before, wanted, after, told):
    for one in before:
        kept(one)
    assert keep([wanted], now=NOW) == told
    (row,) = kept(wanted)
    assert state(row) == after


@pytest.mark.parametrize(
    ("wanted", "sent", "differs"),
    [
        pytest.param(RUNNING, (NOTHING, "", ""), True, id="not sent yet"),
        pytest.param(RUNNING, (REGISTERED, "2021-01", ""), False, id="registered so"),
        pytest.param(RUNNING, (REGISTERED, "2021-02", ""), True, id="registered with another start"),
        pytest.param(RUNNING, (REGISTERED, "2021-01", "2021-12"), True, id="registered with an end"),
        pytest.param(ENDED, (REGISTERED, "2021-01", "2022-12"), False, id="the end registered"),
        pytest.param(ENDED, (REGISTERED, "2021-01", ""), True, id="the end not registered"),
        pytest.param(RUNNING, (UNDER_WAY, "2021-01", ""), True, id="sent, not answered"),
        pytest.param(UNWANTED, (REGISTERED, "2021-01", ""), True, id="registered, not wanted"),
        pytest.param(UNWANTED, (UNDER_WAY, "", ""), True, id="perhaps registered, not wanted"),
        pytest.param(UNWANTED, (NOTHING, "", ""), False, id="neither"),
    ],
)
def test_what_differs(wanted, sent, differs):
    (row,) = kept(wanted)
    as_sent(row, *sent)
    assert state(row)[-1] is differs


def test_the_same_three_are_one_agreement_and_any_other_is_another():
    others = [
        wish(),
        wish("R"),
        wish("r "),
        wish(provider=OTHER_PROVIDER),
        wish(employer=OTHER_EMPLOYER),
        wish(provider=EMPLOYER, employer=PROVIDER),
    ]
    assert keep(others, now=NOW) == Kept(6, 0)
    assert len({key_of(each.provider, each.employer, each.reference) for each in others}) == 6


def test_the_longest_reference():
    (row,) = kept(wish("\U0001f600" * 4000))
    assert row.reference == "\U0001f600" * 4000


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"provider": "21345600"}, id="a provider with eight digits"),
        pytest.param({"employer": "x" * 9}, id="an employer of letters"),
        pytest.param({"reference": ""}, id="no reference"),
        pytest.param({"from_month": ""}, id="wanted without a start"),
        pytest.param({"from_month": "2021-13"}, id="a 13th month"),
        pytest.param({"to_month": "2020-12"}, id="ends before it begins"),
        pytest.param({"to_month": "later"}, id="a word for a month"),
    ],
)
def test_the_database_refuses_what_cannot_be(given):
    with pytest.raises(IntegrityError), transaction.atomic():
        keep([wish(**given)], now=NOW)


def test_history_has_who_wanted_what_and_not_how_it_was_sent():
    with recorded(command="pension_agreements"):
        (row,) = kept(RUNNING)
        keep([RUNNING], now=NOW)
        keep([ENDED], now=NOW)
    as_sent(row, REGISTERED, "2021-01", "2022-12")
    told = [
        (event.pgh_label, event.to_month, event.pgh_context.metadata["command"])
        for event in row.events.select_related("pgh_context").order_by("pgh_id")
    ]
    assert told == [("insert", "", "pension_agreements"), ("update", "2022-12", "pension_agreements")]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE pension_agreementevent SET to_month = '2030-01'", id="changed"),
        pytest.param("DELETE FROM pension_agreementevent", id="deleted"),
        pytest.param(
            "INSERT INTO pension_agreementevent (pgh_created_at, pgh_label, pgh_obj_id, provider, employer, reference,"
            " from_month, to_month, wanted) SELECT now(), 'insert', id, provider, employer, reference, from_month,"
            " to_month, wanted FROM pension_agreement",
            id="forged",
        ),
    ],
)
def test_nobody_touches_the_history(statement):
    kept(RUNNING)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_no_setting_turns_the_history_off():
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{pgtrigger_insert_insert_c3e65}', true)")
        cursor.execute("SELECT _pgtrigger_should_ignore('any')")
        assert cursor.fetchone() == (False,)
