"""A row's leaf, made again from the texts that the database has for its columns."""

from collections.abc import Sequence

from audit.seal.leaves import columns_of, content, leaf, selected


def leaf_columns(table: str, alias: str) -> str:
    """Return what to select for `leaf_from`: the salt, then all that is sealed."""
    return f"{alias}.salt::text, {selected(table, alias)}"


def leaf_from(table: str, texts: Sequence[str | None]) -> bytes | None:
    """Return the leaf of the row with these texts; None for what could not have been sealed."""
    salt, *values = texts
    try:
        return leaf(bytes.fromhex(salt[2:]) if salt else None, content(table, values))
    except ValueError:  # a number that JSON readers do not agree upon
        return None


def place_of(table: str, column: str) -> int:
    """Return where `leaf_columns` has a column."""
    return columns_of(table).index(column) + 1
