"""What the authority has issued and taken back: one small file, because OCSP must tell unknown from good."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from sandbox.files import write_privately
from sandbox.locks import Lock
from sandbox.maskinporten.keys import private_folder

Written = dict[str, dict[str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Revocation:
    """When a certificate was taken back, and why."""

    at: datetime
    reason: x509.ReasonFlags


class Register:
    """Serial numbers by issuer. Read anew for each question: another process may have revoked meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "register.json"

    def record(self, certificate: x509.Certificate) -> None:
        """Write down that the certificate was issued; what is known about it already stays."""
        with self._changing() as written:
            of_issuer = written.setdefault(certificate.issuer.rfc4514_string(), {})
            of_issuer.setdefault(str(certificate.serial_number), {})

    def revoke(
        self,
        certificate: x509.Certificate,
        *,
        at: datetime,
        reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise,
    ) -> None:
        """Take the certificate back; from now on CRL and OCSP say so."""
        with self._changing() as written:
            of_issuer = written.setdefault(certificate.issuer.rfc4514_string(), {})
            entry = {"revoked_at": at.replace(microsecond=0).isoformat(), "reason": reason.name}
            of_issuer[str(certificate.serial_number)] = entry

    def is_revoked(self, certificate: x509.Certificate) -> bool:
        return bool(self.issued(certificate.issuer).get(certificate.serial_number))

    def issued(self, issuer: x509.Name) -> dict[int, Revocation | None]:
        """Return every serial number that the issuer has given, with its revocation if it was taken back."""
        of_issuer = self._read().get(issuer.rfc4514_string(), {})
        return {int(serial): _revocation(entry) for serial, entry in of_issuer.items()}

    def _read(self) -> Written:
        written: Written = json.loads(self._file.read_text()) if self._file.exists() else {}
        return written

    @contextmanager
    def _changing(self) -> Iterator[Written]:
        with Lock(private_folder(self._folder) / "register.lock").wait():
            written = self._read()
            yield written
            write_privately(self._file, json.dumps(written, indent=1))


def _revocation(entry: dict[str, str]) -> Revocation | None:
    if not entry:
        return None
    return Revocation(datetime.fromisoformat(entry["revoked_at"]), x509.ReasonFlags[entry["reason"]])
