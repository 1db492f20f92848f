"""The bank's papers on data protection name every table there is, and every column that holds a person."""

import re
from fnmatch import fnmatch

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from pghistory.models import Event

from accounts.models import Account, Party
from legal.people import Person
from tests import cluster
from tests.test_readme import rows

TEXT = (cluster.ROOT / "docs" / "templates" / "personal-data.md").read_text(encoding="utf-8")
NONE = "–"
# Columns that hold a person by their name, whatever the table: a digest or a ciphertext of one, or who did something.
TELLING = re.compile(
    r"(^|_)(hash|hashes|sealed|employee|person|username|email|ip_address|identity)$|[a-z]ed_name$|^masked_number$"
)
PEOPLE = (get_user_model(), Person, Party, Account)
ALL = {
    model._meta.db_table: model
    for model in apps.get_models(include_auto_created=True)
    if not issubclass(model, Event) and not model._meta.proxy and model._meta.app_label != "pghistory"
}
ALL["pghistory_context"] = apps.get_model("pghistory", "Context")


def named():
    """Return the columns that each table's row names, as they stand there."""
    found = {}
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        tables = re.findall(r"`([a-z0-9_]+)`", cells[0]) if line.startswith("| `") else []
        for table in tables:
            assert table not in found, f"{table} is named twice"
            columns = re.findall(r"`([a-z_*]+)`", cells[1])
            assert bool(columns) != (cells[1] == NONE), f"{table}: columns, or {NONE}"
            found[table] = columns
    return found


def columns_of(model):
    return {field.column: field for field in model._meta.concrete_fields}


def is_telling(field):
    """Return whether a column holds a person by its name or by what it points at."""
    to = field.related_model if isinstance(field, models.ForeignKey) else None
    return to in PEOPLE or bool(TELLING.search(field.column))


def test_every_table_is_named():
    assert sorted(named()) == sorted(ALL)


@pytest.mark.parametrize("table", sorted(ALL))
def test_what_is_named_is_there(table):
    for words in named()[table]:
        assert [column for column in columns_of(ALL[table]) if fnmatch(column, words)], words


@pytest.mark.parametrize("table", sorted(ALL))
def test_every_column_with_a_person_is_named(table):
    telling = {column for column, field in columns_of(ALL[table]).items() if is_telling(field)}
    unnamed = {column for column in telling if not any(fnmatch(column, words) for words in named()[table])}
    assert unnamed == set()


def test_tables_of_the_ledger_are_named_whole():
    """All of it is about customers, but for the institutions themselves."""
    ledger = {model._meta.db_table for model in apps.get_app_config("accounts").get_models()}
    assert {table for table in ledger if named()[table] != ["*"]} == {"financial_institution"}


def test_history_has_the_columns_of_what_it_follows():
    """So it need not be named again."""
    for model in apps.get_models():
        if issubclass(model, Event) and hasattr(model, "pgh_tracked_model"):
            followed = columns_of(model.pgh_tracked_model)
            more = {column for column in columns_of(model) if not column.startswith("pgh_")} - followed.keys()
            assert more == set(), model._meta.db_table


@pytest.mark.parametrize(
    ("field", "telling"),
    [
        pytest.param(models.BinaryField(db_column="number_hash"), True, id="a digest"),
        pytest.param(models.BinaryField(db_column="sealed"), True, id="a ciphertext"),
        pytest.param(models.CharField(db_column="settled_name"), True, id="who did something"),
        pytest.param(models.CharField(db_column="name"), False, id="the name of an agency, a service or a limit"),
        pytest.param(models.BinaryField(db_column="leaf"), False, id="a fingerprint that nobody can guess from"),
    ],
)
def test_what_tells_of_a_person(field, telling):
    field.set_attributes_from_name(field.db_column)
    assert is_telling(field) == telling


def test_the_record_of_processing_says_the_times_that_are_set():
    """The defaults of the settings, as the README has them."""
    record = (cluster.ROOT / "docs" / "templates" / "article-30-record.md").read_text(encoding="utf-8")
    said = {setting: first_number(words) for words, setting in re.findall(r"\| ([^|]+) \| `([A-Z_]+)`", record)}
    told = {row[0].split(", ")[0]: row[1] for row in rows("Settings")}
    assert said.keys() == {"AUDIT_RETENTION", "AUDIT_ANSWER_DAYS", "DESK_CITIZEN_YEARS", "ADMIN_SESSION_HOURS"}
    assert said == {setting: first_number(told[setting]) for setting in said}


def first_number(words):
    return re.findall(r"\d+", words)[0]
