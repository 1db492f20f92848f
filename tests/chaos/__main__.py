"""`python -m tests.chaos [WORDS…]`: run the scenarios and print a table that says of each whether it held."""

import os
import sys
from importlib import import_module

import django

from tests.chaos.databases import prepared


def main(words: list[str]) -> int:
    """Have the databases ready before Django's settings are read, and Django before what names its models."""
    os.environ.setdefault("DSOP_ENVIRONMENT", "sandbox")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsop.settings")
    with prepared() as ledger:
        django.setup()
        held: int = import_module("tests.chaos.scenarios").run(ledger, words)
    return held


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
