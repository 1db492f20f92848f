"""Keys by kind, service and month: made once, the same for every worker, and with them goes what they encrypted."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.keyring import KeyRing
from audit.models import MonthKey
from audit.recording import Entry, NotRecorded, record
from audit.retain import month_keys
from audit.retain.month_keys import KeyGone, Memory, keep_ahead, known_key, month_key, named_key, seal_in
from audit.secrecy import NotRevealed, reveal

RECORD = uuid.UUID(int=1)
NOVEMBER = date(2026, 11, 22)
RINGS = {
    "one": "k1:" + "A" * 43 + "=",
    "another first": "k2:" + "B" * 42 + "A=,k1:" + "A" * 43 + "=",
    "the first gone": "k2:" + "B" * 42 + "A=",
    "exchanged": "k1:" + "C" * 42 + "A=",
}


@pytest.fixture
def service():
    """Return the name of a service that has no keys yet."""
    return f"agencies:{uuid.uuid4()}"


@pytest.fixture
def ring(settings):
    def use(name):
        settings.AUDIT_ENCRYPTION_KEYS = KeyRing(RINGS[name], length=32)

    use("one")
    return use


def forget(monkeypatch):
    """Be another worker."""
    monkeypatch.setattr(month_keys, "_memory", Memory())


def sealed(service, text="01810112345", *, day=NOVEMBER):
    return seal_in(month_key("number", service, day), text, column="c", record=RECORD)


def revealed(value):
    return reveal(value, column="c", record=RECORD)


@pytest.mark.django_db
def test_a_key_has_a_row_that_says_what_it_is_for_and_does_not_show_it(service):
    key = month_key("number", service, NOVEMBER)
    row = MonthKey.objects.get(name=key.name)
    assert key.name == f"202611.number.{service.replace(':', '/')}"
    assert (row.kind, row.service, row.month) == ("number", service, date(2026, 11, 1))
    assert len(key.secret) == 32 and key.secret not in bytes(row.wrapped) and repr(key.secret) not in repr(key)
    assert bytes(row.wrapped).startswith(b"e1:")


@pytest.mark.django_db
def test_each_kind_service_and_month_has_a_key_of_its_own(service):
    keys = [
        month_key(kind, whose, month)
        for kind in ("number", "order", "document")
        for whose in (service, "")
        for month in (NOVEMBER, date(2026, 12, 1))
    ]
    assert len({key.name for key in keys}) == len({key.secret for key in keys}) == 12
    assert month_key("number", "", NOVEMBER).name == "202611.number.-"


def test_a_warm_worker_asks_for_nothing(committing, service, settings, monkeypatch):
    settings.AUDIT_ANSWER_DAYS = {"*": 90, service: 90, "never": 0}
    forget(monkeypatch)
    keep_ahead([service, "never"], NOVEMBER)
    with CaptureQueriesContext(connection) as asked:
        keep_ahead([service, "never"], NOVEMBER)
        for kind in ("number", "order", "document"):
            month_key(kind, service, date(2026, 12, 31))
    assert len(asked) == 0
    kinds = MonthKey.objects.filter(service=service, month="2026-12-01").values_list("kind", flat=True)
    assert sorted(kinds) == ["document", "number", "order"]
    assert not MonthKey.objects.filter(service="never", kind="document").exists(), "no documents, no key for them"
    keep_ahead([service], date(2026, 12, 1))
    with CaptureQueriesContext(connection) as asked:
        month_key("number", service, NOVEMBER)
    assert len(asked) == 1, "a month that is over is forgotten"


def test_a_key_that_was_taken_back_is_not_kept_in_memory(committing, service):
    with transaction.atomic():
        taken_back = month_key("number", service, NOVEMBER)
        transaction.set_rollback(True)
    kept = month_key("number", service, NOVEMBER)
    assert kept.secret != taken_back.secret
    assert known_key(kept.name) == kept


def test_workers_that_make_one_at_the_same_time_have_the_same(committing, service):
    together = threading.Barrier(8)

    def make(_):
        together.wait()
        try:
            return named_key("race." + service, kind="number", service=service, month=NOVEMBER)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(make, range(8)))
    assert len(keys) == 1


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_who_comes_second_waits_for_the_end_of_the_first(
    committing, superuser, as_superuser, service, ends, monkeypatch
):
    first = month_key("number", service, NOVEMBER)
    row = MonthKey.objects.values_list().get(name=first.name)
    forget(monkeypatch)

    def make():
        try:
            return month_key("number", service, NOVEMBER)
        finally:
            connection.close()

    with superuser() as other, ThreadPoolExecutor(1) as pool:
        other.execute("DELETE FROM audit_key WHERE name = %s", [first.name])
        other.execute("BEGIN")
        other.execute("INSERT INTO audit_key VALUES (%s, %s, %s, %s, %s, %s)", row)
        second = pool.submit(make)
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO audit_key%'"
        while not as_superuser.execute(waiting).rowcount:
            assert not second.done()
        other.execute(ends)
        assert (second.result().secret == first.secret) == (ends == "commit")


def test_what_a_destroyed_key_encrypted_is_gone_within_a_minute(committing, superuser, service, monkeypatch):
    value = sealed(service)
    assert revealed(value) == "01810112345"
    with superuser() as owner:
        owner.execute("DELETE FROM audit_key WHERE service = %s", [service])
    now = month_keys.time.monotonic()
    monkeypatch.setattr(month_keys.time, "monotonic", lambda: now + month_keys.KNOWN_FOR_SECONDS + 1)
    with pytest.raises(NotRevealed):
        revealed(value)


def test_a_destroyed_key_is_asked_for_once_however_many_values_it_encrypted(
    committing, superuser, service, monkeypatch
):
    value = sealed(service)
    with superuser() as owner:
        owner.execute("DELETE FROM audit_key WHERE service = %s", [service])
    forget(monkeypatch)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            with pytest.raises(NotRevealed):
                revealed(value)
    assert len(asked) == 1
    assert revealed(sealed(service)) == "01810112345", "one of that name that is made anew is read with at once"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(b"202611.number.nobody-s:" + bytes(40), id="a key that never was"),
        pytest.param(b"202611.number.-\0:" + bytes(40), id="a name that PostgreSQL refuses"),
        pytest.param(b"." * 200 + b":" + bytes(40), id="a name that is too long"),
        pytest.param(b"\xff.:" + bytes(40), id="a name that is no text"),
        pytest.param(b".", id="a name and nothing behind it"),
    ],
)
def test_what_no_key_of_ours_encrypted_is_not_revealed(stored):
    with pytest.raises(NotRevealed):
        revealed(stored)


@pytest.mark.django_db
def test_a_key_does_not_open_under_another_name(service):
    key = month_key("number", service, NOVEMBER)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_key SELECT 'another.name', kind, service, month, wrapped, made_at FROM audit_key "
            "WHERE name = %s",
            [key.name],
        )
    with pytest.raises(KeyGone):
        known_key("another.name")


@pytest.mark.django_db
def test_month_keys_live_through_a_change_of_what_encrypts_them(ring, service):
    value = sealed(service)
    ring("another first")
    assert revealed(value) == "01810112345"
    assert sealed(service).partition(b":")[0] == value.partition(b":")[0]


@pytest.mark.django_db
def test_when_what_encrypted_them_is_lost_the_trail_goes_on_with_others(ring, service):
    lost = sealed(service)
    ring("the first gone")
    value = sealed(service)
    assert value.partition(b":")[0] == lost.partition(b":")[0] + b".k2"
    assert revealed(value) == "01810112345"
    with pytest.raises(NotRevealed):
        revealed(lost)


@pytest.mark.django_db
def test_another_secret_under_the_old_name_writes_nothing(ring, service):
    today = datetime.now(UTC).date()  # a record is sealed for its own month
    value = sealed(service, day=today)
    ring("exchanged")
    with pytest.raises(KeyGone):
        sealed(service, day=today)
    record(Entry(service=service))
    with pytest.raises(NotRecorded):
        record(Entry(service=service, control_object="01810112345"))
    with pytest.raises(NotRevealed):
        revealed(value)
