"""The admin in Norwegian and in English: every page, the choice between them, and machines that never hear of it."""

import html
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from http import HTTPStatus
from itertools import chain

import polib
import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from agencies.bsu.approvals import request_sending
from audit.access import note
from audit.models import TurnedAway
from audit.recording import record
from audit.retain import deciding
from audit.retain.deciding import Actor
from compliance.people import make_groups
from dsop.models import AgencyCertificate
from legal import opening
from legal.endpoints import Endpoint
from legal.models import DataConsumer, NoticeReading, PersonAccount, RateLimit, ServiceVersion
from legal.register import today_in_oslo
from legal.service_files import standard_paths
from legal.version_forms import first_words
from tests.agencies.bsu.kept_deliveries import DOUBT, FAULT, kept_delivery
from tests.agencies.pension import agreements
from tests.audit.entries import answered
from tests.catalogue import HOMES, catalogue_of
from tests.legal.governed import SLUG, approve, draft, person, service
from tests.legal.notices import COMPANY, PERSON, UNIT, found, kept

pytestmark = pytest.mark.django_db(databases=["default"])
OK, FORBIDDEN, FOUND = HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.FOUND
AGENCY = "974761076"
SHOWN = {"title", "alt", "aria-label", "placeholder"}


def plain(text):
    """Return a text without what the page adds: a capital letter, a colon, the arrow of the breadcrumbs."""
    return text.strip().removeprefix("›").strip().removesuffix(":").casefold()


WITH_PERMISSIONS = {Group, User}
"""Their forms list permissions, whose names are rows that Django writes, in English."""

TRANSLATED = {}
for entry in chain.from_iterable(polib.pofile(str(catalogue_of(home))) for home in HOMES):
    if not entry.msgid_plural and "%" not in entry.msgid:
        TRANSLATED.setdefault(plain(entry.msgid), set()).add(plain(entry.msgstr))
WIRE = {
    "AccountInfoRequestID",
    "AdditionalReferenceID",
    "CorrelationID",
    "Legal-Mandate",
    "OnlyPrimaryOwner",
    "RequesterID",
}
ALGORITHMS = {*DataConsumer.KeyAlgorithm.values, *DataConsumer.ContentEncryption.values}
DJANGO = {"True", "False", "Search", "Id"}
"""Words that its templates write as they are."""
NAMES = (
    WIRE
    | ALGORITHMS
    | DJANGO
    | {"DSOP Kontrollinformasjon", "CertPub", "Person", "Type", "load_services", "sandbox_users"}
    | {"BSU", "IdempotencyKey", "DialogId", "ForsendelseId"}  # Skatteetaten's own names
)
CODE = re.compile(r"[0-9a-f-]{32,64}|20\d\d-\d\d-\d\d \S+ CES?T|https?://\S+|(?:person|id): – → .*|administrator.*")


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


def sealed_in_checkpoint_17(superuser):
    """Put a checkpoint in the table, as the sealer would: this process may not."""
    with superuser() as session:
        session.execute(
            "INSERT INTO audit_checkpoint (number, sealed_table, month, size, root, previous, below, cluster, at, key,"
            " signature) VALUES (17, 'audit_record', '2026-11-01', 7, '', '', 4711, '71', now(), repeat('ef', 32), '')"
        )


@pytest.fixture
def world(superuser, clean_audit):
    """Something of everything that the admin shows, for somebody who may see it all; the pages it has."""
    make_groups()
    user = User.objects.create_user("kari@bank", is_staff=True, is_superuser=True)
    kari, ola = person("Kari"), person("Ola")
    PersonAccount.objects.create(user=user, person=kari)
    saldo = service()
    for changes in ({"accounts_currency": "withhold"}, {"day": date(2100, 1, 1)}):
        approve(draft(saldo, ola, **changes), kari)
    mine, theirs = draft(saldo, kari, accounts_type="may_omit"), draft(saldo, ola, accounts_name="deliver")
    agency = DataConsumer.objects.get(organisation_number=AGENCY)
    closing = opening.close_consumer(agency, by=kari, reason="?")
    opening.ask_to_open(closing, by=ola, reason="?")
    opening.close_field(saldo, "accounts", "accounts.type", by=kari, reason="?", today=today_in_oslo())
    other = DataConsumer.objects.exclude(pk=agency.pk).first()
    DataConsumer.objects.filter(pk=other.pk).update(is_open=False)  # past the admin
    openings = [found(1, "aapning", COMPANY), found(2, "aapning", PERSON, units=[UNIT])]
    kept(*openings, found(3, "avslutning", COMPANY, fault="json"))
    read = {"position": timezone.now(), "read_at": datetime(2026, 1, 1, tzinfo=UTC)}
    NoticeReading.objects.update_or_create(pk=1, defaults=read)
    RateLimit.objects.create(service=saldo, per_second=20, burst=300)
    TurnedAway.objects.create(minute=timezone.now(), reason="tok.missing", consumer="", count=3)
    note(user, "auditrecord list", words="day=2026-11-22")
    faulty = {"outcome": "failed", "reasons": ["timeout", "crt.usage"], "pinned": False}
    AgencyCertificate.objects.update_or_create(participant=AGENCY, defaults=faulty)
    refusal = {"refusal": "PeriodNotToday", "code": "ACC-001", "http_status": 400}
    sealed_in_checkpoint_17(superuser)
    refused = record(answered(outcome="refused", service=saldo.slug, service_version=1, **refusal))
    held = deciding.hold(answered().account_info_request_id, ground="?", by=Actor("kari", "kari@bank"))
    deciding.request_release(held, ground="?", by=Actor("ola", "ola@bank"))
    agreements.kept(agreements.wish())
    delivery = kept_delivery(findings=[FAULT, DOUBT], state="rejected", sent_at=timezone.now(), submission_id="an-id")
    sendable = kept_delivery()
    request_sending(sendable, because="?", by=ola, now=timezone.now())
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    shown = lists_and_rows() | {
        page("legal_serviceversion_edit", mine.pk),
        page("legal_serviceversion_change", theirs.pk),
        page("legal_serviceversion_differences", theirs.pk),
        page("legal_serviceversion_differences", mine.pk),
        page("legal_closing_close", "service", saldo.pk),
        page("legal_closing_close_field", saldo.pk),
        page("legal_closing_ask", closing.pk),
        page("legal_dataconsumer_change", other.pk),
        page("legal_service_explain", saldo.pk),
        page("legal_service_explain", saldo.pk) + "?endpoint=cards",
        page("desk_explained", refused),
        page("dsop_agencycertificate_pin", AGENCY),
        *(page(f"audit_decision_{name}") for name in ("hold", "deletions", "waiting")),
        page("audit_decision_release", held),
        page("bsu_delivery_change", delivery.pk),
        page("bsu_delivery_change", sendable.pk),
        page("bsu_delivery_findings", delivery.pk),
        page("bsu_delivery_send", kept_delivery().pk),
    }
    return client, shown


def page(name, *arguments):
    return reverse(f"admin:{name}", args=arguments)


def lists_and_rows():
    """Return the index, and of each model the list, the form for a new one, a row and its history."""
    found = {page("index"), page("password_change")}
    for model in admin.site._registry:
        prefix = f"{model._meta.app_label}_{model._meta.model_name}"
        found.add(page(f"{prefix}_changelist"))
        if model not in WITH_PERMISSIONS:
            found.add(page(f"{prefix}_add"))
            newest = model.objects.order_by("-pk").first()
            assert newest is not None, f"the world has a {model._meta.model_name}"
            found |= {page(f"{prefix}_{name}", newest.pk) for name in ("change", "history")}
    return found


def texts(client, url, language):
    answer = client.get(url, headers={"accept-language": language})
    if answer.status_code == FORBIDDEN:  # nobody adds there
        return set()
    assert (answer.status_code, answer.headers["Content-Language"]) == (OK, language), url
    return Texts(answer.content.decode()).found


def test_every_page_is_norwegian(world):
    """What stands on a page in English and in Norwegian alike is a name or data; nothing that is translated is left."""
    client, urls = world
    english, alike, left = set(), {}, {}
    for url in sorted(urls):
        both = texts(client, url, "en"), texts(client, url, "nb")
        known = {plain(text) for text in both[0]} & TRANSLATED.keys()
        norwegian = {plain(text) for text in both[1]}
        left |= {text: url for text in known if not TRANSLATED[text] & norwegian}
        left |= {
            text: url for text in known & norwegian if text not in TRANSLATED[text] | {plain(name) for name in DJANGO}
        }
        english |= known
        alike |= dict.fromkeys(both[0] & both[1], url)
    assert left == {}
    data = in_the_database() | NAMES
    assert {text: url for text, url in alike.items() if not is_data(text, data)} == {}
    assert len(english) > 200, "the pages show most of our texts"


def in_the_database():
    """Return what rows call themselves and what they hold, and the standard's names."""
    found = {*Endpoint, *(path for paths in standard_paths().values() for path in paths)}
    for model in admin.site._registry:
        columns = [
            column.attname
            for column in model._meta.concrete_fields
            if column.get_internal_type().startswith(("Char", "Slug"))
        ]
        kept = [column.attname for column in model._meta.concrete_fields if column.get_internal_type() == "JSONField"]
        for row in model.objects.all():
            found |= {str(row), *(str(getattr(row, name)) for name in columns)}
            found |= {text for name in kept for text in said(getattr(row, name))}
    return found


def said(value):
    """Yield the texts of a value of JSON, and its members as `name: value`: what was found is kept as it was told."""
    match value:
        case str():
            yield value
        case list():
            yield from chain.from_iterable(map(said, value))
        case dict():
            yield from (f"{name}: {member}" for name, member in value.items())
            yield from said([*value.values()])


def is_data(text, data):
    word = text.removeprefix("›").strip().removesuffix(":")
    return word in data or CODE.fullmatch(word) or word.startswith("PeriodNotToday")


TOLD = {
    "admin:index": "Revisjonsspor Hjemler Kryptering Revisjonsposter Etater Tjenesteversjoner Sperringer",
    "admin:legal_serviceversion_changelist": "Tjeneste Versjon Status Opphav Forfatter Godkjenner",
}


@pytest.mark.parametrize(("name", "words"), TOLD.items(), ids=TOLD)
def test_a_page_says(world, name, words):
    client, _urls = world
    assert texts(client, reverse(name), "nb") >= set(words.split())


def test_the_form_of_a_draft_in_norwegian(world):
    """Whole: the switches, one endpoint's rules with their choices, and the five words of a field."""
    client, urls = world
    url = next(url for url in urls if url.endswith("/edit/"))
    shown = client.get(url, headers={"accept-language": "nb"}).content.decode()
    labels = [html.unescape(text) for text in re.findall(r"<label[^>]*>([^<]+)</label>", shown)]
    assert labels[:5] == ["Navn:", "Trer i kraft:", *SWITCHES_TOLD]
    first = labels.index("Tilbys:")
    assert labels[first : first + 7] == STEP_TOLD
    assert options(shown, "accounts:period") == PERIODS_TOLD
    assert options(shown, "accounts:accounts.type") == WORDS_TOLD


def options(shown, name):
    select = re.search(rf'<select name="{name}".*?</select>', shown, re.DOTALL)[0]
    return [html.unescape(text) for text in re.findall(r"<option[^>]*>([^<]+)</option>", select)]


SWITCHES_TOLD = [
    "Felt som standarden ikke har avgjort:",
    "Kontoer kan føres opp som dataNotDelivered:",
    "Andre disponenter på kontoen:",
]
STEP_TOLD = [
    "Tilbys:",
    "Hjemmelstekster, én på hver linje:",
    "Periode:",
    "Eiere:",
    "RequesterID:",
    "Tilleggsreferanse:",
    "Forutsetning:",
]
PERIODS_TOLD = [
    "bare i dag (today_only)",
    "høyst ti år tilbake (ten_years)",
    "fra tolv måneder før konkurskjennelsen til i dag (year_before_ruling)",
    "fra tre måneder før dødsfallet til i dag (three_months_before_death)",
    "innenfor forrige kalenderår (last_calendar_year)",
]
WORDS_TOLD = [
    "technical (sendes alltid)",
    "deliver (sendes)",
    "may_omit (utelates, slik standarden tillater)",
    "withhold (sendes aldri)",
    "undecided (som tjenesten velger for uavgjorte felt)",
]


def test_the_comparison_in_norwegian(world):
    client, _urls = world
    version = ServiceVersion.objects.get(service__slug=SLUG, author__name="Ola", state="draft")
    url = page("legal_serviceversion_differences", version.pk)
    shown = client.get(url, headers={"accept-language": "nb"}).content.decode()
    rows = re.findall(r'<tr class="(?:opens|closes|changes)">(.*?)</tr>', shown)
    assert [tuple(re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", row)) for row in rows] == [
        ("åpnes", "accounts", "accounts.currency", "withhold (sendes aldri)", "deliver (sendes)"),
        ("endres", "accounts", "accounts.name", "withhold (sendes aldri)", "deliver (sendes)"),
    ]


def test_a_fault_stands_beside_its_field_in_norwegian(world):
    client, urls = world
    url = next(url for url in urls if url.endswith("/edit/"))
    version = ServiceVersion.objects.get(pk=url.split("/")[-3])
    words = {
        name: "on" if value is True else value
        for name, value in first_words(version.rules).items()
        if value is not False
    }
    answer = client.post(url, {**words, "accounts:mandates": "A\nA"}, headers={"accept-language": "nb"})
    shown = html.unescape(answer.content.decode())
    row = next(part for part in shown.split('<div class="form-row') if 'name="accounts:mandates"' in part)
    assert "steps.accounts.mandates nevner en tekst to ganger." in row
    assert "Ingenting ble lagret." in shown
    assert 'id="language"' not in shown, "what was typed is not thrown away"


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        pytest.param("nb-NO,nb;q=0.9,en;q=0.8", "nb", id="bokmål"),
        pytest.param("no", "nb", id="Norwegian"),
        pytest.param("nn-NO, en;q=0.5", "nb", id="nynorsk"),
        pytest.param("en-GB,nb;q=0.5", "en", id="English first"),
        pytest.param("de,fr;q=0.9", "en", id="neither"),
        pytest.param("known;q=1", "en", id="no language at all"),
        pytest.param(None, "en", id="nothing said"),
    ],
)
def test_the_browser_chooses(asked, language):
    answer = Client(headers={"host": "testserver", **({"accept-language": asked} if asked else {})}).get(
        "/admin/login/"
    )
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in answer.content.decode()


def switch(language, **changes):
    client = Client(headers={"host": "testserver", "accept-language": "nb"}, enforce_csrf_checks=False)
    return client, client.post("/admin/language", {"language": language, "next": "/admin/login/", **changes})


def test_a_person_chooses():
    client, answer = switch("en")
    assert (answer.status_code, answer.headers["Location"]) == (FOUND, "/admin/login/")
    cookie = answer.cookies["django_language"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin", True, "Lax")
    assert client.get("/admin/login/").headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    "onward", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "/\\elsewhere"]
)
def test_the_switch_leads_nowhere_else(onward):
    assert switch("en", next=onward)[1].headers["Location"] == "/"


def test_the_switch_wants_our_own_form():
    client = Client(headers={"host": "testserver"}, enforce_csrf_checks=True)
    assert client.post("/admin/language", {"language": "nb"}).status_code == FORBIDDEN


def test_machines_never_hear_of_it():
    """After a Norwegian page the same thread answers a machine, byte for byte as before."""
    client = Client(headers={"host": "testserver", "accept-language": "nb"})
    client.cookies["django_language"] = "nb"
    before = client.get("/v2/accounts")
    assert client.get("/admin/login/").headers["Content-Language"] == "nb"
    assert translation.get_language() == "en"
    after = client.get("/v2/accounts")
    assert (after.content, sorted(after.headers)) == (before.content, sorted(before.headers))
    assert not {"Content-Language", "Vary"} & after.headers.keys()
