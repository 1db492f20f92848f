"""An address with several hosts means what libpq means by it, and nothing else is guessed or repeated."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from dsop.databases import BOUNDED, LINE, Role, databases
from dsop.environment import Environment
from dsop.hosts import MOST_HOSTS

THREE = "postgres://dsop_serving:p%40ss@one.bank.example:5433,two.bank.example,10.0.0.3:5435/ledger"


def ledger(monkeypatch, address):
    monkeypatch.setenv("DATABASE_URL", "postgres://dsop_serving:x@db/dsop")
    monkeypatch.setenv("LEDGER_DATABASE_URL", address)
    return databases(Environment(), role=Role.SERVING, application="dsop")["ledger"]


@pytest.mark.parametrize(
    ("address", "hosts", "ports", "choices"),
    [
        pytest.param(
            THREE + "?target_session_attrs=any&load_balance_hosts=random",
            "one.bank.example,two.bank.example,10.0.0.3",
            "5433,5432,5435",
            ("any", "random"),
            id="three hosts, one without a port",
        ),
        pytest.param(
            THREE, "one.bank.example,two.bank.example,10.0.0.3", "5433,5432,5435", ("any", "disable"), id="no choices"
        ),
        pytest.param(
            "postgres://dsop_serving:p%40ss@%2Frun%2Fone,%2Frun%2Ftwo:5433/ledger?target_session_attrs=prefer-standby",
            "/run/one,/run/two",
            "5432,5433",
            ("prefer-standby", "disable"),
            id="sockets",
        ),
        pytest.param(
            "postgresql://dsop_serving:p%40ss@[::1]:5433,[fe80::2]/ledger?target_session_attrs=standby",
            "::1,fe80::2",
            "5433,5432",
            ("standby", "disable"),
            id="IPv6",
        ),
    ],
)
def test_hosts_that_are_read(monkeypatch, address, hosts, ports, choices):
    found = ledger(monkeypatch, address)
    options = found.pop("OPTIONS")
    assert found == {
        "ENGINE": "accounts.replicas",
        "NAME": "ledger",
        "USER": "dsop_serving",
        "PASSWORD": "p@ss",
        "HOST": hosts,
        "PORT": ports,
        "CONN_MAX_AGE": None,
    }
    assert options == {
        "target_session_attrs": choices[0],
        "load_balance_hosts": choices[1],
        "application_name": "dsop",
        "connect_timeout": 2,
        "server_side_binding": True,
        "prepare_threshold": 1,
        "options": f"-c timezone=UTC {BOUNDED} -c default_transaction_read_only=on",
        **LINE,
    }


def test_tls_is_for_every_host(monkeypatch):
    options = ledger(monkeypatch, THREE + "?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem")["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ssl/db.pem")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        pytest.param("postgres://u:s3cret@a,b", "must name its role and its database", id="no database"),
        pytest.param("postgres://a,b/ledger", "must name its role and its database", id="no role"),
        pytest.param("postgres://u:s3cret@a,,b/ledger", "a host without a name", id="a comma too many"),
        pytest.param("postgres://u:s3cret@a,b,/ledger", "a host without a name", id="a comma at the end"),
        pytest.param("postgres://u:s3cret@a:1,a:1/ledger", "lists a host twice", id="one host twice"),
        pytest.param("postgres://u:s3cret@a:5432,a/ledger", "lists a host twice", id="twice, the port left out once"),
        pytest.param("postgres://u:s3cret@a:0,b/ledger", "a port that is none", id="port 0"),
        pytest.param("postgres://u:s3cret@a:65536,b/ledger", "a port that is none", id="port too high"),
        pytest.param("postgres://u:s3cret@a:x,b/ledger", "a port that is none", id="port in letters"),
        pytest.param("postgres://u:s3cret@a:1:2,b/ledger", "a port that is none", id="two ports"),
        pytest.param("postgres://u:s3cret@a,b/ledger?host=c", "no choice among hosts", id="another host behind"),
        pytest.param("postgres://u:s3cret@a,b/ledger?port=1", "no choice among hosts", id="another port behind"),
        pytest.param("postgres://u:s3cret@a,b/ledger?options=-cx%3D1", "no choice among hosts", id="session settings"),
        pytest.param("postgres://u:s3cret@a,b/ledger?connect_timeout=99", "no choice among hosts", id="our own limit"),
        pytest.param("postgres://u:s3cret@a,b/ledger?nonsense=1", "is not an address", id="a word libpq has not"),
        pytest.param(
            "postgres://u:s3cret@a,b/ledger?target_session_attrs=read-write",
            "as target_session_attrs",
            id="hosts that may be written to",
        ),
        pytest.param(
            "postgres://u:s3cret@a,b/ledger?load_balance_hosts=yes", "as load_balance_hosts", id="an unknown order"
        ),
        pytest.param(
            "postgres://u:s3cret@" + ",".join(f"h{n}" for n in range(MOST_HOSTS + 1)) + "/ledger",
            "more than 8 hosts",
            id="too many hosts",
        ),
    ],
)
def test_hosts_that_are_refused(monkeypatch, address, sentence):
    with pytest.raises(ImproperlyConfigured) as refused:
        ledger(monkeypatch, address)
    assert sentence in str(refused.value)
    assert "LEDGER_DATABASE_URL" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_one_host_is_what_it_was():
    """The suite's own ledger, over a socket."""
    found = databases(Environment(), role=Role.SERVING, application="dsop")["ledger"]
    assert "%2F" in os.environ["LEDGER_DATABASE_URL"]
    assert (found["ENGINE"], found["HOST"][0]) == ("audit.postgresql", "/")
    assert found["OPTIONS"].keys() == {
        *("application_name", "connect_timeout", "server_side_binding", "prepare_threshold", "options"),
        *LINE,
    }
    assert found["OPTIONS"]["connect_timeout"] == 2
