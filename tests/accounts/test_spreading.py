"""The long tables can be spread over servers by their account (docs/scaling.md), and no question would ask them all."""

import inspect
import re
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import connections

from accounts import bsu, contents, ledger, movements
from accounts.compiled import Question
from accounts.ledger import OWNERS
from accounts.movements import Position
from legal.periods import Period

ROOMS = {contents.__name__, movements.__name__}
SPREAD = ("balance", "balance_history", "transaction")
EVERYWHERE = {
    *("financial_institution", "party", "party_identifier", "guardianship", "account", "account_role"),
    *("payment_card", "bsu_year"),
}
KEYS = """
SELECT relname::text, conname::text, ARRAY(SELECT attname::text FROM pg_attribute
    WHERE attrelid = indrelid AND attnum = ANY (indkey::int2[]) ORDER BY array_position(indkey::int2[], attnum))
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
LEFT JOIN pg_constraint ON conindid = indexrelid WHERE indisunique AND relname = ANY (%s)
"""
REFERRING = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND (conrelid = ANY (%s::regclass[]) OR confrelid = ANY (%s::regclass[]))
"""
NOW, DAYS = datetime(2026, 11, 22, tzinfo=UTC), [Period(date(2026, 1, 1), date(2026, 11, 22))]
ASKED = {
    "balances_of": lambda: contents.balances_of(7, at=NOW),
    "booked_balance_of": lambda: contents.booked_balance_of(7, before=NOW),
    "cards_valid_in": lambda: contents.cards_of(7, days=DAYS, holder=8),
    "holders_of": lambda: contents.holders_of(7, days=DAYS, kinds=OWNERS),
    "transactions_of": lambda: movements.transactions_of(
        7, begin=NOW, end=NOW, spans=[(NOW, NOW), (NOW, NOW)], after=Position(NOW, 1), limit=10
    ),
    "known_on": lambda: movements.named_on(7, numbers=["1"], accounts=["2"], cards=[3]),
}


def quoted(names):
    return [f'"{name}"' for name in names]


def test_every_table_has_its_place():
    tables = {model._meta.db_table for model in apps.get_app_config("accounts").get_models()}
    assert tables == EVERYWHERE | set(SPREAD)


def test_keys_of_what_is_spread_hold_the_account(superuser):
    found = superuser("ledger").execute(KEYS, [list(SPREAD)]).fetchall()
    assert {table for table, _, _ in found} == set(SPREAD), "each has a key"
    assert {table: columns for table, _, columns in found if "account_id" not in columns} == {}
    assert {table: columns for table, name, columns in found if name == f"{table}_pkey"} == {
        "balance": ["account_id", "registered_at", "id"],
        "balance_history": ["account_id", "registered_at", "id"],
        "transaction": ["account_id", "booked_at", "id"],
    }


def test_no_key_points_to_what_is_spread_or_from_there_to_another_of_them(superuser):
    rows = superuser("ledger").execute(REFERRING, [quoted(SPREAD), quoted(SPREAD)]).fetchall()
    assert [(one, other) for one, other in rows if other.strip('"') not in EVERYWHERE] == []


def test_every_question_is_looked_at():
    """Whoever adds a question adds it here, and asks the ledger by questions alone."""
    found = [(name, each) for room in (contents, movements) for name, each in vars(room).items()]
    assert {name for name, each in found if isinstance(each, Question)} == ASKED.keys()
    assert {
        name
        for name, each in found
        if inspect.isfunction(each) and each.__module__ in ROOMS and not name.startswith("_")
    } == {"cards_of", "named_on"}, "these ask by questions of the list"


@pytest.mark.django_db(databases=["ledger"])
@pytest.mark.parametrize("question", ASKED)
def test_questions_name_one_account_wherever_they_read_what_is_spread(question):
    texts = statements_of(ASKED[question])
    assert texts
    for text in texts:
        assert unfiltered(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param('SELECT 1 FROM "balance" WHERE "balance"."account_id" = %s', [], id="one account"),
        pytest.param('SELECT 1 FROM "balance" WHERE "balance"."amount" > 1', ["balance"], id="every account"),
        pytest.param(
            'SELECT 1 FROM "account" JOIN "transaction" ON true WHERE "account"."id" = %s', ["transaction"], id="joined"
        ),
        pytest.param(
            'SELECT 1 FROM "balance" WHERE "balance"."account_id" = %s UNION SELECT 1 FROM "balance" U0',
            ["balance"],
            id="one of two",
        ),
        pytest.param('SELECT 1 FROM "balance" U0 WHERE U0."account_id" = %s', [], id="under another name"),
    ],
)
def test_a_question_that_would_ask_every_server_is_seen(text, found):
    assert unfiltered(text) == found


@pytest.mark.parametrize("room", [ledger, bsu])
def test_other_rooms_ask_nothing_of_what_is_spread(room):
    source = inspect.getsource(room)
    assert not re.search(r"\b(Balance|BalanceHistory|Transaction)\.objects", source)


def statements_of(ask):
    """Return the texts that a question sends; whether an account is found does not matter."""
    texts = []

    def keep(execute, sql, params, many, context):
        texts.append(sql)
        return execute(sql, params, many, context)

    with connections["ledger"].execute_wrapper(keep):
        ask()
    return texts


def unfiltered(text):
    """Return the spread tables that a text reads without naming one account, as often as it does."""
    found = []
    for table in SPREAD:
        for alias in re.findall(rf'(?:FROM|JOIN) "{table}"(?: (?!WHERE|ON|UNION|ORDER|INNER|LEFT)(\w+))?', text):
            name = alias or f'"{table}"'
            filters = len(re.findall(rf'{re.escape(name)}\."account_id" = \(?%s', text))
            reads = len(re.findall(rf'(?:FROM|JOIN) "{table}"{" " + alias if alias else "(?! U)"}', text))
            found += [table] * (filters < reads)
    return list(dict.fromkeys(found))
