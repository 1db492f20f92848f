"""The trail that these tests tamper with."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.audit.verify.trail import LATER, MINUTE, NOON, Trail

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def empty(as_superuser, connected_as, undisturbed, tmp_path):
    """A trail without a row."""
    folder = tmp_path / "copy"
    folder.mkdir(mode=0o700)
    return Trail(as_superuser, connected_as("auditor"), folder, KEY)


@pytest.fixture
def trail(empty):
    """Five checkpoints over two months: rows of four tables, sealed in turn, and one row not yet sealed.

    Writer A's chain crosses from one month into the next.
    """
    for number in range(4):
        empty.write("audit_record", NOON + number * MINUTE, name=f"record{number}", document=b"e1:answer %d" % number)
    empty.write("audit_record", NOON, writer="B", name="b0")
    empty.write("audit_record", NOON + MINUTE, writer="B", name="b1")
    empty.write("audit_turned_away", NOON, name="sum0")
    empty.seal(NOON + 5 * MINUTE)  # checkpoints 1 and 2
    empty.write("audit_access", NOON + 6 * MINUTE, name="access0")
    empty.write("audit_access", NOON + 7 * MINUTE, name="access1")
    empty.write("audit_record", NOON + 7 * MINUTE, name="record4")
    empty.write("audit_record", NOON + 8 * MINUTE, name="record5")
    empty.seal(NOON + 10 * MINUTE)  # 3 and 4
    empty.write("audit_record", LATER, name="record6")
    empty.write("audit_record", LATER + MINUTE, name="record7")
    empty.write("audit_access", LATER, name="access2")
    empty.seal(LATER + 5 * MINUTE)  # 5 and 6
    empty.write("audit_record", LATER + 6 * MINUTE, name="unsealed")
    return empty
