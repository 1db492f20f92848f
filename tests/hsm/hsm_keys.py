"""Keys in a security module: they work, they never leave, and what is wrong with them is said in one sentence."""

import hmac
import os
import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from audit.key_sources import Purpose
from audit.keyring import KeyRing
from audit.security_module import KeyUnusable, SecurityModule
from audit.signers import Signing, read_signer
from tests.cluster import key, manage
from tests.consumer import Consumer, body, identifier

MASTER = secrets.token_bytes(64)
MESSAGE = b"what is signed"
PIN = "271828"


def ring(text, module, purpose=Purpose.REFERENCE, length=64):
    return KeyRing(text, length=length, purpose=purpose, module=module)


def test_a_secret_is_derived_for_its_purpose_and_name_alone(module, put):
    put("dsop", MASTER)
    references = ring("h1:pkcs11:dsop,h2:pkcs11:dsop", module)
    lookup = ring("h1:pkcs11:dsop", module, Purpose.AUDIT_LOOKUP, 32)
    encryption = ring("h1:pkcs11:dsop", module, Purpose.AUDIT_ENCRYPTION, 32)
    assert references.writing.secret == hmac.digest(MASTER, b"dsop/reference/h1", "sha512")
    assert references.named("h2").secret == hmac.digest(MASTER, b"dsop/reference/h2", "sha512")
    assert lookup.writing.secret == hmac.digest(MASTER, b"dsop/audit-lookup/h1", "sha512")[:32]
    assert encryption.writing.secret == hmac.digest(MASTER, b"dsop/audit-encryption/h1", "sha512")[:32]


def test_sources_may_be_mixed(module, put):
    put("dsop", MASTER)
    mixed = ring(f"h2:pkcs11:dsop,{key('r1', 64)}", module)
    assert [each.name for each in mixed] == ["h2", "r1"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({}, None, id="as it should be"),
        pytest.param(
            {"extractable": True},
            "could be taken out of the security module: it must be sensitive and not extractable",
            id="extractable",
        ),
        pytest.param(
            {"sensitive": False},
            "could be taken out of the security module: it must be sensitive and not extractable",
            id="readable",
        ),
        pytest.param({"value": MASTER[:31]}, "is shorter than 32 bytes in the security module", id="short"),
        pytest.param({"sign": False}, "may not sign in the security module", id="not for this"),
        pytest.param({"label": "dsopp"}, "is not in the security module under that label", id="another label"),
    ],
)
def test_a_secret_that_will_not_do(module, put, changes, sentence):
    put("dsop", MASTER, **changes)
    if sentence is None:
        assert ring("h1:pkcs11:dsop", module).writing.name == "h1"
        return
    with pytest.raises(KeyUnusable) as refused:
        ring("h1:pkcs11:dsop", module)
    assert str(refused.value) == f"the key h1 {sentence}"


def test_two_secrets_under_one_label(module, put):
    put("dsop", MASTER)
    put("dsop", MASTER)
    with pytest.raises(KeyUnusable, match=r"^the key h1 is not the only one in the security module under that label$"):
        ring("h1:pkcs11:dsop", module)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        pytest.param({"pin": "999999"}, "the security module answers PinIncorrect", id="another PIN"),
        pytest.param({"pin": ""}, "the security module answers ", id="an empty PIN"),
        pytest.param({"token": "bnak"}, "the security module answers NoSuchToken", id="another token"),
        pytest.param({"library": "/no/such.so"}, "the library in PKCS11_MODULE cannot be loaded", id="no library"),
        pytest.param(
            {"library": "/etc/hostname"}, "the library in PKCS11_MODULE cannot be loaded", id="something else"
        ),
    ],
)
def test_a_module_that_does_not_open(token, module, changes, answer):
    module.make_secret("dsop")
    right = {"library": token["PKCS11_MODULE"], "token": token["PKCS11_TOKEN"], "pin": PIN}
    with pytest.raises(KeyUnusable) as refused:
        ring("h1:pkcs11:dsop", SecurityModule(**{**right, **changes}))
    assert str(refused.value).startswith(f"the key h1 cannot be used: {answer}")
    assert changes.get("pin", "?") not in str(refused.value) or not changes["pin"]
    assert ring("h1:pkcs11:dsop", module), "it opens again afterwards"


def test_what_is_made_cannot_leave(token, module):
    module.make_secret("secret")
    module.make_rsa_pair("bank")
    module.make_ed25519_pair("seal")
    library = pkcs11.lib(token["PKCS11_MODULE"])
    try:
        with library.get_token(token_label="bank").open(user_pin=PIN) as session:
            kept = [
                session.get_key(object_class=kind, label=label)
                for kind, label in (
                    (pkcs11.ObjectClass.SECRET_KEY, "secret"),
                    (pkcs11.ObjectClass.PRIVATE_KEY, "bank"),
                    (pkcs11.ObjectClass.PRIVATE_KEY, "seal"),
                )
            ]
            for each, part in zip(kept, ("VALUE", "PRIVATE_EXPONENT", "VALUE"), strict=True):
                assert each[pkcs11.Attribute.NEVER_EXTRACTABLE] and each[pkcs11.Attribute.ALWAYS_SENSITIVE]
                with pytest.raises(pkcs11.AttributeSensitive):
                    each[pkcs11.Attribute[part]]
        with library.get_token(token_label="bank").open() as stranger:
            assert [*stranger.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY})] == []
    finally:
        library.finalize()


def test_the_command_makes_them(token):
    made = manage("make_key", "--for", "reference", "--pkcs11", "dsop", **token)
    assert (made.returncode, made.stdout) == (0, "r2:pkcs11:dsop\n")
    module = SecurityModule(library=token["PKCS11_MODULE"], token="bank", pin=PIN)
    assert len(ring(made.stdout.strip(), module).writing.secret) == 64
    for purpose, signing in (("seal", Signing.ED25519), ("enterprise", Signing.RS256)):
        made = manage("make_key", "--for", purpose, "--pkcs11", purpose, **token)
        source, _, public = made.stdout.partition("\n")
        assert source == f"pkcs11:{purpose}"
        assert read_signer(source, signing, module=module).public_key == load_pem_public_key(public.encode())
        again = manage("make_key", "--for", purpose, "--pkcs11", purpose, **token)
        assert (again.returncode, again.stdout) == (1, "")
        assert "The key is not made: the security module holds something under that label already." in again.stderr


def test_the_banks_key_signs(module):
    module.make_rsa_pair("bank")
    signer = read_signer("pkcs11:bank", Signing.RS256, module=module)
    signer.public_key.verify(signer.sign(MESSAGE), MESSAGE, PKCS1v15(), SHA256())
    with pytest.raises(KeyUnusable, match=r"^is not one for ED25519$"):
        read_signer("pkcs11:bank", Signing.ED25519, module=module)


def test_the_seals_key_signs(module):
    module.make_ed25519_pair("seal")
    signer = read_signer("pkcs11:seal", Signing.ED25519, module=module)
    signer.public_key.verify(signer.sign(MESSAGE), MESSAGE)
    assert PIN not in repr(signer)


def test_threads_take_turns(module):
    module.make_ed25519_pair("seal")
    signer = read_signer("pkcs11:seal", Signing.ED25519, module=module)
    with ThreadPoolExecutor(8) as threads:
        for signature in threads.map(lambda _: signer.sign(MESSAGE), range(40)):
            signer.public_key.verify(signature, MESSAGE)


def test_a_forked_worker_signs_too(module):
    module.make_ed25519_pair("seal")
    signer = read_signer("pkcs11:seal", Signing.ED25519, module=module)
    signer.sign(MESSAGE)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, signer.sign(MESSAGE))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        signer.public_key.verify(pipe.read(), MESSAGE)
    os.waitpid(child, 0)
    signer.public_key.verify(signer.sign(MESSAGE), MESSAGE)


def test_the_service_takes_its_keys_from_there(server, another_server, clean_audit, token, module):
    """Two instances derive the same keys, and what was made before the change still opens."""
    module.make_secret("dsop")
    rings = {
        name: f"h1:pkcs11:dsop,{os.environ[name]}"
        for name in ("REFERENCE_KEYS", "AUDIT_LOOKUP_KEYS", "AUDIT_ENCRYPTION_KEYS")
    }
    instances = [another_server(**token, **rings) for _ in range(2)]
    case = str(uuid.uuid4())

    def reference_from(instance):
        listed = Consumer(instance, "974761076").accounts(identifier("debtor-five-accounts"), AccountInfoRequestID=case)
        return body(listed)["accounts"][0]["accountReference"]

    references = [reference_from(instance) for instance in (server, *instances)]
    assert references[0] != references[1] == references[2]
    for instance in instances:
        statuses = [Consumer(instance, "974761076").details(each, case).status for each in references]
        assert statuses == [200, 200, 200]
    assert Consumer(server, "974761076").details(references[1], case).status == 404
    assert PIN not in "".join(instance.log.read_text() for instance in instances)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({}, "REFERENCE_KEYS: the key h1 is not in the security module under that label.", id="no key"),
        pytest.param(
            {"PKCS11_TOKEN": "bnak"},
            "REFERENCE_KEYS: the key h1 cannot be used: the security module answers NoSuchToken.",
            id="no token",
        ),
        pytest.param(
            {"PKCS11_PIN": PIN},
            "Set PKCS11_MODULE and PKCS11_TOKEN, and one of PKCS11_PIN and PKCS11_PIN_FILE; or none.",
            id="two PINs",
        ),
    ],
)
def test_the_service_does_not_start_without_its_keys(token, changes, complaint):
    checked = manage("check", **{**token, "REFERENCE_KEYS": "h1:pkcs11:dsop", **changes})
    assert (checked.returncode, checked.stdout, checked.stderr.strip()) == (1, "", complaint)
