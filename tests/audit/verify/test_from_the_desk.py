"""The auditor verifies from the desk: what is found is said in words, and so is what could not be looked at."""

import html
import re
import time
from datetime import timedelta
from http import HTTPStatus

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth.models import Group, User
from django.test import Client

from audit import access
from audit.appending import NotRecorded
from audit.models import Access
from compliance import verifying
from compliance.people import make_groups
from legal.models import PersonAccount
from tests.audit.verify.conftest import KEY
from tests.audit.verify.trail import NOON
from tests.legal.governed import person

pytestmark = pytest.mark.django_db
PAGE = "/admin/desk/verify/"
DAY = f"{NOON:%Y-%m-%d}"
NO_COPY = "the copy outside: this server is not told where it is (AUDIT_COPY)"
NO_KEYS = "signatures: this server is not told the public keys (AUDIT_SEAL_PUBLIC_KEYS_FILE)"
WITNESSES = "what witnesses gave: the command audit_verify alone reads it"
LOOKED = [
    *("months: 1", "rows: 11", "checkpoints: 6", "kept answers: 4"),
    *("months deleted by decision: 0", "rows not yet sealed: 0"),
]


def client(name, group):
    make_groups()
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set(Group.objects.filter(name=group))
    PersonAccount.objects.create(user=user, person=person(name.title()))
    made = Client(headers={"host": "localhost"})
    made.force_login(user)
    return made


@pytest.fixture
def rita(trail, connected_as, monkeypatch, settings):
    """The auditor, over a sealed trail. It is read as the server reads it, over a session of its own."""
    monkeypatch.setattr(verifying, "connection", connected_as("serving"))
    settings.AUDIT_COPY = settings.AUDIT_SEAL_PUBLIC_KEYS_FILE = ""
    return client("rita", "auditor")


def said(answer):
    """Return the verdict, the findings, what was not checked, and what was looked at."""
    page = html.unescape(answer.content.decode())

    def items(name):
        found = re.findall(rf'<ul id="{name}">(.*?)</ul>', page, re.DOTALL)
        return re.findall("<li>(.*?)</li>", found[0]) if found else []

    verdict = re.findall('<p id="verdict"><strong>(.*?)</strong>', page)
    return (
        verdict,
        re.findall('<tr><th scope="row">(.*?)</th><td>(.*?)</td>', page),
        items("unchecked"),
        items("looked"),
    )


def verify(browser, first=DAY, last=DAY):
    return browser.post(PAGE, {"first": first, "last": last})


def test_an_untouched_trail(rita, trail):
    assert said(verify(rita)) == (
        ["Everything that could be checked holds."],
        [],
        [WITNESSES, NO_KEYS, NO_COPY],
        LOOKED,
    )


def test_with_keys_and_copy_more_is_checked(rita, trail, settings, tmp_path):
    keys = tmp_path / "keys.pem"
    keys.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    keys.chmod(0o600)
    settings.AUDIT_COPY, settings.AUDIT_SEAL_PUBLIC_KEYS_FILE = f"folder:{trail.folder}", str(keys)
    assert said(verify(rita))[2] == [WITNESSES]


def test_what_does_not_hold_is_said_in_words(rita, trail):
    trail.tamper("UPDATE audit_record SET service = 'another' WHERE id = '{record1}'")
    verdict, findings, _unchecked, _looked = said(verify(rita))
    assert verdict == ["Something does not hold. Tell the security officer, and change nothing."]
    where = "audit_record {month}, row {record1}".format(**trail.names)
    assert ("The row or its salt is not what was sealed", where) in findings


def test_there_is_no_more_than_a_page_shows(rita, trail, monkeypatch):
    monkeypatch.setattr(verifying, "MOST_SHOWN", 1)
    trail.tamper("UPDATE audit_record SET service = 'another'")
    answer = verify(rita)
    assert len(said(answer)[1]) == 1
    assert (
        "There is more than a page shows. Have the command audit_verify run over these days." in answer.content.decode()
    )


def test_when_the_time_is_over_that_is_said_and_nothing_stays_open(rita, trail, monkeypatch):
    monkeypatch.setattr(verifying, "SECONDS", 0)
    begun = time.monotonic()
    done = verifying.verified(NOON.date(), NOON.date(), seconds=0)
    assert done.unfinished == "The time of a page was over, or the database ended it."
    assert time.monotonic() - begun < 5
    assert said(verify(rita))[0] == ["Everything that could be checked holds."], "the session serves on"


def test_only_one_at_a_time(rita, trail):
    with verifying.one_at_a_time():
        assert "Somebody verifies just now." in verify(rita).content.decode()
    assert said(verify(rita))[0]


@pytest.mark.parametrize(
    "days",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"first": DAY}, id="no last day"),
        pytest.param({"first": DAY, "last": f"{NOON - timedelta(days=1):%Y-%m-%d}"}, id="the last before the first"),
        pytest.param({"first": DAY, "last": f"{NOON + timedelta(days=31):%Y-%m-%d}"}, id="32 days"),
        pytest.param({"first": "10.11.2026", "last": "10.11.2026"}, id="as one writes days by hand"),
        pytest.param({"first": "٢٠٢٦-11-10", "last": DAY}, id="digits of another script"),
        pytest.param({"first": "2026-11-10\x00", "last": DAY}, id="a zero byte"),
        pytest.param({"first": "2026-02-30", "last": DAY}, id="a day that is none"),
    ],
)
def test_days_that_are_refused(rita, days):
    answer = rita.post(PAGE, days)
    assert "Nothing was verified." in answer.content.decode()
    assert not noted()


def noted():
    return list(Access.objects.filter(page="desk verify").values_list("person", "words"))


def test_it_is_noted_first(rita, trail, monkeypatch):
    verify(rita)
    assert noted() == [("rita", f"first={DAY} last={DAY}")]

    def fails(*columns):
        raise NotRecorded

    monkeypatch.setattr(access, "append", fails)
    monkeypatch.setattr(verifying, "verified", None)
    assert verify(rita).status_code == HTTPStatus.SERVICE_UNAVAILABLE


def test_a_link_verifies_nothing(rita, monkeypatch):
    monkeypatch.setattr(verifying, "verified", None)
    answer = rita.get(PAGE, {"first": DAY, "last": DAY})
    assert answer.status_code == HTTPStatus.OK and not noted()


@pytest.mark.parametrize("group", ["administrator", "compliance reader", "compliance officer", "reporting"])
def test_nobody_else_verifies(group):
    browser = client("nina", group)
    assert [browser.get(PAGE).status_code, verify(browser).status_code] == [HTTPStatus.FORBIDDEN] * 2
    assert "Verify the trail" not in browser.get("/admin/").content.decode()
