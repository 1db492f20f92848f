"""List the characters of the synthetic bank: the case, the number to ask by, and what the answer should be."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sandbox.bank import DEFAULT_SEED, characters
from sandbox.characters import Character


class Command(BaseCommand):
    help = "List the synthetic bank's characters. Needs no database."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", dest="for_machines", action="store_true", help="a list for machines")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the seed that sandbox_load was given")

    def handle(self, *args: Any, for_machines: bool, seed: int, **options: Any) -> None:
        cast = characters(seed)
        self.stdout.write(as_json(cast) if for_machines else as_table(cast))


def as_json(cast: list[Character]) -> str:
    return json.dumps([without_blanks(character) for character in cast], ensure_ascii=False, indent=2)


def without_blanks(character: Character) -> dict[str, str]:
    return {name: value for name, value in vars(character).items() if value}


def as_table(cast: list[Character]) -> str:
    lines = [f"{'case':<25}  {'identifier':<11}  answer to FI-Utlegg Saldo"]
    lines += [f"{character.case:<25}  {character.identifier:<11}  {character.expect}" for character in cast]
    return "\n".join(lines)
