"""Reading one setting: what is missing, blank or malformed is named, and never repeated."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from dsop.databases import Role, databases
from dsop.environment import Environment

ENV = Environment()
LIST = "The README lists every setting."
SECRET = "9vJ0kQx7dRb2TzLs"


def read(reader, **options):
    return getattr(ENV, reader)("DSOP_TESTED", **options)


@pytest.mark.parametrize(
    ("text", "reader", "value"),
    [
        pytest.param("a b", "str", "a b", id="text"),
        pytest.param(" a ", "str", " a ", id="text keeps its blanks"),
        pytest.param("$HOME", "str", "$HOME", id="a dollar sign is a dollar sign"),
        pytest.param("\\$HOME", "str", "\\$HOME", id="a backslash is a backslash"),
        pytest.param("120", "int", 120, id="number"),
        pytest.param(" -1 ", "int", -1, id="number with blanks"),
        pytest.param("a,b,,c", "list", ["a", "b", "c"], id="list"),
        pytest.param('{"a": [1]}', "json", {"a": [1]}, id="JSON"),
        *(pytest.param(text, "bool", True, id=text) for text in ("true", "TRUE", " True ", "yes", "on", "1")),
        *(pytest.param(text, "bool", False, id=text) for text in ("false", "FALSE", "no", "off", "0")),
    ],
)
def test_value(monkeypatch, text, reader, value):
    monkeypatch.setenv("DSOP_TESTED", text)
    assert read(reader) == value
    assert read(reader, default=None) == value, "a default changes nothing"


@pytest.mark.parametrize("text", [None, "", " ", "\t\n"], ids=["unset", "empty", "blank", "line end"])
@pytest.mark.parametrize("reader", ["str", "int", "bool", "list", "json"])
def test_missing(monkeypatch, text, reader):
    monkeypatch.delenv("DSOP_TESTED", raising=False)
    if text is not None:
        monkeypatch.setenv("DSOP_TESTED", text)
    with pytest.raises(ImproperlyConfigured) as refused:
        read(reader)
    assert str(refused.value) == f"Set DSOP_TESTED. {LIST}"
    assert read(reader, default="as it was") == "as it was"


@pytest.mark.parametrize(
    ("text", "reader", "form"),
    [
        pytest.param("ten", "int", "a whole number", id="word for a number"),
        pytest.param("10.0", "int", "a whole number", id="decimal number"),
        pytest.param("1e3", "int", "a whole number", id="exponent"),
        pytest.param("{", "json", "JSON", id="half a document"),
        pytest.param("[1,]", "json", "JSON", id="trailing comma"),
        *(
            pytest.param(text, "bool", "true or false", id=f"{text} is neither")
            for text in ("ja", "nei", "sann", "tru", "t", "y", "2", "-1", "00", "enabled", SECRET)
        ),
    ],
)
def test_malformed(monkeypatch, text, reader, form):
    monkeypatch.setenv("DSOP_TESTED", text)
    for options in ({}, {"default": None}):
        with pytest.raises(ImproperlyConfigured) as refused:
            read(reader, **options)
        assert str(refused.value) == f"DSOP_TESTED must be {form}. {LIST}"
        assert refused.value.__suppress_context__ and refused.value.__cause__ is None


def parts(monkeypatch, address):
    for name in ("DATABASE_URL", "LEDGER_DATABASE_URL"):
        monkeypatch.setenv(name, address)
    return databases(ENV, role=Role.SERVING, application="test")


@pytest.mark.parametrize(
    ("address", "host", "port", "password"),
    [
        pytest.param(
            f"postgres://serving:{SECRET}@db.bank.example:6432/dsop", "db.bank.example", 6432, SECRET, id="TCP"
        ),
        pytest.param(
            f"postgresql://serving:{SECRET}@db.bank.example/dsop", "db.bank.example", "", SECRET, id="long scheme"
        ),
        pytest.param("postgres://serving@%2Fvar%2Frun%2Fpostgresql/dsop", "/var/run/postgresql", "", "", id="a socket"),
        pytest.param("postgres://serving:a%2Fb%40%24@db/dsop", "db", "", "a/b@$", id="encoded password"),
    ],
)
def test_address(monkeypatch, address, host, port, password):
    for server in parts(monkeypatch, address).values():
        assert [server[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")] == [
            host, port, "serving", password, "dsop",
        ]  # fmt: skip
        assert server["ENGINE"] == "audit.postgresql"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(f"//serving:{SECRET}@db/dsop", id="no scheme"),
        pytest.param(f"serving:{SECRET}@db/dsop", id="neither scheme nor slashes"),
        pytest.param(f"mysql://serving:{SECRET}@db/dsop", id="another scheme"),
        pytest.param(f"sqlite:///{SECRET}", id="a file"),
        pytest.param(f"postgres://serving:{SECRET}@db", id="no database"),
        pytest.param(f"postgres://serving:{SECRET}@db/", id="an empty database"),
        pytest.param(f"postgres://serving:{SECRET}@db:port/dsop", id="a port that is none"),
        pytest.param(f"postgres://serving:{SECRET}@db:99999/dsop", id="a port beyond all ports"),
        pytest.param(f"postgres://serving:a/{SECRET}@db/dsop", id="a password with a slash"),
        pytest.param(f"postgres://serving:[{SECRET}@db/dsop", id="a password with a bracket"),
    ],
)
def test_address_that_is_none(monkeypatch, recwarn, address):
    with pytest.raises(ImproperlyConfigured) as refused:
        parts(monkeypatch, address)
    assert str(refused.value) == (
        "DATABASE_URL must be an address such as postgres://role:password@host:5432/database, percent-encoded."
    )
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert not recwarn.list, "a warning would print the address"
