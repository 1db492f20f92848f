"""The list of characters, as people and machines get it."""

import json
from io import StringIO

from django.core.management import call_command

from legal.numbers import kind_of
from sandbox.bank import DEFAULT_SEED, characters


def test_the_list_for_machines():
    listed = json.loads(said("--json"))
    assert len(listed) == 35
    for row, character in zip(listed, characters(DEFAULT_SEED), strict=True):
        known = {"case": character.case, "identifier": character.identifier, "expect": character.expect}
        further = {name: getattr(character, name) for name in ("guardian", "service", "answers")}
        assert row == known | {name: value for name, value in further.items() if value}
        assert row["expect"].endswith(".")
    wards = {row["case"] for row in listed if "guardian" in row}
    assert wards == {"under-guardianship", "ward-partly-disposed", "ward-other-task"}
    identifiers = {row["case"]: row["identifier"] for row in listed}
    assert {kind_of(identifiers[case]) for case in ("d-number", "former-number")} == {"dNumber"}


def test_the_list_for_people():
    header, *lines = said().splitlines()
    assert header.split() == ["case", "identifier", "answer", "to", "FI-Utlegg", "Saldo"]
    assert [line.split()[:2] for line in lines] == [[c.case, c.identifier] for c in characters(DEFAULT_SEED)]
    assert said("--seed", "2") != said()


def said(*arguments):
    out = StringIO()
    call_command("sandbox_parties", *arguments, stdout=out)
    return out.getvalue()
