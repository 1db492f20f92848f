"""Rows whose place in the trail can be proven: salted, numbered by their writer, and one day under a signed root."""

from django.db import models
from django.db.models import Func

from audit.append_only import AppendOnly

TRANSACTION = Func(template="(pg_current_xact_id()::text::bigint)", output_field=models.BigIntegerField())
SALT = Func(template="uuid_send(gen_random_uuid())", output_field=models.BinaryField())

BEGINS_A_CHAIN = models.Q(writer_number=1)
"""An index over these alone tells where a writer began, for one row of each connection."""


class Sealed(AppendOnly):
    """A row of a table that the seal covers.

    `salt` keeps a leaf from being guessed back into its row. `xact` is the transaction that wrote it: the row is sealed
    when no older one runs any more. The writer is one connection, counts its own rows from 1, and puts a keyed digest
    of the one before into each (writers.py). A release that knows none of this leaves salt and xact to the database
    and the writer empty.
    """

    salt = models.BinaryField(null=True, db_default=SALT)
    xact = models.BigIntegerField(db_default=TRANSACTION)
    writer = models.UUIDField(null=True)
    writer_number = models.BigIntegerField(null=True)
    writer_previous = models.BinaryField(null=True)

    class Meta(AppendOnly.Meta):
        abstract = True


NOT_IN_THE_LEAF = frozenset({"salt", "xact"})
"""The salt goes before the leaf's text; a transaction's number means nothing in another cluster."""
