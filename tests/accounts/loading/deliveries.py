"""A small bank's delivery, written into a folder as a bank would write it."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

OURS = "312345617"
NUMBER, PARTNER = "15869010089", "15819010029"
AS_OF = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PARTIES = '[{"type": "creditor", "name": "Åse \\"x\\""}]'
FIRST, LAST = "2026-10-01", "2026-11-21"


def rows_of(table, *rows):
    """Return rows as texts by column, from lines of values under a heading."""
    heading, *lines = [[part.strip() for part in row.split("|")] for row in (table, *rows)]
    return [dict(zip(heading, line, strict=True)) for line in lines]


def bank(word="A", amount="10.00"):
    """Return every table of a small bank; `word` stands in each text that an answer shows."""
    return {
        "financial_institution": rows_of(
            "id | organisation_number | name | history_from", f"1 | {OURS} | Bank {word} | 2016-11-21"
        ),
        "party": rows_of(
            "id | type | name | protection_grade | date_of_death",
            f"11 | person | Rank Bjørk {word} | ugradert |",
            f"12 | person | Sen Trane, {word} | fortrolig |",
        ),
        "party_identifier": rows_of(
            "id | party_id | value | kind | start_date | end_date",
            f"21 | 11 | {NUMBER} | birthNumber | 1969-06-15 |",
            f"22 | 12 | {PARTNER} | birthNumber | 1981-01-10 | 2024-02-29",
        ),
        "guardianship": rows_of("id | ward_id | guardian_id | service | start_date", "31|12|11|x|2020-01-01"),
        "account": rows_of(
            "id | number | servicer_id | type | name | currency | status | start_date | end_date | nics_creditable",
            f"41 | 97000000001 | 1 | salaryAccount | Lønn {word} | NOK | enabled | 2010-01-01 | | true",
            "42 | 97000000002 | 1 | savingsAccount | | NOK | enabled | 2010-01-01 | 2030-01-01 | false",
        ),
        "account_role": rows_of(
            "id | account_id | party_id | kind | permission | start_date | end_date",
            "51 | 41 | 11 | primaryOwner | rightToUseAlone | 2010-01-01 |",
            "52 | 42 | 12 | primaryOwner | | 2010-01-01 | 2020-01-01",
        ),
        "balance": rows_of(
            "id | account_id | type | amount | currency | registered_at",
            f"61 | 41 | bookedBalance | {amount} | NOK | 2026-11-20T22:59:59Z",
            "62 | 41 | availableBalance | -8.5 | NOK | 2026-11-20T23:59:59.5+01:00",
        ),
        "balance_history": rows_of(
            "id | account_id | registered_at | amount | currency", "71 | 41 | 2026-10-05T22:59:59Z | 7 | NOK"
        ),
        "payment_card": rows_of(
            "id | account_id | holder_id | masked_number | type | status | start_month | expiry_month",
            "81 | 41 | 11 | 999001XXXXXX1234 | debitCard | active | 2024-01 | 2028-12",
        ),
        "transaction": rows_of(
            "id|account_id|booked_at|value_at|identifier|amount|currency|merchant|counterparties|card_id",
            f"91|41|2026-10-05T10:00:00Z|2026-10-05T00:00:00Z|t1|-1.5|NOK|Kiosk {word}|{PARTIES}|81",
            f"92|41|2026-11-05T10:00:00Z|2026-11-05T00:00:00Z|t2|{amount}|NOK||[]|",
        ),
        "bsu_year": rows_of(
            "id | account_id | year | saved | interest | saved_in_all | interest_in_all | balance",
            "99 | 42 | 2025 | 1 | 2 | 3 | 4 | 10",
        ),
    }


def lines_of(rows, heading):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, heading, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


HEADINGS = {name: [*rows[0]] for name, rows in bank().items()}


def write(folder, tables, *, delivery="one", as_of=AS_OF, current=False, days=(FIRST, LAST), **changes):
    """Write the tables as CSV files with their manifest; `changes` give other text for a file or the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(lines_of(rows, HEADINGS[name]), encoding="utf-8", newline="")
    (folder / "delivery.toml").write_text(
        manifest({name: len(rows) for name, rows in tables.items()}, delivery, as_of, current, days)
    )
    for name, text in changes.items():
        (folder / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return Path(folder)


def manifest(counts, delivery="one", as_of=AS_OF, current=False, days=(FIRST, LAST)):
    lines = [f'id = "{delivery}"', f"available_balance_is_current = {str(current).lower()}", "[as_of]"]
    lines.append(f"{OURS} = {as_of.isoformat()}")
    for name, count in counts.items():
        lines += [f"[tables.{name}]", f"rows = {count}"]
        if name in {"transaction", "balance_history"}:
            lines += [f"from = {days[0]}", f"to = {days[1]}"]
    return "\n".join(lines) + "\n"
