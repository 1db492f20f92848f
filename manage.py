#!/usr/bin/env python
"""Django's command line; each command runs under the databases' role that it needs."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from dsop.databases import COMMANDS, role_of
from sandbox.commandline import surroundings
from sandbox.place import Trouble


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsop.settings")
    if len(sys.argv) > 1 and sys.argv[1] in COMMANDS:
        os.environ["DSOP_ROLE"] = role_of(sys.argv[1])
    try:
        with surroundings(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, Trouble) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
