"""What the servers of the other variants serve: the application of the one named in BENCH_VARIANT."""

import os

import django
from django.utils.module_loading import import_string

django.setup(set_prefix=False)
application = import_string(import_string("bench.variants.VARIANTS")[os.environ["BENCH_VARIANT"]].application)
