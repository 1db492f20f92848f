"""What a `manage.py` command finds around it in the sandbox: settings, and a database when it needs one."""

import contextlib
import os
from collections.abc import Iterator, Sequence

from dsop.databases import ADDRESSES, Role, role_of
from sandbox.place import Trouble
from sandbox.postgres import Cluster
from sandbox.seal_keys import key_source
from sandbox.surroundings import read_settings, sandbox_folder

WITHOUT_DATABASE = frozenset(
    {
        "check",
        "collectstatic",
        "diffsettings",
        "enquire",
        "extradition_order",
        "findstatic",
        "help",
        "make_key",
        "sandbox_certificates",
        "sandbox_parties",
        "token",
        "version",
    }
)
ONLY_WORDS = frozenset({"-h", "--help", "--version"})


@contextlib.contextmanager
def surroundings(arguments: Sequence[str]) -> Iterator[None]:
    """Let the command run with the embedded databases, started for it unless they run.

    Outside the sandbox, and where the environment names the databases, nothing is done.
    """
    role = role_of(arguments[0] if arguments else "")
    own = ADDRESSES[role]
    given = any(os.environ.get(name) for name in ("DATABASE_URL", *own))
    if os.environ.get("DSOP_ENVIRONMENT") != "sandbox" or given:
        yield
        return
    folder = sandbox_folder()
    settings = read_settings(folder / "environment")
    if not settings:
        raise Trouble(f"There are no settings in {folder} yet: make run writes them; run it once.")
    if "DATABASE_URL" not in settings:
        raise Trouble("make run was given its databases in the environment: give this command the same addresses.")
    if not needs_database(arguments):
        yield
        return
    with Cluster(folder / "postgres") as cluster:
        urls = cluster.urls()
        os.environ.update({name: urls[name] for name in own})
        if role is Role.SEALER:
            os.environ.setdefault("AUDIT_SEAL_KEY", key_source(folder))
        yield


def needs_database(arguments: Sequence[str]) -> bool:
    """Return whether this command line may ask a database."""
    if not arguments or ONLY_WORDS.intersection(arguments):
        return False
    # `check` asks databases only when one is named.
    return arguments[0] not in WITHOUT_DATABASE or any(word.startswith("--database") for word in arguments)
