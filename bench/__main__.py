"""`python -m bench`: what an answer costs, beside the floor under it. Ends non-zero when a goal is missed."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.utils.module_loading import import_string

from bench.sizes import SIZES
from bench.world import World
from sandbox.ending import Stopped, listen
from sandbox.place import Trouble
from sandbox.surroundings import sandbox_folder

SECTIONS = ("accounts", "details", "transactions", "keyset", "import", "memory", "encryption", "instructions", "load")


def sections(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(SECTIONS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))} is none of {', '.join(SECTIONS)}")
    return chosen


def read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small", help="of the ledger (default: small)")
    parser.add_argument("--rounds", type=int, default=5, help="in which the variants take turns (default: 5)")
    parser.add_argument("--only", type=sections, default=list(SECTIONS), help=",".join(SECTIONS))
    parser.add_argument("--layer", choices=["inside", "http"], help="one of the two layers only")
    parser.add_argument("--variants", type=lambda text: text.split(","), help="some of them only, the floor included")
    parser.add_argument("--seconds", type=float, default=20.0, help="of the steady load (default: 20)")
    parser.add_argument("--rate", type=float, help="of it, a second: held, and no other is tried")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured there")
    parser.add_argument("--gate", type=Path, metavar="FILE", help="read limits from there instead of our own")
    parser.add_argument("--keep", action="store_true", help="leave the databases for the next run")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    options = read(arguments)
    listen()
    try:
        folder = sandbox_folder() / f"bench-{options.size}"
        with World(folder, SIZES[options.size], kept=options.keep).opened() as world:
            django.setup(set_prefix=False)
            logging.getLogger().setLevel(logging.WARNING)  # the stand-ins write a line for each request
            missed: bool = import_string("bench.running.run")(options, world)
            return int(missed)
    except Stopped:
        return 1
    except Trouble as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
