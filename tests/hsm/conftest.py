"""A security module of this test's own: SoftHSM from Debian, with one token."""

import shutil
import subprocess
from pathlib import Path

import pkcs11
import pytest

from audit.security_module import SecurityModule

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, OFFICER = "271828", "314159"


@pytest.fixture
def token(tmp_path, monkeypatch):
    """Make an empty token; return the settings that lead to it. Without SoftHSM the test fails."""
    if not (LIBRARY.exists() and shutil.which("softhsm2-util")):
        pytest.fail("SoftHSM is missing: install Debian's package softhsm2.", pytrace=False)
    folder = tmp_path / "softhsm"
    (folder / "tokens").mkdir(parents=True)
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    (folder / "pin").write_text(f"{PIN}\n")
    (folder / "pin").chmod(0o600)
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "conf"))
    for label in ("bank", "another"):
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", OFFICER],
            check=True,
            capture_output=True,
        )
    return {
        "PKCS11_MODULE": str(LIBRARY),
        "PKCS11_TOKEN": "bank",
        "PKCS11_PIN_FILE": str(folder / "pin"),
    }


@pytest.fixture
def module(token):
    return SecurityModule(library=token["PKCS11_MODULE"], token=token["PKCS11_TOKEN"], pin=PIN)


@pytest.fixture
def put(token):
    """Return a function that puts a secret of known bytes into the token, as a careless officer might."""

    def create(label, value, /, **changes):
        library = pkcs11.lib(token["PKCS11_MODULE"])
        try:
            with library.get_token(token_label="bank").open(rw=True, user_pin=PIN) as session:
                session.create_object(
                    {
                        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
                        pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.GENERIC_SECRET,
                        pkcs11.Attribute.TOKEN: True,
                        pkcs11.Attribute.PRIVATE: True,
                        pkcs11.Attribute.SENSITIVE: True,
                        pkcs11.Attribute.EXTRACTABLE: False,
                        pkcs11.Attribute.SIGN: True,
                        pkcs11.Attribute.LABEL: label,
                        pkcs11.Attribute.VALUE: value,
                        **{pkcs11.Attribute[name.upper()]: wanted for name, wanted in changes.items()},
                    }
                )
        finally:
            library.finalize()

    return create
