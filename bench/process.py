"""A process of ours in which Django is set up before anything else is read: `python -m bench.process WHAT [words]`."""

import sys

import django
from django.utils.module_loading import import_string

if __name__ == "__main__":
    django.setup(set_prefix=False)
    import_string(f"bench.{sys.argv[1]}")(*sys.argv[2:])
