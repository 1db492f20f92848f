"""The desk's long work, on a trail that is encrypted and sealed as the bank's is: in time, and in little memory."""

import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.recording import row_of
from audit.seal.leaves import SALT_BYTES, columns_of
from audit.seal.public_keys import read_public_keys
from audit.seal.writers import Writer
from compliance.breach.bounds import Bounds
from compliance.breach.hits import Hit, WrongDisclosure
from compliance.breach.reading import begun, go_on
from compliance.exporting.archive import Archive
from compliance.exporting.asking import Wanted
from compliance.exporting.columns import CHOSEN
from compliance.finding.criteria import Criteria
from compliance.finding.shielding import hidden_from
from compliance.people import AUDITOR
from compliance.verifying import verified
from compliance.watching.folding import BOUNDS_MS
from compliance.watching.models import Tally
from compliance.watching.watcher import turn
from tests.audit.entries import answered
from tests.compliance.finding.trail import signed_in
from tests.compliance.watching.trail import empty_sums
from tests.evidence.trail import FULL, superuser

ROWS = 100_000 if FULL else 2_000
DAYS = 365 if FULL else 30
PERSONS, BATCH, WRITERS = ROWS // 5, 5_000, 16
MOST_MIB = 64
"""More than the process had before."""
MOST_SECONDS = 2.0
SUMS = f"""
INSERT INTO watching_tally
    (hour, consumer, service, endpoint, outcome, code, refusal, empty_because, count, duration_us, histogram)
SELECT hour, (ARRAY['974761076', '971648198', '889640782', '983887457'])[1 + mod(n, 4)], 'service-' || mod(n, 5),
    (ARRAY['accounts', 'accountDetails', 'transactions', 'roles'])[1 + mod(n, 4)],
    CASE WHEN mod(n, 5) = 0 THEN 'refused' ELSE 'answered' END, CASE WHEN mod(n, 5) = 0 THEN 'ACC-001' ELSE '' END,
    CASE WHEN mod(n, 5) = 0 THEN 'HeaderMalformed' ELSE '' END, '', 10 + n, 1000000,
    array_fill(n::bigint, ARRAY[{len(BOUNDS_MS) + 1}])
FROM generate_series(date_trunc('hour', now()) - %s * interval '1 day', now(), '1 hour') hour, generate_series(1, 40) n
"""
"""Sums as of four agencies that ask in forty ways each hour."""


@pytest.fixture(scope="module")
def sealed(seal, almighty, django_db_setup, django_db_blocker):
    """The records of a month up to now, under the seal."""
    with django_db_blocker.unblock():
        append(almighty)
        connection.close()
    seal.seal()
    almighty.execute("ANALYZE audit_record; ANALYZE audit_record_sealed")
    return seal


def append(session):
    """Append what the server would have written, chained to sixteen writers, with its ciphertexts."""
    names, end = columns_of("audit_record"), datetime.now(UTC) - timedelta(minutes=1)
    first = end.replace(day=1, hour=0, minute=0)
    writers = [Writer("audit_record") for _ in range(WRITERS)]
    for begin in range(0, ROWS, BATCH):
        copied = f"COPY audit_record ({', '.join(names)}, salt) FROM STDIN"
        with session.cursor() as cursor, cursor.copy(copied) as copy:
            for number in range(begin, min(ROWS, begin + BATCH)):
                at = first + (end - first) * (number / ROWS)
                record = uuid7(nanoseconds=int(at.timestamp() * 1_000_000) * 1000)
                writer = writers[number % WRITERS]
                row = row_of(entry(number, record), record, at) | writer.columns()
                salt = os.urandom(SALT_BYTES)
                writers[number % WRITERS] = writer.after(salt, row)
                copy.write_row([*(row[name] for name in names), salt])


def entry(number, case):
    """Return a question about one of the persons, in a case of its own."""
    return answered(
        control_object=f"{number % PERSONS:011}",
        requester_id=f"saksbehandler {number % 500}",
        account_info_request_id=case,
        jti=os.urandom(16).hex(),
    )


@pytest.fixture
def committing(django_db_setup, django_db_blocker):
    """Each statement on its own, as a serving process has it."""
    with django_db_blocker.unblock():
        yield
        connection.close()


@contextmanager
def measured():
    """Give what will say how long the block took, how much of a processor here and in the database, how much memory."""
    told, backend, before = {}, backend_seconds(), peak(anew=True)
    begun_at, used = time.monotonic(), time.process_time()
    yield told
    told["seconds"], told["here"] = time.monotonic() - begun_at, time.process_time() - used
    told["database"], told["mib"] = backend_seconds() - backend, peak() - before


def spent(told, rows=ROWS):
    each = {name: told[name] / rows * 1000 for name in ("seconds", "here", "database")}
    return (
        f"{told['seconds']:.1f} s, {each['seconds']:.2f} ms each; of a processor {each['here']:.2f} ms here, "
        f"{each['database']:.2f} ms in the database; {told['mib']:.0f} MiB more"
    )


def peak(*, anew=False):
    """Return the most memory that this process has had, in MiB; from now on when it is begun anew."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def backend_seconds():
    """Return how long the database has worked for this connection."""
    connection.ensure_connection()
    fields = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    ("with_numbers", "most"), [pytest.param(False, 2.0, id="marks"), pytest.param(True, 3.0, id="numbers in full")]
)
def test_an_export(sealed, committing, bars, with_numbers, most):
    wanted = Wanted(Criteria(), timezone.now(), CHOSEN, with_numbers, "court", "")
    archive = Archive(
        connection,
        wanted,
        hidden=partial(hidden_from, AnonymousUser()),
        told={},
        keys=read_public_keys(str(sealed.public)),
        public_keys=sealed.public.read_bytes(),
        before_the_end=lambda tally: None,
    )
    with measured() as told:
        size = sum(len(part) for part in archive.parts())
    assert (archive.tally.rows, archive.tally.not_proven, archive.tally.not_sealed) == (ROWS, 0, 0)
    members = {name: member["bytes"] // ROWS for name, member in archive.tally.members.items()}
    sizes = ", ".join(f"{name} {each}" for name, each in members.items() if each > 50)
    what = f"{ROWS:,} records exported, {'numbers in full' if with_numbers else 'marks'}"
    found = f"{spent(told)}; {size / 2**20:.1f} MiB, {size // ROWS} bytes each ({sizes})"
    bars.hold(what, f"< {most:.0f} ms of a processor each", found, told["here"] / ROWS * 1000 < most)
    bars.hold("memory of it", f"< {MOST_MIB} MiB", f"{told['mib']:.0f} MiB", told["mib"] < MOST_MIB)


def test_wrong_disclosures(sealed, committing, almighty, bars):
    search = begun(Bounds.of({"service": "fi-utlegg-saldo", "service_version": 3}), by="x", now=timezone.now())
    with measured() as told:
        while search.finished_at is None:
            assert list(go_on(search, seconds=60.0))
    counted = (search.answers, search.persons, Hit.objects.filter(disclosure=search).count() >= PERSONS)
    assert counted == (ROWS, PERSONS, True)
    for table in ("tally", "hit", "wrongdisclosure"):
        almighty.execute(f"DELETE FROM breach_{table}")
    assert not WrongDisclosure.objects.exists()
    bars.hold(f"{ROWS:,} wrong answers", f"< {MOST_MIB} MiB", spent(told), told["mib"] < MOST_MIB)


def test_folding(sealed, committing, bars):
    empty_sums(superuser)
    with measured() as told:
        turns = [turn(timezone.now())]
        while turns[-1].left:
            turns.append(turn(timezone.now()))
    assert sum(tally.count for tally in Tally.objects.only("count")) == ROWS
    hours, alerts = sum(one.hours for one in turns), sum(one.alerts for one in turns)
    found = (
        f"{spent(told)}; {hours} hours in {len(turns)} turns, {alerts} alerts, {ROWS / told['seconds']:,.0f} a second"
    )
    with measured() as again:
        turn(timezone.now())
    found += f"; the turn after them {again['seconds']:.2f} s"
    empty_sums(superuser)
    bars.hold(f"{ROWS:,} records folded", f"< {MOST_MIB} MiB", found, told["mib"] < MOST_MIB)


def test_verifying_at_the_desk(sealed, committing, bars, settings):
    settings.AUDIT_COPY, settings.AUDIT_SEAL_PUBLIC_KEYS_FILE = f"folder:{sealed.copy}", str(sealed.public)
    with measured() as told:
        done = verified(timezone.now().date(), timezone.now().date(), seconds=600)
    assert (done.findings, done.unfinished) == ([], "")
    rows = done.looked.numbers["rows"]
    found = f"{rows:,} rows, {rows / told['seconds']:,.0f} a second, {spent(told, rows)}"
    bars.hold("verified by the page", f"< {MOST_MIB} MiB", found, told["mib"] < MOST_MIB)


@pytest.mark.django_db(databases=["default", "ledger"])
def test_the_dashboard_over_a_year(almighty, bars):
    empty_sums(superuser)
    almighty.execute(SUMS, [DAYS])
    almighty.execute("ANALYZE watching_tally")
    client, _user = signed_in("anna", AUDITOR, of="Anna")
    for period in ("day", "week", "month", "year"):
        with CaptureQueriesContext(connection) as asked, measured() as told:
            answer = client.get(reverse("admin:desk_watch"), {"period": period})
        assert answer.status_code == 200
        processor = told["here"] + told["database"]
        found = f"{told['seconds']:.2f} s, of a processor {told['here']:.2f} s here and {told['database']:.2f} s "
        found += f"in the database; {len(asked)} queries, {len(answer.content) / 1024:.0f} KiB"
        bars.hold(f"the dashboard over a {period}", f"< {MOST_SECONDS:.0f} s", found, processor < MOST_SECONDS)
    empty_sums(superuser)
