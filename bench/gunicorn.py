"""The other variants under the product's own server: its settings, without its background duties."""

import os
from typing import Any

from django.utils.module_loading import import_string

from dsop.gunicorn import *  # noqa: F403


def post_worker_init(worker: Any) -> None:
    import_string("bench.variants.VARIANTS")[os.environ["BENCH_VARIANT"]].ready()


def worker_exit(server: Any, worker: Any) -> None:
    """Leave nothing to write down."""
