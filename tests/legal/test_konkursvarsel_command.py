"""The command that reads the feed, what it tells, and what must hold before the service starts."""

import json
import os
import signal
import ssl
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from dsop.logs import JSONLines
from legal import notice_checks
from legal.konkursvarsel import identity
from legal.models import BankruptcyNotice, NoticeReading, ServiceVersion
from tests import cluster
from tests.authority import enterprise, intermediate, root
from tests.issuer import running_issuer, says, wait_until
from tests.legal.notices import PERSON, entry, id_of, in_full

LIST = "/konkursvarsler/oppdatert/"


class AnyMoment(dict):
    """Answers by path; the list is the same whatever moment is asked for, as the command reads the clock itself."""

    def get(self, path, default=None):
        return super().get(LIST if path.startswith(LIST) else path, default)


@pytest.fixture(scope="module")
def issuer():
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def lists(issuer, settings):
    """Return a function that puts up a list of openings about a person, of which some cannot be read."""
    settings.KONKURSVARSEL_URL = f"{issuer.origin}/"

    def put(*numbers, unreadable=()):
        entries = [entry(number, "aapning", PERSON, origin=issuer.origin) for number in numbers]
        issuer.answers = AnyMoment({LIST: says({"_embedded": {"konkursvarsler": entries}})})
        for number in numbers:
            whole = PERSON.encode() if number in unreadable else in_full(number, "aapning", PERSON)
            issuer.answers[f"/konkursvarsler/{id_of(number)}"] = says(whole)

    return put


def run(*arguments):
    output = StringIO()
    call_command("konkursvarsel", *arguments, stdout=output)
    return output.getvalue()


def lines(caplog):
    return [json.loads(JSONLines().format(record)) for record in caplog.records if record.name.startswith("legal.")]


def events(caplog):
    return [{name: value for name, value in line.items() if name not in {"time", "logger"}} for line in lines(caplog)]


@pytest.mark.django_db
def test_it_tells_how_many(lists, caplog):
    lists(1, 2)
    assert (run(), run()) == ("2 new notices.\n", "0 new notices.\n")
    assert events(caplog) == []


@pytest.mark.django_db
def test_it_fails_as_long_as_a_notice_waits(lists, caplog):
    lists(1, 2, unreadable=[1])
    for _ in range(2):
        with pytest.raises(CommandError, match=r"^1 notices cannot be read; the admin shows which\.$"):
            run()
    assert BankruptcyNotice.objects.filter(state="read").count() == 1
    told = {"level": "error", "event": "konkursvarsel.unreadable", "count": 1, "notices": [str(id_of(1))]}
    assert events(caplog) == [told, told]
    assert PERSON not in caplog.text
    lists(1, 2)
    assert run() == "1 new notices.\n"


@pytest.mark.django_db
def test_a_person_may_have_dealt_with_it(lists, caplog):
    lists(1, unreadable=[1])
    with pytest.raises(CommandError):
        run()
    assert run("--dismiss", str(id_of(1))) == "It counts no longer, and is not asked for again.\n"
    assert run() == "0 new notices.\n"
    with pytest.raises(CommandError, match=r"^No notice with that id waits to be read\.$"):
        run("--dismiss", str(id_of(1)))
    assert [event["event"] for event in events(caplog)][1:] == ["konkursvarsel.dismissed"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "word"),
    [
        pytest.param({"KONKURSVARSEL_URL": ""}, "not configured", id="no address"),
        pytest.param({"KONKURSVARSEL_URL": "http://feed.example"}, "address", id="no https"),
        pytest.param({"KONKURSVARSEL_URL": "http://127.0.0.1:1"}, "connection", id="nobody there"),
        pytest.param({"SANDBOX": False}, "address", id="http to this machine outside the sandbox"),
        pytest.param({"KONKURSVARSEL_KEY_FILE": "/nowhere"}, "certificate", id="a key without a certificate"),
    ],
)
def test_it_fails_when_there_is_no_feed(lists, settings, caplog, changes, word):
    lists(1)
    for name, value in changes.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match=rf"^Konkursvarsel cannot be read: {word}\.$"):
        run()
    assert events(caplog) == [{"level": "error", "event": "konkursvarsel.failed", "reason": word}]
    assert not BankruptcyNotice.objects.exists()


@pytest.mark.django_db
def test_it_fails_when_there_is_no_database(lists, caplog):
    lists(1)

    def broken(*_):
        raise OperationalError(f"DETAIL: {PERSON}")

    with connection.execute_wrapper(broken), pytest.raises(CommandError, match=r"^The database cannot be asked\.$"):
        run()
    assert events(caplog) == [{"level": "error", "event": "konkursvarsel.failed", "reason": "OperationalError"}]


def test_it_stays_goes_on_after_a_failure_and_ends_when_told(issuer):
    """As its supervisor runs it; the list is no list, so that nothing is written."""
    issuer.answers = AnyMoment({LIST: says(b"no list")})
    issuer.fetches.clear()
    command = [sys.executable, str(cluster.ROOT / "manage.py"), "konkursvarsel", "--watch"]
    environment = {**os.environ, "KONKURSVARSEL_URL": issuer.origin}
    with subprocess.Popen(command, cwd=cluster.ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: issuer.fetches.total() or process.poll() is not None, seconds=60.0)
            assert '"event":"konkursvarsel.failed","reason":"json"' in process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


# --- the bank's certificate ---


@pytest.fixture(scope="module")
def authority():
    return intermediate(root())


@pytest.fixture
def files(authority, tmp_path):
    """The files of an enterprise certificate and its key."""
    holder = enterprise(authority)
    key = holder.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, content in {"certificate": holder.pem, "key": key, "other": b"x"}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    ("certificate", "key", "usable"),
    [
        pytest.param("certificate", "key", True, id="both"),
        pytest.param("certificate", "", False, id="no key"),
        pytest.param("", "key", False, id="no certificate"),
        pytest.param("certificate", "certificate", False, id="no key in its file"),
        pytest.param("other", "key", False, id="no certificate in its file"),
        pytest.param("certificate", "missing", False, id="no such file"),
    ],
)
def test_the_certificate_and_its_key(files, certificate, key, usable):
    names = [str(files / name) if name else "" for name in (certificate, key)]
    if usable:
        context = identity(*names)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    else:
        with pytest.raises((OSError, ValueError)):
            identity(*names)


def test_without_a_certificate_the_usual_context_serves():
    assert identity("", "") is None


# --- checks ---


def found(check, **options):
    return [(message.id, message.msg) for message in check(**options)]


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        pytest.param({}, [], id="as it is"),
        pytest.param({"KONKURSVARSEL_URL": ""}, [], id="no feed"),
        pytest.param(
            {"KONKURSVARSEL_URL": "http://feed.example"}, ["KONKURSVARSEL_URL must be an https address."], id="no https"
        ),
        pytest.param(
            {"KONKURSVARSEL_CERTIFICATE_FILE": "/nowhere"},
            ["KONKURSVARSEL_CERTIFICATE_FILE and KONKURSVARSEL_KEY_FILE must be a certificate and its key."],
            id="no key",
        ),
        pytest.param(
            {"KONKURSVARSEL_EVERY_MINUTES": 0, "KONKURSVARSEL_FIRST_DAYS": 0, "KONKURSVARSEL_MAX_AGE_HOURS": -1},
            [
                "KONKURSVARSEL_EVERY_MINUTES must be positive.",
                "KONKURSVARSEL_FIRST_DAYS must be positive.",
                "KONKURSVARSEL_MAX_AGE_HOURS must be positive.",
            ],
            id="no times",
        ),
        pytest.param({"KONKURSVARSEL_ENDED_BY": ["sletting"]}, [], id="ended by a deletion alone"),
        *(
            pytest.param(
                {"KONKURSVARSEL_ENDED_BY": words},
                ["KONKURSVARSEL_ENDED_BY must name sletting, and may name oppheving and avslutning."],
                id=f"ended by {words}",
            )
            for words in ([], ["oppheving"], ["sletting", "aapning"], ["sletting", "konkurs"])
        ),
    ],
)
def test_settings(settings, changes, messages):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert found(notice_checks.check_konkursvarsel) == [("dsop.E081", message) for message in messages]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("precondition", "address", "read_ago", "warned"),
    [
        pytest.param("none", "", None, False, id="no service asks for it"),
        pytest.param("bankruptcy", "https://feed.example", timedelta(hours=23), False, id="read lately"),
        pytest.param("bankruptcy", "https://feed.example", timedelta(hours=25), True, id="read too long ago"),
        pytest.param("bankruptcy", "https://feed.example", None, True, id="never read"),
        pytest.param("bankruptcy", "", timedelta(hours=1), True, id="read, but no longer configured"),
    ],
)
def test_a_service_that_depends_on_notices(settings, precondition, address, read_ago, warned):
    settings.KONKURSVARSEL_URL = address
    version = ServiceVersion.objects.get(service__slug="skatt-kontroll", state="approved")
    for step in version.rules["steps"].values():
        step["precondition"] = precondition
    ServiceVersion.objects.exclude(pk=version.pk).update(state="ended")
    ServiceVersion.objects.filter(pk=version.pk).update(rules=version.rules)  # past the guard of `save`
    if read_ago:
        NoticeReading.objects.create(pk=1, read_at=timezone.now() - read_ago)
    sentence = "A service depends on bankruptcy notices, which are not read or were not read lately."
    expected = [("dsop.W082", sentence)] if warned else []
    assert found(notice_checks.check_readings, databases=["default"]) == expected


@pytest.mark.parametrize(
    ("databases", "as_owner"),
    [pytest.param(None, False, id="no database is asked"), pytest.param(["default"], True, id="as owner")],
)
def test_when_it_is_not_looked_for(settings, databases, as_owner):
    settings.AS_OWNER = as_owner
    assert found(notice_checks.check_readings, databases=databases) == []
