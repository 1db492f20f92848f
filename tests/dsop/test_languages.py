"""The admin in Norwegian and in English: every page, the choice between them, and machines that never hear of it."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from http import HTTPStatus

import polib
import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from audit.models import AuditRecord, TurnedAway
from audit.recording import record
from compliance.people import make_groups
from dsop.models import AgencyCertificate
from legal import opening
from legal.models import BankruptcyNotice, DataConsumer, NoticeReading, PersonAccount
from legal.service_files import standard_paths
from tests.audit.entries import answered
from tests.catalogue import CATALOGUE
from tests.legal.governed import approve, draft, person, service
from tests.legal.notices import COMPANY, PERSON, UNIT, found, kept

pytestmark = pytest.mark.django_db(databases=["default"])
AGENCY = "974761076"
SHOWN = {"title", "alt", "aria-label", "placeholder"}


class Texts(HTMLParser):
    """The texts of a page, each as it stands between two tags, and those that tags carry."""

    def __init__(self, page):
        super().__init__()
        self.silent, self.found = 0, set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.silent += tag in {"script", "style", "pre"}
        given = dict(attrs)
        self.found |= {" ".join(value.split()) for name, value in given.items() if name in SHOWN and value}
        if tag == "input" and given.get("type") == "submit":
            self.found.add(given["value"])

    def handle_endtag(self, tag):
        self.silent -= tag in {"script", "style", "pre"}

    def handle_data(self, data):
        if not self.silent and re.search(r"[a-zæøå]", data, re.IGNORECASE):
            self.found.add(" ".join(data.split()))


@pytest.fixture
def world():
    """Something of everything that the admin shows, and somebody who may see it all."""
    make_groups()
    user = User.objects.create_user("root", is_staff=True, is_superuser=True)
    kari, ola = person("Kari"), person("Ola")
    PersonAccount.objects.create(user=user, person=kari)
    saldo = service()
    approve(draft(saldo, ola, accounts_currency="withhold"), kari)
    waiting = draft(saldo, ola, day=date(2100, 1, 1))
    approve(waiting, kari)
    mine, theirs = draft(saldo, kari, accounts_type="may_omit"), draft(saldo, ola, accounts_name="deliver")
    agency = DataConsumer.objects.get(organisation_number=AGENCY)
    closing = opening.close_consumer(agency, by=kari, reason="x")
    opening.ask_to_open(closing, by=ola, reason="x")
    field = opening.close_field(saldo, "accounts", "accounts.type", by=kari, reason="x", today=date.today())
    kept(found(1, "aapning", COMPANY), found(2, "aapning", PERSON, units=[UNIT]), found(3, "avslutning", COMPANY, fault="json"))
    NoticeReading.objects.update_or_create(pk=1, defaults={"position": timezone.now(), "read_at": datetime(2026, 1, 1, tzinfo=UTC)})
    TurnedAway.objects.create(minute=timezone.now(), reason="tok.missing", consumer="", count=3)
    certificate, _ = AgencyCertificate.objects.update_or_create(participant=AGENCY, defaults={"outcome": "failed", "reasons": ["timeout", "crt.usage"], "pinned": False})
    refused = record(answered(outcome="refused", refusal="PeriodNotToday", code="ACC-001", http_status=400, service_version=1))
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    return {
        "client": client, "mine": mine, "theirs": theirs, "waiting": waiting, "closing": closing, "field": field,
        "saldo": saldo, "refused": refused, "agency": agency,
    }


def pages(world):
    found = ["admin:index", "admin:password_change"]
    urls = [reverse(name) for name in found]
    for model, shown in admin.site._registry.items():
        prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls.append(reverse(f"{prefix}_changelist"))
        urls.append(reverse(f"{prefix}_add"))
        for row in model.objects.all()[:2]:
            urls += [reverse(f"{prefix}_{name}", args=[row.pk]) for name in ("change", "history", "delete")]
    for name in ("mine", "theirs", "waiting"):
        urls += [reverse(f"admin:legal_serviceversion_{page}", args=[world[name].pk]) for page in ("change", "differences", "history")]
    urls += [reverse("admin:legal_serviceversion_edit", args=[world["mine"].pk])]
    return urls


def test_explore(world):
    client = world["client"]
    everything = {}
    for url in pages(world):
        en, nb = (client.get(url, headers={"accept-language": language}) for language in ("en", "nb"))
        print(url, en.status_code)
        if en.status_code != 200: continue
        a, b = (Texts(answer.content.decode()).found for answer in (en, nb))
        for text in a & b:
            everything.setdefault(text, url)
    data = {p for ps in standard_paths().values() for p in ps}
    for text, url in sorted(everything.items()):
        if text not in data: print(repr(text), url)
    assert 0
