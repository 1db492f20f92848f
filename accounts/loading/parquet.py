"""Reading Parquet: the rows become lines of CSV, which the very same rules judge. Needs the extra `parquet`."""

import csv
import importlib
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from accounts.loading.blocks import Block
from accounts.loading.refusals import Refused

BATCH_ROWS = 10_000
LINE_BREAK = re.compile(r"[\r\n]")
MISSING = "Parquet needs the extra: pip install 'dsop-kontrollinformasjon[parquet]'."


class ParquetSource:
    """A Parquet file. A position is a number of rows; a row's line is its number in the file, the first one 1."""

    def __init__(self, name: str, file: BinaryIO, pyarrow: Any, parquet: Any) -> None:
        self._name, self._arrow = name, pyarrow
        try:
            self._file = parquet.ParquetFile(file)
        except (pyarrow.ArrowException, OSError):
            raise Refused(f"{name} is not a Parquet file.") from None
        schema = self._file.schema_arrow
        self.header = tuple(schema.names)
        if unfit := sorted(field.name for field in schema if not self._is_fit(field.type)):
            raise Refused(
                f"{name} has {', '.join(unfit)} in another type than text, integer, decimal, boolean, date or a moment "
                "with its time zone."
            )

    def blocks(self, position: int, line: int) -> Iterator[Block]:
        """Give the file from a position on, in bounded memory: one batch of one row group at a time."""
        row = 0
        for group in range(self._file.num_row_groups):
            size = self._file.metadata.row_group(group).num_rows
            if row + size > position:
                for batch in self._file.iter_batches(batch_size=BATCH_ROWS, row_groups=[group]):
                    if row >= position:
                        yield Block(self._lines(batch), row + 1, batch.num_rows, row + batch.num_rows)
                    row += batch.num_rows
            else:
                row += size

    def _lines(self, batch: Any) -> str:
        text = io.StringIO()
        columns = [self._texts(column) for column in batch.columns]
        csv.writer(text, lineterminator="\n").writerows(zip(*columns, strict=True))
        return text.getvalue()

    def _texts(self, column: Any) -> list[Any]:
        """Return a column as the texts that CSV would have. A line break becomes another refused character."""
        values = column.to_pylist()
        types = self._arrow.types
        if types.is_boolean(column.type):
            return [value if value is None else str(value).lower() for value in values]
        if types.is_timestamp(column.type):
            return [value if value is None else value.isoformat() for value in values]
        if types.is_decimal(column.type):
            return [value if value is None else format(value, "f") for value in values]
        if types.is_string(column.type) or types.is_large_string(column.type):
            return [value if value is None else LINE_BREAK.sub("\0", value) for value in values]
        return values

    def _is_fit(self, kind: Any) -> bool:
        types = self._arrow.types
        if types.is_timestamp(kind):
            return kind.tz is not None and kind.unit != "ns"
        plain = (types.is_string, types.is_large_string, types.is_integer, types.is_decimal, types.is_boolean)
        return types.is_date32(kind) or any(is_kind(kind) for is_kind in plain)


def parquet_source(name: str, file: BinaryIO) -> ParquetSource:
    """Open a Parquet file. Refuse it, in one sentence, where the extra is not installed."""
    try:
        pyarrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise Refused(f"{name}: {MISSING}") from None
    return ParquetSource(name, file, pyarrow, parquet)
