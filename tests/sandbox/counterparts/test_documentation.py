"""What docs/stand-ins.md tells of switches and persons is what there is."""

import re

from sandbox.counterparts.lanekassen.persons import PERSONS
from tests import cluster

SERVICES = ("altinn", "bsu", "dialogporten", "lanekassen")
PAGE = cluster.ROOT / "docs" / "stand-ins.md"


def test_every_switch_is_listed():
    sources = [path for service in SERVICES for path in (cluster.ROOT / "sandbox/counterparts" / service).glob("*.py")]
    switches = {name for path in sources for name in re.findall(r'switch\("([a-z0-9._]+)"', path.read_text())}
    assert set(re.findall(r"`((?:altinn|bsu|lanekassen)\.[a-z0-9_]+)`", PAGE.read_text())) == switches


def test_every_person_is_listed():
    listed = re.findall(r"^\| (\w+) \| ([0-9]{11}) \|", PAGE.read_text(), re.MULTILINE)
    assert listed == [(person.case, person.number) for person in PERSONS]
