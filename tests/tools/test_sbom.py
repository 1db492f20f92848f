"""What is shipped is told whole, the same each time, without saying where it comes from; and all of it may be used."""

import hashlib
import json
import re
from importlib import metadata
from pathlib import Path

import jsonschema_rs
import pytest
from cyclonedx import schema
from license_expression import get_spdx_licensing
from packaging.requirements import Requirement

from tests import cluster
from tools.sbom import bundled, dated, document, licences, lists_in_wheels
from tools.shipped import asked_for, pins, read_pin, shipped

DIGEST = "0" * 64
SPDX = get_spdx_licensing()
# What packages call their licence in words, where they do not use SPDX's.
WORDS = {
    "3-Clause BSD License": {"BSD-3-Clause"},
    "MIT License": {"MIT"},
    "Apache Software License": {"Apache-2.0"},
    "BSD License": {"BSD-2-Clause", "BSD-3-Clause"},
    "BSD license (see license.txt for details)": {"BSD-3-Clause"},
    "GNU LGPL v3+": {"LGPL-3.0-or-later"},
}


@pytest.fixture(scope="session")
def text():
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("SOURCE_DATE_EPOCH", raising=False)
        return document()


@pytest.fixture(scope="session")
def told(text):
    return json.loads(text)


@pytest.fixture(scope="session")
def validator():
    """CycloneDX's own strict schema, in which an unknown word is an error, with the formats it names."""
    folder = Path(schema.__file__).parent / "_res"
    others = {
        f"http://cyclonedx.org/schema/{file.name}": read_schema(file) for file in folder.glob("*.SNAPSHOT.*.json")
    }
    return jsonschema_rs.Draft7Validator(
        read_schema(folder / "bom-1.6.SNAPSHOT.schema.json"),
        registry=jsonschema_rs.Registry(list(others.items()), draft=jsonschema_rs.Draft7),
        validate_formats=True,
    )


def read_schema(file):
    return json.loads(file.read_text())


def named_in(words):
    """Return each licence that an expression names; one with an exception is one."""
    return {str(symbol) for symbol in SPDX.license_symbols(words, decompose=False)}


def test_it_is_cyclonedx(text, validator):
    validator.validate(json.loads(text))
    assert not validator.is_valid(json.loads(text.replace('"library"', '"book"', 1)))


def test_the_same_sources_give_the_same_bytes(text, told, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert document() == text
    assert "timestamp" not in told["metadata"]


def test_a_time_stamp_comes_from_outside(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763798400")
    assert dated({"metadata": {}}) == {"metadata": {"timestamp": "2025-11-22T08:00:00Z"}}


def test_each_package_with_its_version_and_hashes(told):
    libraries = [component for component in told["components"] if component["type"] == "library"]
    found = {(one["name"], one["version"]): {each["content"] for each in one["hashes"]} for one in libraries}
    assert found == {(pin.name, pin.version): set(pin.hashes) for pin in shipped().values()}
    assert len(found) > 40


def test_what_a_module_needs_is_optional(told):
    optional = {one["name"] for one in told["components"] if one.get("scope") == "optional" and "properties" not in one}
    assert optional == {name for name, pin in shipped().items() if name not in pins("base") and not pin.marker}


def test_every_package_is_there_for_somebody(told):
    needed = {one["ref"]: one.get("dependsOn", []) for one in told["dependencies"]}
    product = told["metadata"]["component"]["bom-ref"]
    reached, waiting = {product}, [product]
    while waiting:
        fresh = set(needed[waiting.pop()]) - reached
        reached |= fresh
        waiting.extend(fresh)
    files = {component.bom_ref.value for component in bundled()}
    assert reached | files == needed.keys()


def test_nothing_says_where_packages_come_from(text, told):
    assert re.findall(r"[a-z]+://[^\"]*", text) == [told["$schema"]]
    assert "externalReferences" not in text


def test_files_of_others_are_those_that_lie_here(told):
    found = {each["content"] for one in told["components"] if one["type"] == "data" for each in one["hashes"]}
    fonts = (cluster.ROOT / "compliance" / "letters" / "fonts").glob("*.ttf")
    assert found == {hashlib.sha256(font.read_bytes()).hexdigest() for font in fonts}


def test_native_code_in_wheels_is_told_by_its_makers():
    assert {"cryptography", "psycopg-binary", "orjson"} <= {name.rsplit("-", 1)[0] for name in lists_in_wheels()}
    for path in lists_in_wheels().values():
        assert json.loads(path.read_text(encoding="utf-8"))["bomFormat"] == "CycloneDX"


def test_what_the_product_asks_for_is_pinned():
    asked = asked_for()
    for requirement in map(Requirement, asked):
        pin = shipped()[requirement.name.lower()]
        assert requirement.specifier.contains(pin.version)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"django>=5.2 --hash=sha256:{DIGEST}", id="a range"),
        pytest.param(f"django==5.2.* --hash=sha256:{DIGEST}", id="any patch"),
        pytest.param(f"django==5.2,!=5.1 --hash=sha256:{DIGEST}", id="two conditions"),
        pytest.param(f"django @ file:///srv/django --hash=sha256:{DIGEST}", id="a place"),
        pytest.param("django==5.2", id="no hash"),
        pytest.param("django==5.2 --hash=md5:0123", id="another digest"),
        pytest.param(f"django==5.2 --hash=sha256:{DIGEST[1:]}", id="half a hash"),
        pytest.param(f"django==5.2 --hash=sha256:{DIGEST} --hash=sha256:", id="one hash of two"),
        pytest.param(f"--pre --hash=sha256:{DIGEST}", id="an option"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_line_that_pins_nothing_is_refused(line):
    with pytest.raises(ValueError, match=r"."):
        read_pin(line)


def test_every_package_has_its_licence():
    assert licences()["packages"].keys() == shipped().keys()


@pytest.mark.parametrize("words", sorted({*licences()["packages"].values(), "Bitstream-Vera AND LicenseRef-Arev"}))
def test_a_licence_is_allowed(words):
    assert named_in(words) <= licences()["allowed"].keys()


def test_every_licence_has_its_name_in_spdx():
    named = [words for words in licences()["allowed"] if not words.startswith("LicenseRef-")]
    assert [words for words in named if SPDX.validate(words, strict=True).errors] == []


def test_no_licence_is_allowed_that_nobody_has():
    used = [*licences()["packages"].values(), *(one["licence"] for one in licences()["bundled"].values())]
    assert licences()["allowed"].keys() == {name for words in used for name in named_in(words)}


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_package_says_the_same_of_itself(name):
    """What is for another system or another Python is not installed here; its licence was read by hand."""
    if shipped()[name].marker and name not in installed():
        return
    about = metadata.metadata(name)
    assert about["Version"] == shipped()[name].version
    ours = named_in(licences()["packages"][name])
    if expression := about.get("License-Expression"):
        assert ours == named_in(expression)
        return
    classified = [line.rsplit(" :: ", 1)[1] for line in about.get_all("Classifier", []) if line.startswith("License")]
    said = about.get("License", "").replace(",", "").split("Copyright")[0].strip() or " ".join(classified)
    assert ours & WORDS[said] if said in WORDS else ours == named_in(said)


def installed():
    return {distribution.metadata["Name"].lower() for distribution in metadata.distributions()}
