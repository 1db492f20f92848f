"""What a bank brings itself: a class named in a setting, made with the one word behind the colon."""

from typing import Any

from django.utils.module_loading import import_string


class Unusable(ValueError):
    """A setting names a place that cannot be used. The text says why and repeats no secret."""


def adapter(setting: str, methods: tuple[str, ...]) -> Any:
    """Return what `package.module.Class:argument` makes. Raise Unusable when that has not these methods."""
    path, _, argument = setting.partition(":")
    try:
        made = import_string(path)(argument)
    except ImportError:
        raise Unusable("names a class that cannot be imported") from None
    except Exception as error:  # somebody else's code: whatever it raises, this place cannot be used
        raise Unusable(f"names a class that cannot be made ({type(error).__name__})") from None
    if missing := [name for name in methods if not callable(getattr(made, name, None))]:
        raise Unusable(f"names a class without {' and '.join(missing)}")
    return made
