"""What docs/stand-ins.md tells of switches, persons and agreements is what there is."""

import re

import pytest

from sandbox.counterparts.aktivkonto.register import ACCOUNTS, FORMER
from sandbox.counterparts.lanekassen.persons import PERSONS
from sandbox.counterparts.pension.agreements import EMPLOYERS, PROVIDERS
from tests import cluster

SERVICES = ("aktivkonto", "altinn", "bsu", "dialogporten", "lanekassen", "pension")
PAGE = cluster.ROOT / "docs" / "stand-ins.md"


def test_every_switch_is_listed():
    sources = [path for service in SERVICES for path in (cluster.ROOT / "sandbox/counterparts" / service).glob("*.py")]
    switches = {name for path in sources for name in re.findall(r'switch\("([a-z0-9._]+)"', path.read_text())}
    assert (
        set(re.findall(r"`((?:aktivkonto|altinn|bsu|lanekassen|pension)\.[a-z0-9_]+)`", PAGE.read_text())) == switches
    )


def test_every_person_is_listed():
    listed = re.findall(r"^\| (\w+) \| ([0-9]{11}) \|", PAGE.read_text(), re.MULTILINE)
    assert listed == [(person.case, person.number) for person in PERSONS]


@pytest.mark.parametrize(
    "number", sorted({*ACCOUNTS, *FORMER, *(each for pair in (*PROVIDERS, *EMPLOYERS) for each in pair)})
)
def test_every_fixture_of_the_look_ups_is_told(number):
    assert number in PAGE.read_text()


def test_no_employer_is_told_that_is_not_there():
    told = set(re.findall(r"^\| ([0-9]{9}) \|", PAGE.read_text(), re.MULTILINE))
    assert told == {employer for _, employer in (*PROVIDERS, *EMPLOYERS)} - {"987654321"}
