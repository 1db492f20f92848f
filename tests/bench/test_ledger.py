"""The benchmark's ledger is what its sizes say, with numbers that have right check digits."""

import random

import pytest

from bench.ledger import account_of_row, check_digit
from bench.sizes import SIZES
from legal.numbers import ACCOUNT_WEIGHTS, FIRST_WEIGHTS, SECOND_WEIGHTS


@pytest.mark.parametrize(
    "weights", [FIRST_WEIGHTS, SECOND_WEIGHTS, ACCOUNT_WEIGHTS], ids=["first of a person", "second", "of an account"]
)
def test_check_digits(superuser, weights):
    dice = random.Random(1)
    stems = ["".join(str(dice.randrange(10)) for _ in weights) for _ in range(200)]
    wanted = [-sum(int(digit) * weight for digit, weight in zip(stem, weights, strict=True)) % 11 for stem in stems]
    with superuser("ledger") as session:
        query = f"SELECT {check_digit('stem', weights)} FROM unnest(%s::text[]) stem".replace("% 11", "%% 11")
        assert [digit for (digit,) in session.execute(query, [stems])] == wanted


@pytest.mark.parametrize("name", ["tiny", "small"])
def test_long_accounts_have_their_rows_and_the_others_share_the_rest(superuser, name):
    size = SIZES[name]
    account = account_of_row(size).replace("%%", "%")
    with superuser("ledger") as session:
        counted = f"SELECT {account}, count(*) FROM generate_series(1::bigint, {size.transactions}) n GROUP BY 1"
        rows = dict(session.execute(counted).fetchall())
    assert tuple(rows.pop(number) for number in range(1, len(size.long) + 1)) == size.long
    assert rows.keys() <= {*range(len(size.long) + 1, len(size.long) + 1 + size.active)}
    assert max(rows.values()) < 3 * sum(rows.values()) / len(rows)
