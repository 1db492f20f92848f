"""How large a ledger the benchmark makes, and which of its accounts are long."""

from dataclasses import dataclass

ACTIVE = 10
"""One account in so many has transactions; the long ones come first."""


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of each table. `long` are the transactions of the accounts 1, 2, …; the others share what is left."""

    name: str
    parties: int
    accounts: int
    transactions: int
    long: tuple[int, ...]
    shared_buffers: str

    @property
    def roles(self) -> int:
        return self.accounts + self.accounts // 4

    @property
    def balances(self) -> int:
        return 2 * self.accounts

    @property
    def active(self) -> int:
        """Return how many accounts beside the long ones have transactions."""
        return self.accounts // ACTIVE


SIZES = {
    size.name: size
    for size in (
        Size("tiny", 200, 1_000, 6_000, (3_000, 1_000), "128MB"),
        Size("small", 2_000, 10_000, 200_000, (100_000, 10_000), "128MB"),
        Size("full", 200_000, 1_000_000, 10_000_000, (1_000_000, 100_000, 10_000, 1_000), "1GB"),
    )
}
