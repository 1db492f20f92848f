"""The checks E049 and E050: what is missing or cannot be used is told where it is needed, and only there."""

import pytest

from audit.seal import outside_checks, witnesses
from audit.seal.outside_checks import check_copy, check_witness
from sandbox.counterparts.tsa.authority import roots_file
from tests import cluster
from tests.audit.seal.outside import Half

TSA = "rfc3161:https://tsa.example/"
MAIL = "mail:auditor@revisor.example"
SOUND = {
    "AUDIT_COPY": "",
    "AUDIT_WITNESS": "",
    "AUDIT_WITNESS_ROOTS_FILE": str(roots_file(cluster.FOLDER)),
    "ENVIRONMENT": "test",
    "SANDBOX": False,
    "DATABASE_ROLE": "sealer",
    "EMAIL_HOST": "mail.bank.example",
    "EMAIL_USE_TLS": True,
    "EMAIL_USE_SSL": False,
    "DEFAULT_FROM_EMAIL": "dsop@bank.example",
}
PRODUCTION = {"ENVIRONMENT": "production"}
SERVING = {"DATABASE_ROLE": "serving"}


@pytest.fixture
def put(settings, tmp_path, monkeypatch):
    """Return a function that changes settings; {folder} is one that can be used, {open} one that others may write."""
    (tmp_path / "copy").mkdir(mode=0o700)
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setattr(witnesses, "Half", Half, raising=False)

    def change(changes):
        for name, value in {**SOUND, **changes}.items():
            text = isinstance(value, str)
            setattr(settings, name, value.format(folder=tmp_path / "copy", open=tmp_path / "open") if text else value)

    return change


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        pytest.param({}, [], id="none"),
        pytest.param(PRODUCTION, ["is missing"], id="none in production"),
        pytest.param({**PRODUCTION, **SERVING}, [], id="none in production where nothing is sealed"),
        pytest.param({**PRODUCTION, "AUDIT_COPY": "folder:{folder}"}, [], id="a folder"),
        pytest.param(
            {"AUDIT_COPY": "folder:{folder}/none"},
            ["cannot be used (the copy's folder: No such file or directory)"],
            id="a folder that is not there",
        ),
        pytest.param({**SERVING, "AUDIT_COPY": "folder:{folder}/none"}, [], id="which only the sealer needs"),
        pytest.param(
            {"AUDIT_COPY": "folder:{open}"},
            ["cannot be used (others may write in the copy's folder)"],
            id="a folder that others may write",
        ),
        pytest.param(
            {"AUDIT_COPY": "folder:copy"}, ["names a folder that must be named by its whole path"], id="half a path"
        ),
        pytest.param(
            {**SERVING, "AUDIT_COPY": "s3:bucket"}, ["names a class that cannot be imported"], id="an unknown word"
        ),
        pytest.param(
            {"AUDIT_COPY": "audit.seal.witnesses.Half:"},
            ["names a class without append and keep"],
            id="half an adapter",
        ),
    ],
)
def test_the_copy(put, changes, faults):
    put(changes)
    assert [(found.id, found.msg) for found in check_copy()] == [("dsop.E049", f"AUDIT_COPY {it}.") for it in faults]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        pytest.param({}, [], id="none"),
        pytest.param(PRODUCTION, ["is missing"], id="none in production"),
        pytest.param({**PRODUCTION, **SERVING}, [], id="none in production where nothing is sealed"),
        pytest.param({**PRODUCTION, "AUDIT_WITNESS": TSA}, [], id="an authority"),
        pytest.param({"AUDIT_WITNESS": "rfc3161:http://tsa.example/"}, ["must name an https address"], id="http"),
        pytest.param({"AUDIT_WITNESS": "rfc3161:"}, ["must name an https address"], id="no address"),
        pytest.param(
            {"AUDIT_WITNESS": "rfc3161:http://127.0.0.1:8001/tsa/"}, ["must name an https address"], id="this machine"
        ),
        pytest.param(
            {"SANDBOX": True, "AUDIT_WITNESS": "rfc3161:http://127.0.0.1:8001/tsa/"}, [], id="it in the sandbox"
        ),
        pytest.param(
            {"AUDIT_WITNESS": TSA, "AUDIT_WITNESS_ROOTS_FILE": ""}, ["needs AUDIT_WITNESS_ROOTS_FILE"], id="no roots"
        ),
        pytest.param(
            {"AUDIT_WITNESS": TSA, "AUDIT_WITNESS_ROOTS_FILE": "{folder}/none"},
            ["names a file that cannot be read (No such file or directory)"],
            id="roots that are not there",
        ),
        pytest.param(
            {**SERVING, "AUDIT_WITNESS": TSA, "AUDIT_WITNESS_ROOTS_FILE": ""}, [], id="which only the sealer needs"
        ),
        pytest.param({**PRODUCTION, "AUDIT_WITNESS": MAIL}, [], id="an auditor"),
        pytest.param(
            {"AUDIT_WITNESS": "mail:auditor"}, ["must name an e-mail address"], id="an auditor without address"
        ),
        pytest.param(
            {"AUDIT_WITNESS": f"{MAIL},{MAIL}"}, ["must name an e-mail address"], id="two auditors in one address"
        ),
        pytest.param({"AUDIT_WITNESS": MAIL, "DEFAULT_FROM_EMAIL": ""}, ["needs EMAIL_FROM"], id="no sender"),
        pytest.param({"AUDIT_WITNESS": MAIL, "EMAIL_HOST": None}, ["needs EMAIL_URL"], id="no server"),
        pytest.param(
            {"AUDIT_WITNESS": MAIL, "EMAIL_USE_TLS": False},
            ["needs an EMAIL_URL with smtp+tls or smtp+ssl"],
            id="a server without encryption",
        ),
        pytest.param(
            {"AUDIT_WITNESS": MAIL, "EMAIL_USE_TLS": False, "EMAIL_HOST": "127.0.0.1"}, [], id="this machine's server"
        ),
        pytest.param({"AUDIT_WITNESS": "tsa.example"}, ["names a class that cannot be imported"], id="an unknown word"),
        pytest.param(
            {"AUDIT_WITNESS": "audit.seal.witnesses.Half:"}, ["names a class without ask"], id="half an adapter"
        ),
    ],
)
def test_the_witness(put, changes, faults):
    put(changes)
    assert [(found.id, found.msg) for found in check_witness()] == [
        ("dsop.E050", f"AUDIT_WITNESS {fault}.") for fault in faults
    ]


def test_an_adapter_that_breaks_is_told_by_its_class(put, monkeypatch):
    def breaks(setting):
        raise RuntimeError("a secret")

    put({"AUDIT_COPY": "folder:{folder}"})
    monkeypatch.setattr(outside_checks, "open_copy", breaks)
    assert [found.msg for found in check_copy()] == ["AUDIT_COPY cannot be used (RuntimeError)."]
