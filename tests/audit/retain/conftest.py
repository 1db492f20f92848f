"""A month of long ago, with records, answers and a seal: what is kept of it is due."""

import hashlib
import time
import uuid
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connections

from audit import recording
from audit.answers import answer_of
from audit.models import AuditRecord, MonthKey
from audit.partitions import TABLES, keep_up, partition_name
from audit.retain import deciding, month_keys
from audit.retain.carrying_out import carry_out
from audit.retain.deciding import Actor
from audit.retain.deletions import Deletion, What
from audit.retain.policy import policy_in_force
from audit.retain.standing import approved
from audit.retain.verifying import Months
from audit.seal.copies import open_copy
from audit.seal.sealing import seal
from audit.secrecy import NotRevealed, reveal
from audit.signers import FileSigner
from tests.audit.entries import answered

TODAY = datetime.now(UTC).date()
OLD = date(TODAY.year - 4, 3, 1)
SALDO, SKATT, ERRAND = "fi-utlegg-saldo", "skatt-kontroll", "agencies:bsu"
DOCUMENTS = Deletion(What.DOCUMENTS, SALDO, OLD)
NUMBERS = Deletion(What.NUMBERS, SALDO, OLD)
RECORDS = Deletion(What.RECORDS, "", OLD)
CASE, OTHER = uuid.UUID(int=0xA << 64), uuid.UUID(int=0xB << 64)
KARI, OLA, COMMAND = Actor("k7", "kari"), Actor("o1", "ola"), Actor("command line", "root")


@pytest.fixture
def as_owner(connected_as, undisturbed):
    """Let this test be audit_retain: what it asks the database, it asks as owner."""
    serving = connections["default"]
    connections["default"] = connected_as("owner")
    yield connections["default"]
    connections["default"].close()  # the next test's chains begin anew, as its trail does
    connections["default"] = serving


@pytest.fixture
def old_month(as_owner, superuser, monkeypatch):
    """Let there be partitions for that month; afterwards neither they nor its keys are there."""
    monkeypatch.setattr(month_keys, "_memory", month_keys.Memory())
    keep_up(as_owner, today=OLD, ahead=0)
    yield
    with superuser() as session:
        for table in TABLES:
            session.execute(f"DROP TABLE IF EXISTS {partition_name(table, OLD)}")
        session.execute("DELETE FROM audit_key WHERE month = %s OR kind = 'held'", [OLD])


@pytest.fixture
def trail(as_owner, old_month, settings, tmp_path, monkeypatch):
    """Two questions of one case, one of another service, one refused before there was any, and an errand."""
    settings.AUDIT_ANSWER_DAYS = {"*": 90}
    settings.AUDIT_RETENTION = {"*": {"years": 2, "ground": "the bank's own"}, SKATT: {"years": 3, "ground": "a law"}}
    settings.AUDIT_COPY = f"folder:{tmp_path}"
    private = Ed25519PrivateKey.generate()
    key = tmp_path / "seal.pem"
    key.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    settings.AUDIT_SEAL_PUBLIC_KEYS_FILE = str(key)
    made = Trail(as_owner, FileSigner(private), open_copy(settings.AUDIT_COPY), key, monkeypatch)
    made.records = SimpleNamespace(
        first=made.write(account_info_request_id=CASE, document=b'{"first": 1}'),
        second=made.write(account_info_request_id=CASE, document=b'{"second": 2}', control_object="01810199999"),
        other=made.write(service=SKATT, account_info_request_id=OTHER, document=b'{"other": 3}'),
        refused=made.write(service="", outcome="refused", account_info_request_id=None),
        errand=made.write(service=ERRAND, outcome="sent", account_info_request_id=None),
    )
    made.seal()
    return made


class Trail:
    """What people, the sealer and audit_retain do."""

    def __init__(self, owner, signer, copy, key, monkeypatch):
        self.owner, self.signer, self.copy, self.key, self.monkeypatch = owner, signer, copy, key, monkeypatch
        self.begun = time.monotonic_ns()

    def write(self, **changes):
        """Record a question as if it had been asked in the old month."""
        moment = datetime(OLD.year, OLD.month, 10, 12, tzinfo=UTC)
        ticks = int(moment.timestamp()) * 10**9 + time.monotonic_ns() - self.begun  # later than the row before
        with self.monkeypatch.context() as then:
            then.setattr("audit.appending.time.time_ns", lambda: ticks)
            document = changes.get("document")
            digest = {"document_digest": hashlib.sha256(document).digest()} if document else {}
            return recording.record(answered(**digest, **changes))

    def seal(self):
        return seal(self.owner, self.signer, self.copy, now=datetime.now(UTC))

    def hold(self, case=CASE):
        return deciding.hold(case, ground="The court asks", by=KARI)

    def ask(self, deletion):
        return deciding.request_deletion(deletion, ground="It is due", by=KARI, today=TODAY, policy=policy_in_force())

    def agree(self, request):
        return deciding.approve(request, by=OLA, today=TODAY, policy=policy_in_force())

    def approved(self, deletion):
        """Return an approved request."""
        self.agree(self.ask(deletion))
        return approved().get(**deletion.columns)

    def carry_out(self, request, today=TODAY, **how):
        months = Months(self.owner, patience=0)
        return carry_out(request, policy=policy_in_force(), today=today, by=COMMAND, verified=months.fault, **how)

    def delete(self, deletion):
        return self.carry_out(self.approved(deletion))

    def fault(self):
        """Return what a verification says of the old month and of this one."""
        months = Months(self.owner, patience=0)
        return [months.fault(OLD), months.fault(TODAY.replace(day=1))]


def number_of(record):
    """Return the number that a record is about, or None."""
    kept = AuditRecord.objects.get(pk=record)
    try:
        return reveal(kept.control_object_sealed, column="control_object_sealed", record=record)
    except NotRevealed:
        return None


def document_of(record):
    try:
        return answer_of(AuditRecord.objects.get(pk=record)).decode()
    except NotRevealed:
        return None


def keys():
    return sorted(MonthKey.objects.filter(month=OLD).values_list("name", flat=True))
