"""What a system must be registered with in Altinn's system register, to report for those who give it a system user."""

from collections.abc import Sequence
from typing import Any

RESOURCE = "ske-innrapportering-boligsparing-ungdom"
KIND = "urn:altinn:resource"
PACKAGE = "urn:altinn:accesspackage:"
PACKAGES = (
    "regnskapsforer-med-signeringsrettighet",
    "regnskapsforer-uten-signeringsrettighet",
    "ansvarlig-revisor",
    "revisormedarbeider",
    "skattegrunnlag",
)
SPELLINGS = ("later", "first")


def register_entry(*, spelling: str = "later", packages: Sequence[str] = ()) -> dict[str, Any]:
    """Return the members of the register entry that grant the right, and the packages that a client system needs.

    `first` is the spelling of the page of December 2024 (`Rights`, `Resource`), `later` that of the pages since.
    """
    if spelling == "first":
        entry: dict[str, Any] = {"Rights": [{"Resource": [{"value": RESOURCE, "id": KIND}]}]}
    else:
        entry = {"rights": [{"resource": [{"id": KIND, "value": RESOURCE}]}]}
    if packages:
        entry["accessPackages"] = [{"urn": f"{PACKAGE}{package}"} for package in packages]
    return entry
