"""What the sandbox makes up for itself: settings, secrets and the addresses of its databases, kept in its folder.

The file `environment` is read by every process. The addresses of other roles, which the serving process must not know,
are not in it: who runs a command under such a role asks the cluster for them.
"""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from dsop.databases import ADDRESSES, Role
from sandbox.address import Address
from sandbox.counterparts.addresses import errands, identity
from sandbox.counterparts.tsa.authority import roots_file
from sandbox.files import make_folder, write_privately
from sandbox.place import Trouble
from sandbox.seal_keys import public_file

PROJECT = Path(__file__).resolve().parent.parent
INSTITUTION = "213456008"
SERVING_SETTINGS = ADDRESSES[Role.SERVING]
DATABASE_SETTINGS = tuple(name for names in ADDRESSES.values() for name in names)
HIDDEN_SETTINGS = (*(name for name in DATABASE_SETTINGS if name not in SERVING_SETTINGS), "AUDIT_SEAL_KEY")
"""What the serving process is never given."""
NEEDED = tuple(name for role, names in ADDRESSES.items() if role is not Role.LOADER for name in names)
"""The addresses that go together: the sandbox's bank is loaded by the ledger's owner."""


def _key(name: str, length: int) -> str:
    return f"{name}:{base64.b64encode(secrets.token_bytes(length)).decode()}"


SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "REFERENCE_KEYS": lambda: _key("r1", 64),
    "AUDIT_LOOKUP_KEYS": lambda: _key("l1", 32),
    "AUDIT_ENCRYPTION_KEYS": lambda: _key("e1", 32),
}


def sandbox_folder(environment: Mapping[str, str] = os.environ) -> Path:
    return Path(environment.get("DSOP_SANDBOX_FOLDER") or PROJECT / ".sandbox").absolute()


def given_databases(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the environment names the databases. Raise Trouble when it names only some of them."""
    missing = [name for name in NEEDED if not environment.get(name)]
    if len(missing) == len(NEEDED):
        return False
    if missing:
        raise Trouble(f"Set {' and '.join(missing)} too, or none of the database addresses.")
    return True


def write_settings(folder: Path, address: Address, stand_ins: Address, databases: Mapping[str, str]) -> None:
    """Write `environment`. Secrets that are there already stay; `databases` may be empty."""
    try:
        make_folder(folder / "copy")
        kept = read_settings(folder / "environment")
        settings = {
            **{name: kept.get(name) or make() for name, make in SECRETS.items()},
            "ALLOWED_HOSTS": ",".join(address.names),
            "MASKINPORTEN_ISSUER": f"{address.base}/sandbox/maskinporten/",
            **certificates(folder, address),
            "KONKURSVARSEL_URL": f"{address.base}/sandbox/konkursvarsel",
            **identity(folder, f"{address.base}/sandbox/maskinporten/token"),
            **errands(stand_ins.base, address.base),
            **outside(folder, stand_ins.base),
            "DSOP_AUDIENCES": f'{{"{address.base}/v2":["{INSTITUTION}"]}}',
            **{name: databases[name] for name in SERVING_SETTINGS if name in databases},
        }
        write_privately(folder / "environment", _lines(settings))
    except OSError as error:
        raise Trouble(f"The folder {folder} cannot be written to: {error.strerror}.") from None


def outside(folder: Path, stand_ins: str) -> dict[str, str]:
    """Return whose seal is on the trail, where its roots are copied to, and who stamps one of them a day."""
    return {
        "AUDIT_SEAL_PUBLIC_KEYS_FILE": str(public_file(folder)),
        "AUDIT_COPY": f"folder:{folder / 'copy'}",
        "AUDIT_WITNESS": f"rfc3161:{stand_ins}/tsa/",
        "AUDIT_WITNESS_ROOTS_FILE": str(roots_file(folder)),
    }


def certificates(folder: Path, address: Address) -> dict[str, str]:
    """Return whom the service asks for the agencies' and the police's certificates, and who may vouch for them."""
    return {
        "PLAIN_JSON": "true",
        "CERTPUB_LOCATOR_URL": f"{address.base}/sandbox/certpub/locator",
        "CERTPUB_PUBLISHER_HOSTS": address.home,
        "CERTIFICATE_ROOTS_FILE": str(folder / "certpub" / "roots.pem"),
        "CERTIFICATE_INTERMEDIATES_FILE": str(folder / "certpub" / "intermediates.pem"),
        "CERTIFICATE_REVOCATION_HOSTS": address.home,
        "EXTRADITION_JWKS_URL": f"{address.base}/sandbox/police/jwks.json",
        "EXTRADITION_ROOTS_FILE": str(folder / "police" / "roots.pem"),
    }


def read_settings(file: Path) -> dict[str, str]:
    """Return the settings in the file; none when there is no file."""
    if not file.exists():
        return {}
    pairs = (line.partition("=") for line in file.read_text().splitlines())
    return {name: value for name, separator, value in pairs if separator}


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())
