"""A trail that nobody touched is found whole, in every state that it may be in."""

from datetime import timedelta

from django.conf import settings as configured

from audit.keyring import KeyRing
from audit.verify.findings import Looked
from audit.verify.running import verify
from tests import cluster
from tests.audit.verify.trail import LATER, MINUTE, MONTH, NEXT, NOON


def test_an_untouched_trail(trail):
    looked = trail.looked()
    assert looked == Looked(months={MONTH, NEXT}, rows=15, checkpoints=6, answers=4, unsealed=1)


def test_an_empty_trail(empty):
    assert empty.looked() == Looked()


def test_rows_that_were_never_sealed(empty):
    empty.write("audit_record", NOON, document=b"e1:answer")
    empty.write("audit_record", NOON + MINUTE)
    assert empty.looked() == Looked(months={MONTH}, rows=2, answers=1, unsealed=2)


def test_a_range_that_begins_within_a_chain(trail):
    assert trail.looked(first=NEXT, last=NEXT) == Looked(months={NEXT}, rows=4, checkpoints=6, unsealed=1)


def test_rows_of_the_release_before(empty):
    """They have no writer: those that were there before, and those written beside the new release for a day."""
    for moment in (NOON - timedelta(days=9), NOON + timedelta(hours=23)):
        empty.write("audit_record", moment)
        empty.tamper("UPDATE audit_record SET writer = NULL, writer_number = NULL, writer_previous = NULL")
        empty.seal(moment + MINUTE if moment > NOON else NOON)
    assert empty.looked().rows == 2


def test_a_commit_held_back_over_three_checkpoints(trail, superuser):
    """Its transaction is older than theirs, and its rows come when they are committed."""
    late = superuser()
    with late.transaction():
        late.execute("SELECT pg_current_xact_id()")
        session, trail.session = trail.session, late
        trail.write("audit_record", LATER + 6 * MINUTE, writer="late")
        trail.session = session
        for minutes in (7, 8, 9):
            trail.write("audit_access", LATER + minutes * MINUTE)
            trail.seal(LATER + minutes * MINUTE)
        assert trail.looked().unsealed == 3
    trail.seal(LATER + 10 * MINUTE)
    assert trail.looked().unsealed == 0


def test_what_is_written_meanwhile(trail):
    """One snapshot for all of it: rows, checkpoints and lines of the copy that come later disturb nothing."""
    trail.tamper("DELETE FROM audit_access WHERE id = '{access2}'")
    findings = verify(trail.auditor, copy=trail.copy, public_keys=trail.keys, patience=0)
    found = [next(findings)]
    trail.write("audit_record", LATER + 7 * MINUTE, document=b"e1:another")
    trail.seal(LATER + 8 * MINUTE)
    assert [str(each.kind) for each in [*found, *findings]] == ["row removed"]


def test_a_look_up_key_that_is_not_in_the_ring(trail, settings):
    settings.AUDIT_LOOKUP_KEYS = KeyRing(cluster.key("l2", 32), length=32)
    assert trail.looked().unchecked == {
        f"writers of {table} {month:%Y-%m}: a look-up key is not in the ring": rows
        for table, month, rows in [
            ("audit_record", MONTH, 8),
            ("audit_record", NEXT, 3),
            ("audit_turned_away", MONTH, 1),
            ("audit_access", MONTH, 2),
            ("audit_access", NEXT, 1),
        ]
    }
    assert configured.AUDIT_LOOKUP_KEYS.writing.name == "l2"
