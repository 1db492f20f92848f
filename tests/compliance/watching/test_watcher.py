"""The watcher tells by letter, by metric and by log line, and survives its death anywhere."""

import io
import logging
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from compliance.watching import checks, folding, mailing, watcher
from compliance.watching.alerting import windows_of
from compliance.watching.kinds import KINDS
from compliance.watching.metrics import metrics
from compliance.watching.models import Alert, AlertMail, Folding, StandOut, Tally, WatchRule
from compliance.watching.watcher import turn
from compliance.watching.windows import HOUR, Length, hour_of
from tests.compliance.watching.trail import AGENCY, NOON, asked, looked
from tests.mailbox import running_mailbox

pytestmark = pytest.mark.django_db
PEOPLE = {"compliance": ["desk@bank.example"], "auditor": ["auditor@bank.example", "second@bank.example"]}
NUMBER = "01810112345"


@pytest.fixture
def mailbox(settings):
    with running_mailbox() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = False, False
        settings.DEFAULT_FROM_EMAIL, settings.DESK_MAIL = "dsop@bank.example", PEOPLE
        yield box


@pytest.fixture(autouse=True)
def known(settings):
    WatchRule.objects.exclude(kind__in=["volume", "slow"]).update(threshold=2)
    Folding.objects.create(pk=1, first=NOON, until=NOON, reached=NOON)


def strange():
    """Let three alerts be raised: two about agencies' questions and one about the bank's own."""
    for _ in range(2):
        asked(person=NUMBER, requester_id="Kari Saksbehandler", outcome="refused")
    looked(marks="own-number", times=2)
    WatchRule.objects.filter(kind="staff-volume").update(is_on=False)


def test_letters_say_where_to_look_and_nothing_else(mailbox):
    strange()
    assert turn(NOON) == watcher.Turn(hours=1, alerts=3, letters=3, left=0)
    assert turn(NOON).letters == 0
    about = {row.kind: row for row in Alert.objects.all()}
    told = [(to, message_from_bytes(content, policy=policy.default)) for _from, to, content in mailbox.messages]
    assert sorted((to, message["Subject"]) for to, message in told) == sorted(
        [
            (["desk@bank.example"], "Varsel fra DSOP Kontrollinformasjon: Mange avslag"),
            (["desk@bank.example"], "Varsel fra DSOP Kontrollinformasjon: Samme person fra mange saker"),
            (PEOPLE["auditor"], "Varsel fra DSOP Kontrollinformasjon: Eget nummer"),
        ]
    )
    [letter] = [message for to, message in told if len(to) == 2]
    host = next(host for host in configured.ALLOWED_HOSTS)
    assert letter.get_content().splitlines() == [
        "Overvåkingen av DSOP Kontrollinformasjon har sett noe uvanlig: Eget nummer.",
        "Hva det gjelder, står bare på siden under. Les det og skriv der hva som er gjort.",
        "",
        "The watch over DSOP Kontrollinformasjon has seen something strange: One's own number.",
        "What it is about stands only on the page below. Read it, and write there what was done.",
        "",
        f"http://{host}/admin/desk/alerts/{about['own-number'].pk}",
    ]
    everything = b"".join(content for _from, _to, content in mailbox.messages)
    words = [NUMBER, "Saksbehandler", "kari", AGENCY, *(row.subject for row in about.values())]
    assert not [word for word in words if word.encode() in everything]


@pytest.mark.parametrize("refusing", ["MAIL", "DATA", "RCPT"])
def test_a_letter_that_is_refused_is_tried_again(mailbox, refusing, caplog):
    strange()
    mailbox.refusing = refusing
    done = turn(NOON)
    assert (done.alerts, done.letters, mailbox.messages) == (3, 0, [])
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == ["desk.mail_failed"]
    mailbox.refusing = ""
    assert turn(NOON).letters == 3
    assert not AlertMail.objects.filter(sent_at=None).exists()


def test_without_anybody_to_write_to_the_alert_is_there_all_the_same(settings):
    settings.DESK_MAIL = {}
    strange()
    assert (turn(NOON).letters, Alert.objects.count()) == (0, 3)


def test_whoever_dies_with_a_letter_loses_none(mailbox):
    strange()
    turn_without_letters(NOON)
    AlertMail.objects.update(claimed_at=NOON)
    assert mailing.send_letters(now=NOON + timedelta(minutes=4)) == 0
    assert mailing.send_letters(now=NOON + timedelta(minutes=6)) == 3


def turn_without_letters(now):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watcher, "send_letters", lambda *, now: 0)
        return turn(now)


@pytest.mark.parametrize("place", ["fold_day", "raise_alerts", "passed", "forget", "send_letters"])
def test_a_death_anywhere_loses_nothing_and_doubles_nothing(monkeypatch, place):
    strange()

    def dies(*args, **options):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(watcher, place, dies)
        with pytest.raises(DatabaseError):
            turn(NOON)
    turn(NOON)
    kept = (Tally.objects.count(), StandOut.objects.count(), Alert.objects.count(), AlertMail.objects.count())
    assert kept == (1, 1, 3, 3)


def test_an_alert_is_logged_by_its_rule_alone(caplog):
    caplog.set_level(logging.INFO)
    strange()
    turn(NOON)
    told = [(record.rule, record.audience) for record in caplog.records if record.message == "desk.alert"]
    assert sorted(told) == [("own-number", "auditor"), ("person", "compliance"), ("refused", "compliance")]


def test_metrics_have_a_line_for_each_rule():
    strange()
    turn(NOON)
    lines = metrics().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert len(values) == 2 * len(KINDS) + 2
    assert values['desk_alerts_open{rule="refused",audience="compliance"}'] == "1"
    assert values['desk_alerts_total{rule="own-number",audience="auditor"}'] == "1"
    assert values['desk_alerts_total{rule="volume",audience="compliance"}'] == "0"
    assert float(values["desk_watch_folded_until_seconds"]) == NOON.timestamp()
    assert float(values["desk_watch_last_success"]) == NOON.timestamp()
    assert [line for line in lines if line.startswith("# TYPE")] == [
        "# TYPE desk_alerts_open gauge",
        "# TYPE desk_alerts_total counter",
        "# TYPE desk_watch_folded_until_seconds gauge",
        "# TYPE desk_watch_last_success gauge",
    ]


def test_the_command_says_what_it_did_and_leaves_its_metrics(tmp_path, settings):
    strange()
    Folding.objects.update(until=hour_of(timezone.now()))
    told, settings.DESK_METRICS_FILE = io.StringIO(), str(tmp_path / "desk.prom")
    call_command("desk_watch", stdout=told)
    last = told.getvalue().splitlines()[-1]
    assert "alerts" in last and "left" not in last
    assert (tmp_path / "desk.prom").read_text().startswith("# HELP desk_alerts_open")
    assert [path.name for path in tmp_path.iterdir()] == ["desk.prom"]
    assert (tmp_path / "desk.prom").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_is_not_there_is_said(tmp_path):
    Folding.objects.update(until=hour_of(timezone.now()))
    with pytest.raises(CommandError, match="FileNotFoundError"):
        call_command("desk_watch", metrics=str(tmp_path / "nowhere" / "desk.prom"), stdout=io.StringIO())


def test_a_long_pause_is_caught_up_in_parts(monkeypatch):
    monkeypatch.setattr(folding, "MOST_HOURS", 3)
    now = NOON + 4 * HOUR
    turns = [turn(now) for _ in range(2)]
    assert [(one.hours, one.left) for one in turns] == [(3, 2), (2, 0)]
    state = Folding.objects.get()
    assert (state.until, state.reached) == (now - HOUR, now)


def test_windows_of_hours():
    found = windows_of(Length.DAY, [NOON, NOON + HOUR, NOON + 24 * HOUR])
    assert [window.first_day.day for window in found] == [NOON.day, NOON.day + 1]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        pytest.param({}, [], id="as it should be"),
        pytest.param({"DESK_MAIL": {}, "EMAIL_HOST": ""}, [], id="nobody is told"),
        pytest.param({"DESK_MAIL": []}, ["must be a JSON object"], id="a list"),
        pytest.param({"DESK_MAIL": {"boss": []}}, ["must be a JSON object"], id="another audience"),
        pytest.param({"DESK_MAIL": {"auditor": "a@b.example"}}, ["must hold lists"], id="no list"),
        pytest.param({"DESK_MAIL": {"auditor": ["nobody"]}}, ["must hold lists"], id="no address"),
        pytest.param({"DESK_MAIL": {"auditor": [7]}}, ["must hold lists"], id="a number"),
        pytest.param({"DEFAULT_FROM_EMAIL": ""}, ["needs EMAIL_FROM"], id="no sender"),
        pytest.param({"EMAIL_HOST": ""}, ["needs EMAIL_URL"], id="no server"),
        pytest.param({"SANDBOX": False}, ["needs an EMAIL_URL with smtp+tls"], id="in the clear"),
        pytest.param({"SANDBOX": False, "EMAIL_USE_TLS": True}, [], id="encrypted"),
    ],
)
def test_where_letters_go_is_checked(settings, changes, faults):
    usual = {"DESK_MAIL": PEOPLE, "DEFAULT_FROM_EMAIL": "dsop@bank.example", "EMAIL_HOST": "mail.bank.example"}
    for name, value in {**usual, "EMAIL_USE_TLS": False, **changes}.items():
        setattr(settings, name, value)
    found = checks.check_mail()
    assert [message.id for message in found] == ["dsop.E122"] * len(faults)
    pairs = zip(found, faults, strict=True)
    assert all(message.msg.removeprefix("DESK_MAIL ").startswith(fault) for message, fault in pairs)


def test_in_production_somebody_should_be_told(settings):
    settings.ENVIRONMENT, settings.DESK_MAIL = "production", {}
    assert [(message.id, message.msg) for message in checks.check_mail()] == [
        ("dsop.W123", "DESK_MAIL names nobody for compliance."),
        ("dsop.W123", "DESK_MAIL names nobody for auditor."),
    ]


@pytest.mark.parametrize(
    ("ago", "late"),
    [
        pytest.param(None, [], id="it never ran"),
        pytest.param(timedelta(minutes=14), [], id="a while ago"),
        pytest.param(timedelta(minutes=15, seconds=1), ["dsop.W124"], id="too long ago"),
    ],
)
def test_a_watcher_that_stands_still_is_noticed(ago, late):
    Folding.objects.update(succeeded_at=ago and timezone.now() - ago)
    assert [message.id for message in checks.check_watcher(databases=["default"])] == late
    assert checks.check_watcher(databases=[]) == []
