"""Loads that commit: no reader ever sees two deliveries in one answer, and one that was stopped goes on."""

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from accounts.loading import staging
from accounts.loading.delivery import read_delivery
from accounts.loading.load import check_rejects, load
from accounts.loading.refusals import Refused, Rejects
from accounts.references import Referred, context_of, reference_to
from accounts.views import AccountDetails, AccountList, Transactions
from legal.periods import Period
from legal.refusals import LedgerInconsistent
from tests.accounts.documents import sent
from tests.accounts.enquiries import AUDIENCE, NOW, TODAY, enquiry
from tests.accounts.loading.conftest import NAME, asked_as, session_of
from tests.accounts.loading.deliveries import AS_OF, NUMBER, OURS, bank, write
from tests.cluster import CLUSTER, OWNERS, ROOT, manage

LOADER = OWNERS["LEDGER_LOADER_URL"]
HERE = LOADER.rpartition("/")[0] + f"/{NAME}"
DELIVERIES, READERS = 8, 3
PERIOD = Period(TODAY - timedelta(days=60), TODAY)


@pytest.fixture(autouse=True)
def audiences(settings):
    settings.AUDIENCES = {AUDIENCE: [OURS]}


@pytest.fixture
def committed(loads, django_db_blocker):
    """The loader's session, committing; the ledger is empty again afterwards."""
    with django_db_blocker.unblock(), asked_as(session_of(LOADER)) as session:
        yield session
    empty = "TRUNCATE financial_institution, party, transaction, balance_history, bsu_year, balance CASCADE"
    owning = session_of(OWNERS["LEDGER_OWNER_URL"])
    with django_db_blocker.unblock(), asked_as(owning), owning.cursor() as cursor:
        cursor.execute(empty)
        cursor.execute("DROP TABLE IF EXISTS loading.delivered, loading.staged")


def count(session, table):
    with session.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def run(folder, *, now=NOW):
    return load(read_delivery(folder), now=now, rejects=Rejects(), progress=lambda *_: None)


def seen(account_id=41):
    """Return the word of each text that three answers show, each with its moment."""
    asked = enquiry(period=PERIOD)
    listed = AccountList().document(asked)
    reference = reference_to(Referred(account_id, NUMBER), context_of(asked))
    one = enquiry(period=PERIOD, reference=reference)
    answers = [(listed, sent(listed.document)["accounts"][0]["primaryOwner"]["name"][-1])]
    for view in (AccountDetails(), Transactions()):
        view.control_object(one)
        answer = view.document(one)
        document = sent(answer.document)
        shown = document.get("account", document)
        words = {shown["primaryOwner"]["name"][-1]} if "primaryOwner" in shown else set()
        words |= {"A" if balance["amount"] < 100 else "B" for balance in shown.get("balances", ())}
        words |= {row["merchant"][-1] for row in shown.get("transactions", ()) if "merchant" in row}
        (word,) = words
        answers.append((answer, word))
    return [(answer.as_of, word) for answer, word in answers]


def test_no_answer_mixes_two_deliveries(committed, tmp_path, django_db_blocker):
    folders = []
    for number in range(DELIVERIES):
        word, amount = ("A", "10.00") if number % 2 == 0 else ("B", "1000.00")
        tables = bank(word, amount)
        tables["balance"] = [row | {"id": str(number * 10 + 1)} for row in tables["balance"][:1]]
        tables["balance"][0]["registered_at"] = (AS_OF + timedelta(seconds=number)).isoformat()
        tables["transaction"] = [row | {"merchant": f"Kiosk {word}"} for row in tables["transaction"]]
        folders.append(
            write(tmp_path / str(number), tables, delivery=str(number), as_of=AS_OF + timedelta(seconds=number))
        )
    run(folders[0])
    stop, found, failed = threading.Event(), set(), []

    def read():
        with asked_as(session_of(os.environ["LEDGER_DATABASE_URL"])):
            while not stop.is_set():
                try:
                    found.update(seen())
                except LedgerInconsistent:
                    continue  # it moved twice: no answer is no mix
                except Exception as error:
                    failed.append(error)
                    return

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        for folder in folders[1:]:
            run(folder)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not failed
    words = dict(found)
    assert len(words) == len(found) > 2, "one state for each moment, and several were seen"
    assert all(word == "AB"[(as_of - AS_OF).seconds % 2] for as_of, word in found)


def test_a_load_that_is_stopped_goes_on_where_it_was(committed, tmp_path, monkeypatch):
    tables = bank()
    party = tables["party"][0]
    tables["party"] += [party | {"id": str(number)} for number in range(1000, 3000)]
    folder, staged = write(tmp_path, tables), []
    monkeypatch.setattr(staging, "BATCH_CHARACTERS", 1)
    monkeypatch.setattr("accounts.loading.sources.BLOCK_BYTES", 10_000)

    class Stopped(Exception):
        pass

    def progress(table, rows):
        staged.append((table, rows))
        if sum(rows for name, rows in staged if name == "party") > 1000:
            raise Stopped

    with pytest.raises(Stopped):
        load(read_delivery(folder), now=NOW, rejects=Rejects(), progress=progress)
    with committed.cursor() as cursor:
        cursor.execute('SELECT sum(rows) FROM loading.staged WHERE "table" = %s', ["party"])
        (kept,) = cursor.fetchone()
    assert count(committed, "party") == 0, "nothing is visible yet"
    assert 0 < kept < 1500
    again = []
    load(read_delivery(folder), now=NOW, rejects=Rejects(), progress=lambda table, rows: again.append((table, rows)))
    assert next(rows for table, rows in again if table == "party") == kept, "what was staged is not read again"
    assert count(committed, "party") == 2002


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


@pytest.mark.parametrize("table", ["party", "account_role", "transaction", "bsu_year"])
def test_a_load_that_is_killed_in_the_middle_of_the_switch_has_changed_nothing(committed, tmp_path, superuser, table):
    """Whatever its one transaction had merged before that table. The same command then does all of it."""
    later = AS_OF + timedelta(seconds=1)
    run(write(tmp_path / "one", bank("A"), delivery="one"))
    folder = write(tmp_path / "two", bank("B", "1000.00"), delivery="two", as_of=later)
    command = [sys.executable, ROOT / "manage.py", "load_ledger", folder]
    session = superuser()
    with psycopg.connect(CLUSTER.superuser_url(NAME)) as holding:
        holding.execute(f"LOCK TABLE {table} IN SHARE MODE")
        with subprocess.Popen(command, env={**os.environ, "LEDGER_LOADER_URL": HERE}) as loading:
            wait_for(lambda: session.execute(WAITING, [NAME]).fetchone() == (1,))
            loading.kill()
    with asked_as(session_of(os.environ["LEDGER_DATABASE_URL"])):
        assert seen() == [(AS_OF, "A")] * 3
    assert manage("load_ledger", str(folder), LEDGER_LOADER_URL=HERE).returncode == 0
    with asked_as(session_of(os.environ["LEDGER_DATABASE_URL"])):
        assert seen() == [(later, "B")] * 3


def wait_for(is_so, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_file_that_changed_after_a_stop_is_staged_anew(committed, tmp_path, monkeypatch):
    folder = write(tmp_path, bank())

    def fail(*_):
        raise Refused("stopped")

    monkeypatch.setattr("accounts.loading.load.check_counts", fail)
    with pytest.raises(Refused):
        run(folder)
    monkeypatch.undo()
    run(write(tmp_path, bank("B")))
    with committed.cursor() as cursor:
        cursor.execute("SELECT name FROM party ORDER BY id LIMIT 1")
        assert cursor.fetchone() == ("Rank Bjørk B",)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_two_loads_do_not_mix(committed, tmp_path, monkeypatch):
    """A second load goes on with what the first one stages, and the first one stops; none of them is visible."""
    tables = {name: bank()[name] for name in ("financial_institution", "party")}
    tables["party"] += [tables["party"][0] | {"id": str(number)} for number in range(1000, 2000)]
    folder, others = write(tmp_path, tables, as_of=LONG_AGO), []
    monkeypatch.setattr(staging, "BATCH_CHARACTERS", 1)
    monkeypatch.setattr("accounts.loading.sources.BLOCK_BYTES", 10_000)

    def progress(table, rows):
        if table == "party" and rows and not others:
            others.append(manage("load_ledger", str(folder), LEDGER_LOADER_URL=HERE))

    with pytest.raises(Refused) as refused:
        load(read_delivery(folder), now=NOW, rejects=Rejects(), progress=progress)
    assert str(refused.value) == staging.ANOTHER
    assert (others[0].returncode, others[0].stdout) == (1, "") and "Another load, or a migration" in others[0].stderr
    assert count(committed, "party") == 0
    run(folder)
    assert count(committed, "party") == len(tables["party"])


def test_a_load_whose_rows_another_one_has_replaced_makes_none_of_them_visible(committed, tmp_path, monkeypatch):
    """As many rows in the same tables, of other files, staged between its own last row and its switch."""
    tables = {name: bank()[name] for name in ("financial_institution", "party")}
    others = {name: bank("B")[name] for name in tables}
    mine = write(tmp_path / "mine", tables, as_of=LONG_AGO)
    theirs = write(tmp_path / "theirs", others, as_of=LONG_AGO, delivery="theirs")
    calls = []

    def check(rejects, real=check_rejects):
        real(rejects)
        if not calls:
            calls.append(staging.stage(read_delivery(theirs), rejects=Rejects(), progress=lambda *_: None))

    monkeypatch.setattr("accounts.loading.load.check_rejects", check)
    with pytest.raises(Refused) as refused:
        run(mine)
    assert (str(refused.value), len(calls), count(committed, "party")) == (staging.ANOTHER, 1, 0)
    run(mine)
    assert count(committed, "party") == 2


def test_the_command(committed, tmp_path):
    folder = write(tmp_path, {name: bank()[name] for name in ("financial_institution", "party")}, as_of=LONG_AGO)
    done = manage("load_ledger", str(folder), LEDGER_LOADER_URL=HERE)
    assert (done.returncode, done.stderr) == (0, ""), "no progress is drawn where nobody watches"
    assert done.stdout == (
        "financial_institution: 1 new, 0 changed, 0 gone\nparty: 2 new, 0 changed, 0 gone\n"
        f"{OURS} is as of 2020-01-01T00:00:00+00:00\n"
    )
    again = manage("load_ledger", str(folder), LEDGER_LOADER_URL=HERE)
    assert (again.returncode, again.stdout) == (0, "The ledger has delivery one already. Nothing was changed.\n")


def test_the_command_lists_what_it_refuses(committed, tmp_path):
    folder = write(
        tmp_path, {"party": []}, as_of=LONG_AGO, party="id,type,name,protection_grade\n1,man,Rank,ugradert\n"
    )
    done = manage("load_ledger", str(folder), LEDGER_LOADER_URL=HERE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "party.csv, line 2: type is not one of person, organisation\n"
        "CommandError: 1 rows cannot be taken. Nothing was loaded.\n"
    )
    assert (folder / "rejects.csv").read_text().splitlines()[1:] == [
        'party,party.csv,2,type,"is not one of person, organisation"'
    ]
