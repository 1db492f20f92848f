"""Why a certificate is refused: a closed list of words for logs, metrics and administrators (LOG-02)."""

from enum import StrEnum


class Reason(StrEnum):
    """One word for each rule group; never what a library said."""

    MALFORMED = "crt.malformed"  # not readable, or odd in a way that no authority we trust makes
    NOT_YET_VALID = "crt.not_yet_valid"  # CRT-01
    EXPIRED = "crt.expired"  # CRT-01
    CHAIN = "crt.chain"  # CRT-02
    POLICY = "crt.policy"  # CRT-03
    EXTENSION = "crt.extension"  # CRT-04
    USAGE = "crt.usage"  # CRT-04, CRT-05
    KEY = "crt.key"  # CRT-06
    ALGORITHM = "crt.algorithm"  # signed with something weak or unknown
    SUBJECT = "crt.subject"  # CRT-07, EO-02
    REVOKED = "crt.revoked"  # CRT-08
    REVOCATION_UNKNOWN = "crt.revocation_unknown"  # CRT-08


class CertificateRefused(Exception):
    """The certificate must not be used. Its text is the reason's word and never holds anything of the certificate."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
