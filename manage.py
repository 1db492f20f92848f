#!/usr/bin/env python
"""Django's command line; commands that make or drop things run as the databases' owner."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from dsop.databases import OWNER_COMMANDS
from sandbox.commandline import surroundings
from sandbox.place import Trouble


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsop.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["DSOP_AS_OWNER"] = "1"
    try:
        with surroundings(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, Trouble) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
