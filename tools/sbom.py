"""Write down what is shipped, as CycloneDX 1.6: `python -m tools.sbom`.

The same sources give the same bytes: there is no time stamp in it unless SOURCE_DATE_EPOCH names one. Nothing says
where packages come from, and hashes say what they must be.
"""

import hashlib
import json
import os
import re
import shutil
import tomllib
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.shipped import ALWAYS, EXTRAS, LICENCES, PROJECT, REQUIREMENTS, ROOT, Pin, asked_for, pins, shipped

FOLDER = ROOT / "dist"
SOURCES = (LICENCES, ROOT / "pyproject.toml", *(REQUIREMENTS / f"{name}.txt" for name in (ALWAYS, *EXTRAS)))
EXTRA = re.compile(r'extra == "([^"]+)"')
OWN_SPACE = UUID("8d3f6c2e-5b0a-5a0e-9c55-0a3c1f0d7b10")


def document() -> str:
    """Return the list of everything that is shipped, as JSON."""
    product = component_of_the_product()
    components = {name: component_of(pin) for name, pin in shipped().items()}
    bom = Bom(
        components=[*components.values(), *bundled()],
        dependencies=dependencies(product, components),
        serial_number=uuid5(OWN_SPACE, digest_of(SOURCES)),
        metadata=BomMetaData(component=product, timestamp=datetime.now(UTC)),
    )
    written = json.loads(JsonV1Dot6(bom).output_as_string())
    written["metadata"].pop("timestamp")
    return json.dumps(dated(written), indent=2, sort_keys=True) + "\n"


def dated(written: dict[str, Any]) -> dict[str, Any]:
    """Return it with the moment that SOURCE_DATE_EPOCH names, if it names one."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if seconds:
        moment = datetime.fromtimestamp(int(seconds), UTC)
        written["metadata"]["timestamp"] = moment.isoformat().replace("+00:00", "Z")
    return written


def component_of_the_product() -> Component:
    name, version = PROJECT["name"], PROJECT["version"]
    return Component(type=ComponentType.APPLICATION, name=name, version=version, bom_ref=f"{name}@{version}")


def component_of(pin: Pin) -> Component:
    """Return one package. Its hashes are those of each file of it that may be installed."""
    address = PackageURL("pypi", name=pin.name, version=pin.version)
    is_always_there = pin.name in pins(ALWAYS) and not pin.marker
    return Component(
        type=ComponentType.LIBRARY,
        name=pin.name,
        version=pin.version,
        bom_ref=str(address),
        purl=address,
        scope=ComponentScope.REQUIRED if is_always_there else ComponentScope.OPTIONAL,
        licenses=[LicenseExpression(licences()["packages"][pin.name])],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in pin.hashes],
        properties=[Property(name="dsop:installed-where", value=pin.marker)] if pin.marker else [],
    )


def bundled() -> list[Component]:
    """Return what others have made and lies in this repository."""
    return [
        Component(
            type=ComponentType.DATA,
            name=name,
            version=one["version"],
            bom_ref=f"{name}@{one['version']}",
            licenses=[LicenseExpression(one["licence"])],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest_of([ROOT / file])) for file in one["files"]],
        )
        for name, one in licences()["bundled"].items()
    ]


def dependencies(product: Component, components: dict[str, Component]) -> list[Dependency]:
    """Return who needs whom: the product by pyproject.toml, each package by what it says of itself."""
    direct = [Requirement(words) for words in asked_for()]
    needed = {name: needs(name) for name in components}
    asked = [*direct, *(requirement for found in needed.values() for requirement in found if not extra_of(requirement))]
    extras = {(canonicalize_name(requirement.name), extra) for requirement in asked for extra in requirement.extras}
    found = {product.bom_ref: {canonicalize_name(requirement.name) for requirement in direct}}
    for name, component in components.items():
        wanted = [one for one in needed[name] if not extra_of(one) or (name, extra_of(one)) in extras]
        found[component.bom_ref] = {canonicalize_name(requirement.name) for requirement in wanted}
    return [
        Dependency(reference, [Dependency(components[name].bom_ref) for name in names & components.keys()])
        for reference, names in found.items()
    ]


def needs(name: str) -> list[Requirement]:
    """Return what a package may need. One for another system is not installed here, and needs nothing."""
    try:
        return [Requirement(words) for words in metadata.requires(name) or []]
    except metadata.PackageNotFoundError:
        return []


def extra_of(requirement: Requirement) -> str | None:
    """Return the extra without which it is not needed."""
    found = EXTRA.search(str(requirement.marker or ""))
    return found[1] if found else None


def licences() -> dict[str, Any]:
    return tomllib.loads(LICENCES.read_text(encoding="utf-8"))


def digest_of(paths: list[Path] | tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def lists_in_wheels() -> dict[str, Path]:
    """Return the lists that packages bring of the native code in them (PEP 770), as installed on this machine."""
    found = {}
    for name in shipped():
        for file in files_of(name):
            if ".dist-info/sboms/" in str(file):
                found[f"{name}-{Path(file).name}"] = Path(str(file.locate()))
    return found


def files_of(name: str) -> list[metadata.PackagePath]:
    try:
        return metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return []


def main() -> None:
    inner = FOLDER / "wheels"
    shutil.rmtree(inner, ignore_errors=True)  # those of versions before
    inner.mkdir(parents=True)
    file = FOLDER / f"{PROJECT['name']}-{PROJECT['version']}.cdx.json"
    file.write_text(document(), encoding="utf-8")
    print(f"{file.relative_to(ROOT)}: {len(shipped())} packages")
    for name, source in lists_in_wheels().items():
        shutil.copyfile(source, inner / name)
    print(f"{inner.relative_to(ROOT)}/: what wheels of this machine's kind say of the native code in them")


if __name__ == "__main__":
    main()
