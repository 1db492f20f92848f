"""Settings out of the environment, read strictly: a fault is told in one sentence that never repeats a value."""

import json
import os
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

FORMS = {int: "a whole number", bool: "true or false", json.loads: "JSON"}
WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class Environment(environ.Env):
    """The readers of django-environ over stricter values.

    A blank value is a missing one. No value is taken for the name of another variable: that would print a secret
    that begins with a dollar sign. A word that is neither true nor false is refused instead of read as false.
    """

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        text = os.environ.get(var, "")
        if text.strip():
            try:
                return WORDS[text.strip().lower()] if cast is bool else self.parse_value(text, cast)
            except (KeyError, ValueError):
                raise ImproperlyConfigured(f"{var} must be {FORMS[cast]}. The README lists every setting.") from None
        if default is self.NOTSET:
            raise ImproperlyConfigured(f"Set {var}. The README lists every setting.")
        return default
