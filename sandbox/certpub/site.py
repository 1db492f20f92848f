"""Where this stand-in keeps its files, and the addresses that stand in what it issues."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Site:
    """`folder` is the sandbox's own; `origin` is the server's scheme, host and port."""

    folder: Path
    origin: str

    @property
    def authority(self) -> Path:
        return self.folder / "certpub"

    def address(self, path: str) -> str:
        return f"{self.origin}/sandbox/certpub/{path}"

    def agency_key(self, number: str) -> Path:
        """Return the file of the private key with which the agency opens its answers."""
        return self.folder / "agencies" / f"{number}.pem"

    def published(self, number: str) -> Path:
        """Return the folder of what the publisher knows about the agency."""
        return self.authority / "agencies" / number


def here() -> Site:
    """Return the site of this process's settings: the server whose Maskinporten stand-in is trusted."""
    scheme, place, *_ = urlsplit(settings.MASKINPORTEN_ISSUER)
    return Site(Path(settings.SANDBOX_FOLDER), f"{scheme}://{place}")
