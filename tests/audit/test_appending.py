"""One way into a sealed table: what the writer hashes is what everybody reads back, and the chain has no false gap."""

import uuid
from contextlib import nullcontext
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.appending import NotRecorded, append
from audit.models import TurnedAway
from audit.recording import Entry, record
from audit.seal.leaves import content_of
from audit.seal.writers import Writer
from audit.texts import canonical
from audit.turned_away import Sums
from tests.audit.chains import chains, texts_in
from tests.audit.entries import NOON

WORDS = st.text(st.characters() | st.sampled_from("\0\"'\\{},\r\n\t \u200bé🖋"), max_size=40)
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Europe/Oslo"), ZoneInfo("Asia/Kathmandu")])).filter(
    lambda moment: 1 < moment.year < 9999
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | WORDS.map(lambda text: text.replace("\0", "")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\"'\\æ ", max_size=4), inner, max_size=3),
    max_leaves=6,
)
ROWS = {
    "audit_access": st.fixed_dictionaries(
        {"person": WORDS, "account": WORDS, "page": WORDS, "words": WORDS, "concerning": st.none() | st.uuids()}
    ),
    "audit_decision": st.fixed_dictionaries(
        {
            "kind": WORDS,
            "ground": WORDS,
            "service": WORDS,
            "month": st.none() | st.dates(),
            "account_info_request_id": st.none() | st.uuids(),
            "evidence": JSON.filter(lambda value: value is not None),
        },
    ),
}


ENTRIES = st.builds(
    Entry,
    method=WORDS,
    outcome=st.sampled_from(["answered", "refused", "failed"]),
    service=st.sampled_from(["", "fi-utlegg-saldo"]),
    requester_id=WORDS,
    legal_mandate=WORDS,
    http_status=st.integers(0, 599),
    service_version=st.none() | st.integers(-(2**31), 2**31 - 1),
    duration_us=st.integers(0, 2**63 - 1),
    account_info_request_id=st.none() | st.uuids(),
    from_date=st.none() | st.dates(),
    only_primary_owner=st.none() | st.booleans(),
    as_of=st.none() | MOMENTS | MOMENTS.map(lambda moment: moment.replace(microsecond=0)),
    document_digest=st.none() | st.binary(),
    control_object=WORDS,
    additional_reference=WORDS,
    account_reference=WORDS,
    accounts=st.lists(WORDS, max_size=3),
    malformed=st.dictionaries(WORDS, WORDS, max_size=2),
    evidence=st.none() | st.dictionaries(st.text("ab\"'\\æ ", max_size=4), JSON, max_size=3),
    document=st.none() | st.binary(),
)


def access(**changes):
    return {"person": "Kari", "account": "kari", "page": "records", "words": "", **changes}


@pytest.fixture
def read_as_hashed(monkeypatch):
    """Return a function that reads rows back and compares each with what its writer hashed."""
    hashed = {}
    after = Writer.after

    def note(writer, salt, row):
        hashed[row["id"]] = salt, content_of(writer.table, row)
        return after(writer, salt, row)

    monkeypatch.setattr(Writer, "after", note)

    def compare(table, row_ids):
        for row_id in row_ids:
            with connection.cursor() as cursor:
                salt, row = texts_in(cursor, table, row_id)
            assert (salt, content_of(table, row)) == hashed.pop(str(row_id))
        assert hashed == {}

    return compare


@pytest.mark.django_db
@pytest.mark.parametrize("table", ROWS)
def test_what_the_writer_hashes_is_what_is_read_back(table, read_as_hashed):
    @settings(max_examples=60)
    @given(ROWS[table])
    def append_any(columns):
        read_as_hashed(table, [append(table, columns)])

    append_any()


@pytest.mark.django_db
def test_so_it_is_with_records(read_as_hashed):
    @settings(max_examples=100)
    @given(ENTRIES)
    def record_any(entry):
        read_as_hashed("audit_record", [record(entry)])

    record_any()


@pytest.mark.django_db
def test_so_it_is_with_sums(read_as_hashed):
    @settings(max_examples=40)
    @given(st.lists(st.tuples(WORDS, WORDS, st.integers(1, 3)), max_size=4))
    def sum_any(counted):
        sums, before = Sums(), set(TurnedAway.objects.values_list("id", flat=True))
        for reason, consumer, times in counted:
            for _ in range(times):
                sums.add(int(NOON.timestamp()) // 60, reason, consumer)
        sums.write(before=None)
        read_as_hashed("audit_turned_away", set(TurnedAway.objects.values_list("id", flat=True)) - before)

    sum_any()


@pytest.mark.django_db
def test_the_whole_row():
    before = datetime.now(UTC)
    ground = uuid.uuid4()
    row_id = append(
        "audit_decision",
        {"kind": "held", "ground": "§ 5\0", "month": date(2026, 11, 1), "concerning": ground, "evidence": {"b": [1]}},
    )
    with connection.cursor() as cursor:
        salt, row = texts_in(cursor, "audit_decision", row_id)
    at = datetime.fromisoformat(row["at"])
    assert before <= at <= datetime.now(UTC) and row_id.int >> 80 == int(at.timestamp() * 1000)
    assert len(salt) == 16
    assert {name: value for name, value in row.items() if value and not name.startswith("writer")} == {
        "id": str(row_id),
        "at": at.isoformat(timespec="microseconds"),
        "kind": "held",
        "ground": "§ 5",
        "month": "2026-11-01",
        "concerning": str(ground),
        "evidence": '{"b": [1]}',
    }


def test_a_column_that_is_none_is_a_mistake():
    with pytest.raises(ValueError, match=r"^audit_access has no column writer\.$"):
        append("audit_access", access(writer=uuid.uuid4()))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(0.5, id="a fraction"),
        pytest.param(float("nan"), id="not a number"),
        pytest.param(2**64, id="too large"),
        pytest.param(-(2**63) - 1, id="too small"),
        pytest.param("a\0", id="a letter that PostgreSQL refuses"),
        pytest.param("a\udcff", id="half a letter"),
        pytest.param(b"", id="bytes"),
        pytest.param(datetime.now(UTC), id="a moment"),
        pytest.param({1: "a"}, id="a name that is none"),
        pytest.param({"a\udcff": "a"}, id="half a letter in a name"),
    ],
)
def test_what_others_would_print_otherwise_is_refused(value):
    for evidence in (value, [value], {"a": {"b": (value,)}}):
        with pytest.raises(ValueError, match="cannot be sealed"):
            canonical(evidence)


def test_a_connection_is_one_writer_for_each_table(committing, as_superuser):
    for _ in range(3):
        append("audit_access", access())
    append("audit_decision", {"kind": "held"})
    committing.close()
    append("audit_access", access())
    assert (chains(as_superuser, "audit_access"), chains(as_superuser, "audit_decision")) == ([3, 1], [1])


def test_in_a_transaction_each_row_has_a_writer_of_its_own(committing, as_superuser):
    append("audit_access", access())
    with transaction.atomic():
        append("audit_access", access())
        append("audit_access", access())
    with transaction.atomic():
        append("audit_access", access())
        transaction.set_rollback(True)
    append("audit_access", access())
    assert chains(as_superuser, "audit_access") == [2, 1, 1]


def test_what_the_database_refused_leaves_the_chain_as_it_was(committing, as_superuser, monkeypatch):
    append("audit_access", access())
    with monkeypatch.context() as patched:
        patched.setattr("audit.appending.time.time_ns", lambda: int(4e18))  # a month without a partition
        with pytest.raises(NotRecorded):
            append("audit_access", access())
    append("audit_access", access())
    assert chains(as_superuser, "audit_access") == [2]


@pytest.mark.parametrize(
    ("cause", "raised", "left"),
    [
        pytest.param(psycopg.OperationalError(), None, [2, 1], id="the session was lost: tried again, nothing twice"),
        pytest.param(KeyboardInterrupt(), KeyboardInterrupt, [2, 1], id="interrupted while waiting"),
    ],
)
def test_a_row_whose_commit_nobody_heard_of_leaves_no_false_gap(committing, as_superuser, cause, raised, left):
    """It is there; the writer that wrote it ends with it."""

    def lose(execute, sql, params, many, context):
        execute(sql, params, many, context)
        if not lost:
            lost.append(True)
            if isinstance(cause, KeyboardInterrupt):
                raise cause
            context["connection"].connection.close()
            raise OperationalError from cause

    lost = []
    append("audit_access", access())
    with committing.execute_wrapper(lose), pytest.raises(raised) if raised else nullcontext():
        append("audit_access", access())
    append("audit_access", access())
    assert chains(as_superuser, "audit_access") == left
