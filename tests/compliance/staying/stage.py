"""The desk in full use: numbers come in by every way there is, and everybody's pages are there to be walked."""

import logging
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from accounts.parties import party_known_by
from audit import outbound, recording
from audit.models import Decision
from compliance.breach.models import Breach, Contact, Notice, Outage, WrongDisclosure
from compliance.breach.noticing import fingerprint
from compliance.citizens.models import CitizenLetter, CitizenRequest
from compliance.exporting.columns import CHOSEN
from compliance.exporting.models import ExportRequest
from compliance.people import make_groups
from compliance.watching.models import Alert, Folding, WatchRule
from compliance.watching.windows import HOUR, hour_of
from legal.models import Person
from legal.periods import OSLO
from sandbox.management.commands.sandbox_users import make
from tests.audit.entries import answered
from tests.compliance.staying.searching import Known
from tests.consumer import identifier

OPEN, FORMER, SHIELDED = (
    identifier("debtor-five-accounts"),
    identifier("former-number"),
    identifier("shielded-strictly"),
)
NAME, STREET = "Ánde Šuorŋŋá Łukasz", "Čáhcesuolu 7"
KNOWN = {
    "who is asked about": OPEN,
    "a shielded person": SHIELDED,
    "the guardian": "03810112346",
    "an account": "97104812349",
    "another account": "97104812357",
    "an account reference": "97104812365",
    "refused for its form": "05810112348",
    "typed as RequesterID": "06810112349",
    "typed as Legal-Mandate": "07810112340",
    "in the kept answer": "04810112347",
    "an employee": "08810112341",
    "a citizen's name": NAME,
    "a citizen's street": STREET,
}
CASE, SHIELDED_CASE = (
    uuid.UUID("0190a1b2-0000-4000-8000-0000000000a1"),
    uuid.UUID("0190a1b2-0000-4000-8000-0000000000a2"),
)
WHY = {"reason": "citizen", "case_reference": "2026/77", "words": "Brev av i går"}
COURT = {"account_info_request_id": str(CASE), "reason": "court", "case_reference": "K-17", "columns": CHOSEN}
ACCOUNTS = ("administrator", "compliance", "officer", "officer-2", "officer-again", "auditor", "reporting")
"""One of each group of the sandbox, and those who agree to what another asked for."""
SUPERUSER = "superuser"


class Seen(NamedTuple):
    """What stood in an answer."""

    who: str
    page: str
    method: str
    language: str
    status: int
    cache: str
    found: frozenset[str]


class Stage:
    """The accounts' browsers, what was put in, and every answer that was given meanwhile."""

    def __init__(self):
        make_groups()
        for name in ACCOUNTS:
            make(name, token_urlsafe(15))
        users = {name: User.objects.get(username=name) for name in ACCOUNTS}
        users[SUPERUSER] = User.objects.create_superuser("superuser-of-a-test")
        self.cases = (CASE, SHIELDED_CASE)
        self.users, self.browsers = users, {name: signed_in(user) for name, user in users.items()}
        self.known, self.seen = Known(self.numbers()), []

    @staticmethod
    def numbers():
        """Return what is looked for, with what the ledger has besides of those asked about."""
        former = {f"a former number, {n}": number for n, number in enumerate(party_known_by(FORMER).numbers)}
        return {**KNOWN, **former, "the ledger's name": party_known_by(OPEN).name}

    def ask(self, who, method, address, data=None, *, language="en", page=None):
        """Ask for a page, and keep what stood in the answer."""
        browser = self.browsers[who]
        answer = getattr(browser, method)(address, data, headers={"accept-language": language})
        cache, found = answer.headers.get("Cache-Control", ""), self.known.of_answer(answer)
        page = page or resolve(address.partition("?")[0]).url_name or address
        self.seen.append(Seen(who, page, method, language, answer.status_code, cache, frozenset(found)))
        return answer

    def get(self, who, page, *arguments):
        return self.ask(who, "get", reverse(f"admin:{page}", args=arguments))

    def post(self, who, page, *arguments, status=302, **data):
        answer = self.ask(who, "post", reverse(f"admin:{page}", args=arguments), data)
        assert answer.status_code == status, (page, answer.status_code, errors_in(answer))
        return answer


def signed_in(user):
    browser = Client(headers={"host": "localhost"})
    browser.force_login(user)
    return browser


def errors_in(answer):
    text = "" if answer.streaming else answer.content.decode("utf-8", "replace")
    return [line.strip() for line in text.splitlines() if "error" in line][:10]


def typed(moment):
    return moment.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M")


def asked_by_agencies():
    """Put questions into the trail as the corridor does, and one that the bank sent."""
    tax = {"service": "skatt-kontroll", "account_info_request_id": CASE, "account_reference": "97104812365"}
    tax |= {"accounts": ["97104812349", "97104812357"], "malformed": {"fromDate": "058101 12348"}}
    document = b'{"accounts": [{"primaryOwner": {"identifier": {"value": "04810112347"}}}]}'
    told = {
        "guardian": answered(
            **tax, control_object=OPEN, requester_id="Sb 06810112349", legal_mandate="Sak 078101 12340",
            endpoint="transactions", additional_reference="guardian 03810112346",
        ),
        "whole": answered(
            **tax, control_object=OPEN, document=document, document_digest=sha256(document).digest(),
            additional_reference="03810112346",
        ),
        "refused": answered(
            **tax, control_object=OPEN, outcome="refused", http_status=403, code="ACC-004", refusal="UnknownMandate",
            items=None, legal_mandate="07810112340",
        ),
        "former": answered(**tax, control_object=FORMER),
        "shielded": answered(
            service="skatt-kontroll", account_info_request_id=SHIELDED_CASE, control_object=SHIELDED,
            empty_because="shielded", items=0, accounts=[], malformed={},
        ),
    }  # fmt: skip
    made = {name: recording.record(entry) for name, entry in told.items()}
    sending = {"recipient": "974761076", "service": "agencies:bsu", "operation": "bsu.innsending"}
    made["sent"], *_rest = outbound.record_sent(
        **sending, parties={OPEN: ["97104812349"], FORMER: []}, body=b"", correlation_id=uuid.uuid4()
    )
    return made


def put_in(stage, mailbox):
    """Use the desk in every way in which a number comes in."""
    stage.records = asked_by_agencies()
    people(stage)
    finding(stage)
    citizens(stage)
    exporting(stage)
    breaches(stage)
    outages(stage)
    deciding(stage)
    watching(stage)
    stage.letters = [str(message) for message in mailbox.messages]


def people(stage):
    stage.post("superuser", "legal_person_add", employee_id="K-99", name="Nina Ny", number="08810112341")
    stage.person = Person.objects.get(employee_id="k-99").pk
    stage.post("superuser", "legal_person_change", stage.person, name="Nina Nyere", number="08810112341")


def finding(stage):
    for who in ("compliance", "officer"):
        for number in (OPEN, FORMER, "08810112341"):
            found = stage.post(who, "desk_find", number=number, **WHY, status=200)
    stage.post("compliance", "desk_find", id=str(CASE), status=200)
    stage.post("compliance", "desk_find", requester_id="Sb 06810112349", status=200)
    stage.post("auditor", "desk_find", id=str(CASE), status=200)
    stage.search = found.context["search"]
    stage.older = str(found.context["looked"].older)
    for record in stage.records.values():
        stage.post("officer", "desk_explained_numbers", record, status=200, **WHY)
        stage.post("officer", "desk_explained_document", record, status=200, **WHY)
        stage.post("officer", "desk_explained_document", record, status=200, file="1", **WHY)


def citizens(stage):
    today = timezone.localdate()
    given = {"number": OPEN, "case_reference": "2026/77", "identity": "electronic", "received_on": today}
    stage.post("officer", "desk_citizen_new", **given)
    stage.post("officer", "desk_citizen_new", **given)  # told that another one is open
    stage.citizen = CitizenRequest.objects.latest("registered_at").pk
    asker = {"name": NAME, "address": f"{STREET}\n9845 Deatnu", "identity": "electronic"}
    stage.post("officer", "desk_citizen_asker", stage.citizen, **asker)
    words = {"decision": "withheld", "ground": "security", "words": f"Omtaler {NAME}, {OPEN}"}
    row = CitizenRequest.objects.get(pk=stage.citizen).disclosures.first().pk
    stage.post("officer", "desk_citizen_rows", stage.citizen, row=row, **words)
    stage.post("officer", "desk_citizen_many", stage.citizen, decision="included")
    stage.post("officer", "desk_citizen_take_in", stage.citizen)
    stage.post("officer", "desk_citizen_letters", stage.citizen, kind="answer")
    stage.letter = CitizenLetter.objects.get().pk
    stage.post("officer", "desk_citizen_letter", stage.citizen, stage.letter, status=200)
    stage.post("officer", "desk_citizen_sent", stage.citizen, stage.letter, sent_on=today)


def exporting(stage):
    few = {**COURT, "number": FORMER}
    stage.post("officer", "desk_export", status=200, **few)
    stage.post("officer", "desk_export", status=200, **few, with_numbers="on")
    stage.post("officer", "desk_export", **COURT, number=OPEN, with_numbers="on")
    stage.export = ExportRequest.objects.get().pk
    stage.post("officer-2", "desk_export_request", stage.export, act="show", status=200)
    stage.post("officer-2", "desk_export_request", stage.export, act="agree")
    stage.post("officer", "desk_export_download", stage.export, status=200)


def breaches(stage):
    stage.post("officer", "desk_disclosed", service="skatt-kontroll", reason="breach", case_reference="B-7")
    stage.disclosure = WrongDisclosure.objects.get().pk
    stage.post("officer", "desk_disclosure", stage.disclosure)
    stage.post("officer", "desk_disclosure_persons", stage.disclosure, status=200, **WHY)
    words = {"happened": "For mange felt gikk ut.", "measures": "Regelen er rettet."}
    opened = {"kind": "wrong_rules", "discovered_at": typed(timezone.now() - HOUR), **words}
    stage.post("officer", "desk_breach_from", stage.disclosure, **opened)
    stage.breach = Breach.objects.get().pk
    stage.post("officer", "desk_breach_words", stage.breach, **words)
    risk = {"authority": "yes", "authority_ground": "Risiko", "subjects": "no", "subjects_ground": "Liten"}
    stage.post("officer", "desk_breach_decision", stage.breach, **risk)
    stage.post("officer", "desk_breach_step", stage.breach, done="Etaten er varslet.")
    for kind in Notice.Kind.values:
        if kind != Notice.Kind.OUTAGE:
            stage.post("officer", "desk_breach_notice", stage.breach, kind=kind, agency="974761076")
    stage.contact = contact(stage, agency="974761076", email="vakt@etat.example")
    for notice in Notice.objects.all():
        agree(stage, notice)
        stage.get("officer", "desk_notice_pdf", notice.pk)
    stage.notices = [*Notice.objects.values_list("pk", flat=True)]


def agree(stage, notice):
    stage.post("officer-2", "desk_notice", notice.pk, do="agree", seen=fingerprint(notice))
    stage.post("officer", "desk_notice", notice.pk, do="email")


def contact(stage, **given):
    stage.post("officer", "desk_contact_new", name="Vakten", **given)
    return Contact.objects.latest("pk").pk


def outages(stage):
    contact(stage, agency="", email="vakt@bits.example")
    begins = timezone.now() + timedelta(days=3)
    planned = {"starts_at": typed(begins), "ends_at": typed(begins + HOUR), "what": "Alt", "reason": "Vedlikehold"}
    stage.post("officer", "desk_outage_new", **planned)
    stage.outage = Outage.objects.get().pk
    agree(stage, Outage.objects.get().notices.get(agency=""))
    stage.post("officer", "desk_routine_change", "errors", contact="22 00 00 00", text="Ring vakten.")


def deciding(stage):
    stage.post("officer", "audit_decision_hold", case=str(CASE), ground="En sak pågår.")
    stage.decision = Decision.objects.latest("at").pk
    today = timezone.localdate()
    stage.post("auditor", "desk_verify", status=200, first=today, last=today)


def watching(stage):
    WatchRule.objects.update(threshold=1, is_on=True)
    hour = hour_of(datetime.now(UTC))
    Folding.objects.create(pk=1, first=hour, until=hour, reached=hour)
    call_command("desk_watch", "--once")
    stage.alerts = [*Alert.objects.values_list("pk", "audience")]
    assert {to for _pk, to in stage.alerts} == {"compliance", "auditor"}
    for alert, to in stage.alerts:
        who = "officer" if to == "compliance" else "auditor"
        stage.post(who, "desk_alert_behind", alert, status=200)
    stage.post(
        "officer", "desk_alert_settle", next(pk for pk, to in stage.alerts if to == "compliance"), words="Avklart"
    )


class Lines(logging.Handler):
    """Every log line, as the service writes it."""

    def __init__(self, formatter):
        super().__init__(logging.NOTSET)
        self.setFormatter(formatter)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))
