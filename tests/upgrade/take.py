"""Take down a release for the upgrade test: `python -m tests.upgrade.take COMMIT VERSION`, after each release.

The release's own code runs in a folder of its own, makes its databases and answers a few enquiries. What it leaves
is cut down to one party and written beside this file, together with the code.
"""

import json
import lzma
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg

from tests.upgrade import release

ROOT = Path(__file__).parents[2]
CODE = ("accounts", "agencies", "audit", "compliance", "dsop", "legal", "sandbox")
PARTIES = (release.PARTY_CASE, "not-a-customer", "guarantor-only")
WHERE = (
    "from sandbox.postgres import Cluster; import pathlib, sys; c = Cluster(pathlib.Path(sys.argv[1]) / 'postgres'); "
)
WHERE += "print(c.place.bin); print(c.superuser_url('dsop')); print(c.superuser_url('ledger'))"
CUT_DOWN = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '"transaction"'::regclass LOOP
        EXECUTE 'DROP TABLE ' || name;
    END LOOP;
END $$;
CREATE TEMP TABLE held AS SELECT account_id AS id FROM account_role JOIN party_identifier USING (party_id)
    WHERE value = '{number}';
DELETE FROM payment_card; DELETE FROM guardianship;
DELETE FROM balance WHERE account_id NOT IN (SELECT id FROM held);
DELETE FROM account_role WHERE account_id NOT IN (SELECT id FROM held);
DELETE FROM account WHERE id NOT IN (SELECT id FROM held);
DELETE FROM party_identifier WHERE party_id NOT IN (SELECT party_id FROM account_role);
DELETE FROM party WHERE id NOT IN (SELECT party_id FROM account_role);
"""
NOBODY = "TRUNCATE auth_user, django_session, django_admin_log CASCADE"  # the admin's users and what they did
NOISE = re.compile(r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*|)\n", re.MULTILINE)


def main(commit: str, version: str) -> None:
    with tempfile.TemporaryDirectory(prefix="dsop-release-") as folder:
        source = Path(folder, "source")
        source.mkdir(mode=0o755)
        whole = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", source], input=whole, check=True)
        write_code(source, release.code(version))
        run(source, Path(folder, "made"), version)


def write_code(source: Path, file: Path) -> None:
    """Write the code so that the same commit gives the same bytes."""

    def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        return None if "__pycache__" in member.name else member

    with (
        lzma.open(file, "wb", preset=9 | lzma.PRESET_EXTREME) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for name in CODE:
            if (source / name).exists():
                tar.add(source / name, name, filter=anonymous)


def run(source: Path, made: Path, version: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "LANG"}},
        "DSOP_ENVIRONMENT": "sandbox",
        "DSOP_SANDBOX_FOLDER": str(made),
        "PORT": port,
        **release.KEYS,
    }

    def say(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=source, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    server = subprocess.Popen(
        [sys.executable, "-m", "sandbox.run", "--small"], cwd=source, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_until_ready(server, port)
        numbers = {
            party["case"]: party["identifier"] for party in json.loads(say("manage.py", "sandbox_parties", "--json"))
        }
        for case in PARTIES:
            say("manage.py", "enquire", "fi-utlegg-saldo", numbers[case])
        binaries, *urls = say("-c", WHERE, str(made)).split()
        cut_down(*urls, number=numbers[release.PARTY_CASE])
        for url, alias in zip(urls, ("default", "ledger"), strict=True):
            write_dump(Path(binaries), url, release.dump(alias, version))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def wait_until_ready(server: subprocess.Popen[bytes], port: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            if server.poll() is not None:
                break
        time.sleep(0.2)
    sys.exit("The release does not become ready.")


def cut_down(default: str, ledger: str, *, number: str) -> None:
    with psycopg.connect(default) as connection:
        connection.execute(NOBODY)
    with psycopg.connect(ledger) as connection:
        connection.execute(CUT_DOWN.format(number=number))


def write_dump(binaries: Path, url: str, file: Path) -> None:
    command = [binaries / "pg_dump", "--no-comments", "--no-tablespaces", "--dbname", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    file.write_text(NOISE.sub("", done.stdout), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
