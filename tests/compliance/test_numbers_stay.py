"""Every personal number at the desk: where it may be seen, by whom and after what, and that it is nowhere else."""

import json
import logging
from http import HTTPStatus
from itertools import product
from typing import NamedTuple

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import override_settings

from compliance.finding import looking, searching
from dsop.logs import JSONLines
from tests.compliance.staying.routes import addresses
from tests.compliance.staying.searching import Known
from tests.compliance.staying.stage import SUPERUSER, Lines, Stage, put_in
from tests.compliance.staying.typed import (
    PASSWORDS,
    TYPED_NUMBER,
    Shown,
    fields_of,
    keep_longest,
    typed_in_addresses,
    words_fields,
)
from tests.mailbox import running_mailbox

TABLES = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition
  AND has_table_privilege(pg_class.oid, 'SELECT')
"""
VISITORS = ("administrator", "compliance", "auditor", "reporting", SUPERUSER, "officer")
ASKED_ABOUT = {"who is asked about", "a former number, 1", "a shielded person"}
ACCOUNTS = {"an account", "another account"}
OF_A_RECORD = ACCOUNTS | {"an account reference", "refused for its form"}
TYPED = {"typed as RequesterID", "typed as Legal-Mandate"}
"""What an agency wrote where no number belongs: it is in the trail as it came, and masked wherever it is shown."""


class Allowed(NamedTuple):
    """A page that shows numbers: to those with the right, and what."""

    page: str
    method: str
    right: str
    what: set[str]


NUMBERS, DOCUMENT = "compliance.see_numbers", "compliance.open_document"
CITIZENS, EXPORT = "compliance.answer_citizen", "compliance.export_records"
ALLOWED = [
    # Asked for with a reason, for one record.
    Allowed("desk_explained_numbers", "post", NUMBERS, ASKED_ABOUT | OF_A_RECORD | {"the guardian"}),
    Allowed("desk_explained_document", "post", DOCUMENT, {"in the kept answer"}),
    # Asked for with a reason, for the persons whom a wrong disclosure was about.
    Allowed("desk_disclosure_persons", "post", NUMBERS, ASKED_ABOUT),
    # Whoever answers a citizen reads the name on the letters, and what an officer wrote of the grounds.
    Allowed("desk_citizen", "get", CITIZENS, {"a citizen's name", "who is asked about"}),
    # The letter itself is to the citizen: a name and an address, and nobody's number.
    Allowed("desk_citizen_letter", "post", CITIZENS, {"a citizen's name", "a citizen's street"}),
    # Exports with numbers: alone while there are few records, and agreed to by another person.
    Allowed("desk_export", "post", NUMBERS, {"a former number, 1"} | OF_A_RECORD),
    Allowed("desk_export_download", "post", NUMBERS, {"who is asked about", "the guardian"} | OF_A_RECORD | TYPED),
    # By which number a large export is asked for: shown to whoever is to agree, on a button that is noted.
    Allowed("desk_export_request", "post", NUMBERS, {"who is asked about"}),
]
IN_CLEAR = {
    ("audit_record", "requester_id"): {"typed as RequesterID"},
    ("audit_record", "legal_mandate"): {"typed as Legal-Mandate"},
}
ASKED_FOR = "The field asks for a number; a keyed hash or a sealed text is kept."
AS_IT_CAME = "An agency may have written a number there: it is looked for as it came, and noted as a question mark."
OF_THE_GROUNDS = "What an officer writes of a ground for withholding is sealed, and deleted with the request."
MAY_BE_TYPED = {
    ("desk_export", "number"): ASKED_FOR,
    ("desk_export", "legal_mandate"): AS_IT_CAME,
    ("desk_export", "requester_id"): AS_IT_CAME,
    ("desk_citizen", "words"): OF_THE_GROUNDS,
}
"""Where the desk takes a number, and why. It comes back in no page, and is kept nowhere in clear."""
MAIL = {"compliance": ["desk@bank.example"], "auditor": ["auditor@bank.example"]}


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker, tmp_path_factory):
    """One setting for all these tests, which is taken back at the end."""
    metrics, lines = tmp_path_factory.mktemp("metrics") / "desk.prom", Lines(JSONLines())
    with django_db_blocker.unblock(), running_mailbox() as mailbox, pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "ROWS", 2)
        patch.setattr(looking, "BUDGET_SECONDS", 60)
        patch.setattr(looking, "SLICE_SECONDS", 60)
        mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": mailbox.port, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}
        desk = {"DESK_MAIL": MAIL, "DESK_METRICS_FILE": str(metrics), "DEFAULT_FROM_EMAIL": "dsop@bank.example"}
        desk["DESK_EXPORT_ALONE_ROWS"] = 2
        with override_settings(**mail, **desk), RolledBack("default"), RolledBack("ledger"):
            logging.getLogger().addHandler(lines)
            try:
                made = Stage()
                made.lines, made.typed, made.forms = lines.lines, Known({"typed": TYPED_NUMBER}), {}
                put_in(made, mailbox)
                made.metrics = metrics.read_text()
                yield made
            finally:
                logging.getLogger().removeHandler(lines)


class RolledBack(transaction.Atomic):
    """As the suite's own tests do: nothing stays, and transactions inside are savepoints."""

    def __init__(self, alias):
        super().__init__(alias, savepoint=True, durable=False)
        self._from_testcase = True

    def __exit__(self, kind, error, trace):
        transaction.set_rollback(True, using=self.using)
        super().__exit__(kind, error, trace)


@pytest.fixture(scope="module")
def walked(stage):
    """Every page of the admin, asked for by each group, and once more in Norwegian where it was given."""
    for name, found in addresses(stage).items():
        given = ""
        for who, address in product(VISITORS, found):
            answer = stage.ask(who, "get", address, page=name)
            if answer.status_code == HTTPStatus.OK and not answer.streaming:
                keep_longest(stage.forms, name, Shown(who, address, answer))
            if answer.status_code == HTTPStatus.OK and who != given:
                stage.ask(who, "get", address, page=name, language="nb")
                given = who
    return stage


def test_a_number_is_seen_only_where_it_may_be(walked):
    showing = [seen for seen in walked.seen if seen.found]
    places = {(seen.page, seen.method) for seen in showing}
    found = {
        place: {what for seen in showing if (seen.page, seen.method) == place for what in seen.found}
        for place in places
    }
    assert found == {(place.page, place.method): place.what for place in ALLOWED}


def test_whoever_sees_one_has_the_right_and_nobody_keeps_it(walked):
    rights = {(place.page, place.method): place.right for place in ALLOWED}
    showing = {seen for seen in walked.seen if seen.found and (seen.page, seen.method) in rights}
    assert {seen for seen in showing if not walked.users[seen.who].has_perm(rights[seen.page, seen.method])} == set()
    assert {seen for seen in showing if "no-store" not in seen.cache} == set()


def test_no_log_line_letter_or_metric_has_a_number(walked):
    assert walked.lines and walked.letters and "desk_alerts_open" in walked.metrics
    assert walked.known.among(*walked.lines) == set()
    assert walked.known.among(*walked.letters) == set()
    assert walked.known.among(walked.metrics) == set()


def test_what_the_database_keeps_in_clear(walked):
    found = {(table, column): walked.known.among(text) for table, column, text in kept()}
    assert {place: what for place, what in found.items() if what} == IN_CLEAR


def kept():
    """Yield every value of every table that the service may read, once, with where it stands."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for table in [name for (name,) in cursor.fetchall()]:
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column.name for column in cursor.description]
            texts = {name: [] for name in names}
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    if value is not None:
                        texts[name].append(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
            for name, values in texts.items():
                yield table, name, "\n".join(dict.fromkeys(values))
    for session in Session.objects.all():
        yield "django_session", "decoded", json.dumps(session.get_decoded())


def test_a_number_in_an_address_is_refused_and_not_repeated(stage):
    before, answers = len(stage.lines), {}
    for who, address in typed_in_addresses(stage):
        answer = stage.browsers[who].get(address)
        answers[address] = answer.status_code, stage.typed.of_answer(answer)
    assert {address: told for address, told in answers.items() if told != (HTTPStatus.NOT_FOUND, set())} == {}
    assert left_behind(stage, before) == set()


def test_a_number_in_a_field_that_asks_for_none_is_not_repeated_and_not_kept(walked):
    before, answers = len(walked.lines), {}
    for name, shown in walked.forms.items():
        sent = dict.fromkeys(fields_of(shown.answer) - PASSWORDS, f"om {TYPED_NUMBER}")
        if not sent:
            continue
        answer = walked.browsers[shown.who].post(shown.address, sent)
        answers[name] = answer.status_code, walked.typed.of_answer(answer)
    assert {name for name, (_status, found) in answers.items() if found} == set()
    assert {name for name, (status, _found) in answers.items() if status != HTTPStatus.BAD_REQUEST} <= desk(walked)
    assert left_behind(walked, before) == set()


def test_every_field_for_words_refuses_a_number(walked):
    taking = {(name, field) for name in desk(walked) for field in words_fields(walked.forms[name].answer, TYPED_NUMBER)}
    assert taking == set(MAY_BE_TYPED)


def desk(stage):
    """Return the pages that say by themselves, beside the field, that a number does not belong there."""
    return {name for name, shown in stage.forms.items() if shown.address.startswith("/admin/desk/")}


def left_behind(stage, before):
    """Return where the typed number is found in what was logged meanwhile, and in the database."""
    places = {(table, column) for table, column, text in kept() if stage.typed.among(text)}
    return places | {line for line in stage.lines[before:] if stage.typed.among(line)}
