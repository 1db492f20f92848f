"""Rows whose free words are sealed: they may tell of persons, so the database never has them in clear."""

from typing import Any

from django.db import models
from uuid_utils.compat import uuid7

from audit.secrecy import NotRevealed, reveal, seal


class SealedWords(models.Model):
    """A row with columns `<name>_sealed`, each sealed for its own place."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    def write(self, **words: str) -> None:
        """Put words into their columns; blank ones leave nothing there. The row is not saved."""
        for name, text in words.items():
            sealed = seal(text, column=self._place(name), record=self.id) if text else None
            setattr(self, f"{name}_sealed", sealed)

    def read(self, name: str) -> str:
        """Return the words of a column. Raise NotRevealed."""
        sealed: Any = getattr(self, f"{name}_sealed")
        return reveal(sealed, column=self._place(name), record=self.id) if sealed else ""

    def shown(self, name: str) -> str | None:
        """Return the words of a column; None where the key is gone."""
        try:
            return self.read(name)
        except NotRevealed:
            return None

    def _place(self, name: str) -> str:
        return f"{self._meta.db_table}.{name}"
