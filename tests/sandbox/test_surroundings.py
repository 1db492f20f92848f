"""The sandbox takes databases that it is given only when it is given each role's address."""

import pytest

from dsop.databases import ADDRESSES, Role
from sandbox.place import Trouble
from sandbox.surroundings import HIDDEN_SETTINGS, NEEDED, SERVING_SETTINGS, given_databases

ALL = dict.fromkeys(NEEDED, "postgres://somebody@db/some")


@pytest.mark.parametrize(
    ("environment", "given"),
    [
        pytest.param({}, False, id="none: it makes its own"),
        pytest.param(dict.fromkeys(NEEDED, ""), False, id="all left empty"),
        pytest.param(ALL, True, id="all"),
        pytest.param({**ALL, "LEDGER_LOADER_URL": "postgres://loader@db/some"}, True, id="the loader's too"),
    ],
)
def test_all_databases_are_given_or_none(environment, given):
    assert given_databases(environment) is given


@pytest.mark.parametrize("missing", [[name] for name in NEEDED] + [["DATABASE_SEALER_URL", "DATABASE_AUDITOR_URL"]])
def test_what_is_missing_is_said(missing):
    with pytest.raises(Trouble) as refused:
        given_databases({name: url for name, url in ALL.items() if name not in missing})
    assert str(refused.value) == f"Set {' and '.join(missing)} too, or none of the database addresses."


def test_the_serving_process_is_given_its_own_addresses_alone():
    others = {name for role, names in ADDRESSES.items() if role is not Role.SERVING for name in names}
    assert {*HIDDEN_SETTINGS} == others | {"AUDIT_SEAL_KEY"}
    assert not {*SERVING_SETTINGS} & {*HIDDEN_SETTINGS}
