"""The settings by which the bank's errands find the stand-ins, as the README names them."""

from pathlib import Path

from sandbox.maskinporten import clients

LANEKASSEN_KEY, ALTINN_KEY = "sandbox-lanekassen", "sandbox-altinn"
"""What Lånekassen and Altinn would issue to the bank; not the same on purpose."""

CODE = "{AuthorizationCode}"


def identity(folder: Path, token_url: str) -> dict[str, str]:
    """Return who the bank is; its key is made when it is missing."""
    keys = folder / "maskinporten"
    return {
        "MASKINPORTEN_TOKEN_URL": token_url,
        "MASKINPORTEN_CLIENT_ID": clients.BANK.client_id,
        "MASKINPORTEN_KEY_ID": clients.private_key(keys, clients.BANK_NUMBER).kid,
        "MASKINPORTEN_KEY_FILE": str(clients.key_file(keys, clients.BANK_NUMBER)),
        "BANK_ORGANISATION_NUMBER": clients.BANK_NUMBER,
    }


def errands(stand_ins: str, bank: str) -> dict[str, str]:
    """Return where the agencies answer; both are addresses without a slash at the end."""
    return {
        "LANEKASSEN_ACCOUNTS_URL": f"{stand_ins}/lanekassen/saldo/v1/Accounts",
        "LANEKASSEN_API_KEY": LANEKASSEN_KEY,
        "LANEKASSEN_CONSENT": "altinn2",
        "LANEKASSEN_BANK_NAME": "Eksempelbanken",
        "LANEKASSEN_REDIRECT_URL": f"{bank}/sandbox/studielan/back",
        "ALTINN_API_KEY": ALTINN_KEY,
        "ALTINN_CONSENT_REQUEST_URL": f"{stand_ins}/altinn/api/ConsentRequest?ForceEIAuthentication",
        "ALTINN_CONSENT_PAGE_URL": f"{stand_ins}/altinn/ui/AccessConsent/request?id={CODE}",
        "ALTINN_CONSENT_TOKEN_URL": f"{stand_ins}/altinn/api/authorization/token?authcode={CODE}",
        "ALTINN_CONSENT_KEYS_URL": f"{stand_ins}/altinn/api/authorization/jwk",
        "ALTINN3_CONSENT_RESOURCE": "sandbox-studielan",
        "ALTINN3_PLATFORM_URL": f"{stand_ins}/altinn3",
        "DIALOGPORTEN_URL": f"{stand_ins}/dialogporten",
        "AKTIVKONTO_BASE_URL": f"{stand_ins}/aktivkonto/v3",
        "AKTIVKONTO_PROFILE": "current",
        "AKTIVKONTO_RIGHTS_PACKAGE": "navUtbetalingskonto",
        "BSU_BASE_URL": f"{stand_ins}/bsu/v1",
        "BSU_SYSTEM_USER_ORGANISATION": clients.BANK_NUMBER,
        "OTP_BASE_URL": f"{stand_ins}/otp/v1",
        "OTP_PROFILE": "current",
        "OTP_RIGHTS_PACKAGE": "otp,nav",
    }
