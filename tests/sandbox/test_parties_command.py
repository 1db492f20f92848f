"""The list of characters, as people and machines get it."""

import json
from io import StringIO

from django.core.management import call_command

from legal.numbers import kind_of
from sandbox.bank import DEFAULT_SEED, characters


def test_the_list_for_machines():
    listed = json.loads(said("--json"))
    assert len(listed) == 21
    for row, character in zip(listed, characters(DEFAULT_SEED), strict=True):
        known = {"case": character.case, "identifier": character.identifier, "expect": character.expect}
        assert row == (known if character.case != "under-guardianship" else {**known, "guardian": character.guardian})
        assert row["expect"].endswith(".")
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
