"""A delivery is loaded as a whole or not at all; what is there already is not written again."""

from datetime import timedelta

import pytest
from django.db import connections

from accounts.loading.refusals import Refused, Rejects, RowsRefused
from tests.accounts.loading.deliveries import AS_OF, HEADINGS, NOW, OURS, bank, manifest, write

LATER = AS_OF + timedelta(minutes=1)
UNCHANGED = dict.fromkeys(bank(), (0, 0, 0))


def asked(statement):
    with connections["ledger"].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def state():
    """Return every row of the ledger, with the transaction that wrote it."""
    return {name: sorted(asked(f'SELECT xmin::text, t.*::text FROM "{name}" AS t')) for name in bank()}


def test_a_first_delivery(loaded, tmp_path):
    changes = loaded(write(tmp_path, bank()))
    assert changes == {name: (len(rows), 0, 0) for name, rows in bank().items()} | {"balance": (1, 0, 0)}
    assert asked("SELECT organisation_number, as_of, country FROM financial_institution") == [(OURS, AS_OF, "NO")]
    assert asked("SELECT name, date_of_death FROM party ORDER BY id") == [
        ("Rank Bjørk A", None),
        ("Sen Trane, A", None),
    ]
    assert asked("SELECT name, end_date::text, data_delivered FROM account ORDER BY id") == [
        ("Lønn A", None, True),
        ("", "2030-01-01", True),
    ]
    assert asked("SELECT merchant, counterparties::text, card_id, status, reversal FROM transaction ORDER BY id") == [
        ("Kiosk A", '[{"name": "Åse \\"x\\"", "type": "creditor"}]', 81, "booked", False),
        ("", "[]", None, "booked", False),
    ]
    assert asked("SELECT to_regclass('loading.party'), to_regclass('loading.transaction')") == [(None, None)]


@pytest.mark.parametrize(
    ("current", "served"),
    [
        pytest.param(False, ["bookedBalance"], id="a batch says nothing of what is available"),
        pytest.param(True, ["availableBalance", "bookedBalance"], id="declared current"),
    ],
)
def test_what_is_available_is_loaded_when_it_is_current(loaded, tmp_path, current, served):
    loaded(write(tmp_path, bank(), current=current))
    assert [kind for (kind,) in asked("SELECT type FROM balance ORDER BY type")] == served


def test_what_was_available_is_gone_with_a_delivery_that_does_not_say_so(loaded, tmp_path):
    loaded(write(tmp_path / "1", bank(), current=True))
    loaded(write(tmp_path / "2", {"party": bank()["party"]}, delivery="two", as_of=LATER))
    assert asked("SELECT type FROM balance") == [("bookedBalance",)]


def test_the_same_delivery_again_changes_nothing_and_says_so(loaded, tmp_path):
    loaded(write(tmp_path, bank()))
    before = state()
    assert loaded(tmp_path) is None
    assert state() == before


def test_the_same_rows_in_another_delivery_are_not_written_again(loaded, tmp_path):
    loaded(write(tmp_path / "1", bank()))
    before = state()
    changes = loaded(write(tmp_path / "2", bank(), delivery="two", as_of=LATER))
    assert changes == UNCHANGED
    after = state()
    assert after.pop("financial_institution") != before.pop("financial_institution"), "its moment is another"
    assert after == before


def changed(**tables):
    return bank() | tables


def without(table, row_id):
    return [row for row in bank()[table] if row["id"] != row_id]


def with_values(table, row_id, **values):
    return [row | (values if row["id"] == row_id else {}) for row in bank()[table]]


SWAPPED = [
    bank()["account"][0] | {"number": "97000000002"},
    bank()["account"][1] | {"number": "97000000001"},
]


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        pytest.param(changed(party=with_values("party", "11", name="Ny")), {"party": (0, 1, 0)}, id="another value"),
        pytest.param(
            changed(payment_card=[], transaction=with_values("transaction", "91", card_id="")),
            {"payment_card": (0, 0, 1), "transaction": (0, 1, 0)},
            id="a row that is gone",
        ),
        pytest.param(changed(account=SWAPPED), {"account": (2, 0, 2)}, id="two accounts exchange their numbers"),
        pytest.param(
            changed(transaction=with_values("transaction", "92", booked_at="2026-11-06T10:00:00Z")),
            {"transaction": (1, 0, 1)},
            id="booked on another day",
        ),
        pytest.param(
            changed(
                account=without("account", "42"),
                account_role=without("account_role", "52"),
                bsu_year=[],
            ),
            {"account": (0, 0, 1), "account_role": (0, 0, 1), "bsu_year": (0, 0, 1)},
            id="an account that is gone",
        ),
    ],
)
def test_what_differs_is_written(loaded, tmp_path, tables, expected):
    loaded(write(tmp_path / "1", bank()))
    assert loaded(write(tmp_path / "2", tables, delivery="two", as_of=LATER)) == UNCHANGED | expected


def test_the_days_that_are_not_delivered_stay(loaded, tmp_path):
    loaded(write(tmp_path / "1", bank()))
    november = {"transaction": with_values("transaction", "92", amount="11.00")[1:]}
    changes = loaded(write(tmp_path / "2", november, delivery="two", as_of=LATER, days=("2026-11-01", "2026-11-21")))
    assert changes == {"transaction": (0, 1, 0)}
    assert asked("SELECT id, amount::text FROM transaction ORDER BY id") == [(91, "-1.50000"), (92, "11.00000")]


def test_the_history_of_an_account_that_goes_goes_with_it(loaded, tmp_path):
    loaded(write(tmp_path / "1", bank()))
    rest = {name: [] for name in ("account_role", "balance", "payment_card", "bsu_year")}
    rest |= {"account": without("account", "41"), "transaction": [], "balance_history": []}
    loaded(write(tmp_path / "2", rest, delivery="two", as_of=LATER, days=("2026-11-20", "2026-11-21")))
    assert asked("SELECT count(*) FROM transaction") == asked("SELECT count(*) FROM balance_history") == [(0,)]


def customers(count, first=1000):
    """Return so many persons beside the two of the small bank."""
    more = [bank()["party"][0] | {"id": f"{first + number}"} for number in range(count)]
    return {"party": [*bank()["party"], *more]}


def movements(count, day="05"):
    moved = bank()["transaction"][1]
    more = [moved | {"id": f"{1000 + number}", "booked_at": f"2026-10-{day}T10:00:00Z"} for number in range(count)]
    return {"transaction": more}


def meant(folder, table, rows):
    """Let the manifest say that so many rows may go."""
    manifest = folder / "delivery.toml"
    manifest.write_text(manifest.read_text().replace(f"[tables.{table}]\n", f"[tables.{table}]\nmay_lose = {rows}\n"))
    return folder


@pytest.mark.parametrize(
    ("before", "after", "percent", "may_lose", "lost"),
    [
        pytest.param(298, 268, 10, None, "", id="a tenth"),
        pytest.param(298, 267, 10, None, "31 of 300", id="one more than a tenth"),
        pytest.param(298, 0, 10, None, "298 of 300", id="nearly all"),
        pytest.param(298, 0, 100, None, "", id="nearly all, where the bank allows it"),
        pytest.param(28, 8, 10, None, "", id="twenty may always go"),
        pytest.param(28, 7, 10, None, "21 of 30", id="and no more"),
        pytest.param(28, 8, 0, None, "", id="twenty may go whatever the percentage"),
        pytest.param(298, 198, 10, 100, "", id="as many as are meant"),
        pytest.param(298, 197, 10, 100, "101 of 300", id="more than are meant"),
        pytest.param(298, 297, 10, 0, "1 of 300", id="one where none is meant"),
        pytest.param(0, 298, 10, 0, "", id="more than there were"),
    ],
)
def test_no_delivery_takes_most_of_a_table_away_unless_it_is_meant(
    loaded, tmp_path, settings, before, after, percent, may_lose, lost
):
    settings.LEDGER_MAX_LOSS_PERCENT = percent
    loaded(write(tmp_path / "1", bank() | customers(before)))
    kept, folder = state(), write(tmp_path / "2", customers(after), delivery="two", as_of=LATER)
    if may_lose is not None:
        meant(folder, "party", may_lose)
    if not lost:
        loaded(folder)
        assert asked("SELECT count(*) FROM party") == [(after + 2,)]
        return
    number = lost.split(" ", maxsplit=1)[0]
    with pytest.raises(Refused) as refused:
        loaded(folder)
    assert str(refused.value) == (
        f"party would lose {lost} rows. If that is meant, let delivery.toml say may_lose = {number} for it."
    )
    assert state() == kept


def test_rows_that_others_name_are_lost_whatever_comes_in_their_place(loaded, tmp_path):
    """The export of another bank, or a test bank's, may have as many customers."""
    loaded(write(tmp_path / "1", bank() | customers(100)))
    kept = state()
    folder = write(tmp_path / "2", customers(100, first=5000), delivery="two", as_of=LATER)
    with pytest.raises(Refused, match=r"^party would lose 100 of 102 rows\."):
        loaded(folder)
    assert state() == kept
    assert loaded(meant(folder, "party", 100)) == {"party": (100, 0, 100)}


def test_other_rows_may_come_under_other_keys(loaded, tmp_path):
    loaded(write(tmp_path / "1", bank() | movements(60)))
    others = {"transaction": [row | {"id": f"7{row['id']}"} for row in movements(60)["transaction"]]}
    assert loaded(write(tmp_path / "2", others, delivery="two", as_of=LATER)) == {"transaction": (60, 0, 60)}


def test_only_the_delivered_days_are_compared(loaded, tmp_path):
    loaded(write(tmp_path / "1", bank() | movements(60, day="05")))
    nothing, later = {"transaction": []}, LATER + timedelta(minutes=1)
    loaded(write(tmp_path / "2", nothing, delivery="two", as_of=LATER, days=("2026-10-06", "2026-10-31")))
    with pytest.raises(Refused, match="transaction would lose 60 of 60 rows"):
        loaded(write(tmp_path / "3", nothing, delivery="three", as_of=later, days=("2026-10-05", "2026-10-05")))


def test_balances_that_are_no_longer_current_are_none_that_are_lost(loaded, tmp_path):
    booked, available = bank()["balance"]
    both = [row | {"id": f"{number}{row['id']}"} for number in range(100, 140) for row in (booked, available)]
    loaded(write(tmp_path / "1", bank() | {"balance": both}, current=True))
    loaded(meant(write(tmp_path / "2", {"balance": both}, delivery="two", as_of=LATER), "balance", 0))
    assert asked("SELECT type, count(*) FROM balance GROUP BY type") == [("bookedBalance", 40)]


ROWS = [
    pytest.param("party_identifier", "21", {"party_id": "13"}, "party_id", "names no row of party", id="no such party"),
    pytest.param(
        "account", "41", {"servicer_id": "2"}, "servicer_id", "names no row of financial_institution", id="no such bank"
    ),
    pytest.param(
        "transaction", "92", {"account_id": "40"}, "account_id", "names no row of account", id="no such account"
    ),
    pytest.param("transaction", "91", {"card_id": "80"}, "card_id", "names no row of payment_card", id="no such card"),
    pytest.param(
        "balance", "61", {"account_id": "40"}, "account_id", "names no row of account", id="a balance of none"
    ),
    pytest.param(
        "account", "41", {"end_date": "2010-01-01"}, "end_date", "does not lie after the start", id="ends as it begins"
    ),
    pytest.param(
        "account_role",
        "51",
        {"end_date": "2009-12-31"},
        "end_date",
        "lies before the start",
        id="a role that ends before",
    ),
    pytest.param(
        "transaction",
        "92",
        {"booked_at": "2026-11-21T23:00:00Z"},
        "booked_at",
        "lies outside the days that are delivered",
        id="after the last day",
    ),
    pytest.param(
        "transaction",
        "91",
        {"booked_at": "2026-09-30T21:59:59Z"},
        "booked_at",
        "lies outside the days that are delivered",
        id="before the first day",
    ),
    pytest.param(
        "balance",
        "61",
        {"registered_at": "2026-11-21T04:00:01Z"},
        "registered_at",
        "lies after the moment of the delivery",
        id="a balance of tomorrow",
    ),
    pytest.param(
        "party_identifier",
        "21",
        {"kind": "organisationNumber"},
        "kind",
        "does not go with the value",
        id="a person as organisation",
    ),
    pytest.param(
        "payment_card",
        "81",
        {"expiry_month": "2023-12"},
        "expiry_month",
        "lies before the start",
        id="a card that expires before",
    ),
    pytest.param(
        "financial_institution",
        "1",
        {"organisation_number": "312345625"},
        "organisation_number",
        "is not named in as_of",
        id="an unnamed bank",
    ),
]


@pytest.mark.parametrize(("table", "row_id", "values", "column", "reason"), ROWS)
def test_a_row_that_breaks_a_rule_refuses_all(loaded, tmp_path, table, row_id, values, column, reason):
    loaded(write(tmp_path / "1", bank()))
    before, rejects = state(), Rejects()
    tables = bank() | {table: with_values(table, row_id, **values)}
    line = 2 + [row["id"] for row in bank()[table]].index(row_id)
    with pytest.raises(RowsRefused):
        loaded(write(tmp_path / "2", tables, delivery="two", as_of=AS_OF + timedelta(seconds=0.5)), rejects=rejects)
    assert [*rejects.rows] == [(table, f"{table}.csv", line, column, reason)]
    assert state() == before


@pytest.mark.parametrize(
    ("table", "values", "column"),
    [
        pytest.param("party", {}, "id", id="the same key"),
        pytest.param("party_identifier", {"id": "23"}, "value", id="a number of two parties"),
        pytest.param("account", {"id": "43"}, "servicer_id, number", id="an account number twice"),
        pytest.param("transaction", {}, "account_id, booked_at, id", id="a transaction twice"),
        pytest.param("bsu_year", {"id": "98"}, "account_id, year", id="a BSU year twice"),
    ],
)
def test_what_stands_twice_is_told_of_on_both_lines(loaded, tmp_path, table, values, column):
    rows, rejects = bank()[table], Rejects()
    with pytest.raises(RowsRefused):
        loaded(write(tmp_path, bank() | {table: [*rows, rows[0] | values]}), rejects=rejects)
    reason = "stands here more than once"
    assert [*rejects.rows] == [(table, f"{table}.csv", line, column, reason) for line in (2, len(rows) + 2)]


def test_every_bad_row_of_every_file_is_told_of_at_once(loaded, tmp_path):
    folder = write(
        tmp_path,
        bank(),
        party="id,type,name,protection_grade\n11,person,A,ugradert\n12,persons,B,ugradert\nx,person,,\n",
        guardianship="id,ward_id,guardian_id,service,start_date\n31,12,11,x,2025-02-29\n",
    )
    rejects = Rejects()
    with pytest.raises(RowsRefused):
        loaded(folder, rejects=rejects)
    assert [(row.file, row.line, row.column) for row in rejects.rows] == [
        ("party.csv", 3, "type"),
        ("party.csv", 4, "id"),
        ("party.csv", 4, "name"),
        ("party.csv", 4, "protection_grade"),
        ("guardianship.csv", 2, "start_date"),
    ]


@pytest.mark.parametrize(
    ("tables", "changes", "sentence"),
    [
        pytest.param(
            {"party": bank()["party"][1:]},
            {},
            "party_identifier has rows of a party that is gone. Deliver party_identifier too.",
            id="rows that stay",
        ),
        pytest.param(
            {"party": bank()["party"]},
            {"as_of": AS_OF},
            f"The ledger is as of {AS_OF.isoformat()} for {OURS}; a delivery must be later than that.",
            id="no later than the last one",
        ),
        pytest.param(
            {"party": bank()["party"]},
            {"as_of": NOW + timedelta(hours=1)},
            "delivery.toml has an as_of that is still to come.",
            id="of a moment to come",
        ),
        pytest.param(
            {"party": bank()["party"]},
            {"delivery": "one"},
            "A delivery one was loaded, and it was another. Give this one an id of its own.",
            id="another one under an old id",
        ),
        pytest.param(
            {"transaction": []},
            {"days": ("2026-11-01", "2027-01-15")},
            "transaction has no partition for 2 of the months delivered. "
            "Run as owner: manage.py ledger_partitions 2026-12 2027-01",
            id="months without a partition",
        ),
    ],
)
def test_a_delivery_that_does_not_fit_the_ledger(loaded, tmp_path, tables, changes, sentence):
    loaded(write(tmp_path / "1", bank()))
    before = state()
    with pytest.raises(Refused) as refused:
        loaded(write(tmp_path / "2", tables, **{"delivery": "two", "as_of": LATER} | changes))
    assert str(refused.value) == sentence
    assert state() == before


def test_a_file_that_was_cut_is_refused(loaded, tmp_path):
    folder = write(tmp_path, bank())
    counts = {name: len(rows) for name, rows in bank().items()}
    (folder / "delivery.toml").write_text(manifest(counts | {"party": 3}))
    with pytest.raises(Refused) as refused:
        loaded(folder)
    assert str(refused.value) == "party has 2 rows, and delivery.toml declares 3."


def test_a_column_that_is_left_out_gets_its_default(loaded, tmp_path):
    heading = HEADINGS["balance"]
    assert "credit_line_included" not in heading and "country" not in HEADINGS["party"]
    loaded(write(tmp_path, bank()))
    assert asked("SELECT credit_line_included, credit_line_amount, credit_line_currency FROM balance") == [
        (False, None, "")
    ]
    assert asked("SELECT DISTINCT country FROM party") == [("NO",)]
