"""Folders and files of the sandbox: nobody else's to read, whole or not there at all."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make the folder and those above it that are missing; the mode of one that exists is left alone."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        # Root's PostgreSQL runs under another account, which must be able to walk through; not to look around.
        path.chmod(0o711 if os.geteuid() == 0 else 0o700)


def write_privately(file: Path, text: str) -> None:
    """Write the file for this user's eyes only, whole: a reader sees the old text or the new one."""
    with _written(file, text) as unfinished:
        unfinished.replace(file)


def write_once(file: Path, text: str) -> str:
    """Write the file as above unless there is one, also by somebody doing the same; return what it then holds."""
    with _written(file, text) as unfinished, contextlib.suppress(FileExistsError):
        os.link(unfinished, file)
    return file.read_text()


@contextlib.contextmanager
def _written(file: Path, text: str) -> Iterator[Path]:
    unfinished = file.with_name(f"{file.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)
