"""What is written for people leads somewhere: links, files, tests, settings, commands and checks named are there."""

import re
import subprocess

import pytest

from tests import cluster
from tests.test_readme import rows

ROOT = cluster.ROOT
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")])
ROOMS = "accounts|agencies|audit|bench|compliance|deploy|docs|dsop|legal|requirements|sandbox|tests|tools"
IMAGE = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8").splitlines()
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```.*?^```|    [^\n]*)$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(rf"(?:{ROOMS})/[\w./-]+(?:::\w+)?")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
COMMANDS = {path.stem for path in ROOT.glob("*/**/management/commands/*.py")}
OF_LIBRARIES = {"check", "clearsessions", "collectstatic", "createsuperuser", "migrate", "shell", "axes_reset_username"}
SETTINGS = {name for row in rows("Settings") for name in row[0].split(", ")}
CHECK = re.compile(r"dsop\.[EW]\d+")
# No settings of the service: codes and headers of agencies, variables of tools, Django's own.
OF_OTHERS = re.compile(
    r"(GLD|SANDKASSE)_\d+|PSU_ID|STAND_INS_PORT|PYTHON_IMAGE|OTEL_[A-Z_]+|SOURCE_DATE_EPOCH|SECURE_REDIRECT_EXEMPT"
)
of_each = pytest.mark.parametrize(
    "document", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in DOCUMENTS]
)


def text_of(document):
    return document.read_text(encoding="utf-8")


def anchors(document):
    """Return what a heading can be linked by, as forges make it."""
    lines = [line for line in FENCE.sub("", text_of(document)).splitlines() if line.startswith("#")]
    words = [re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()) for line in lines]
    return {word.replace(" ", "-") for word in words}


@of_each
def test_links_lead_somewhere(document):
    for link in LINK.findall(FENCE.sub("", text_of(document))):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@of_each
def test_files_and_tests_that_are_named_are_there(document):
    for words in QUOTED.findall(text_of(document)):
        if not PLACE.fullmatch(words):
            continue
        path, _, test = words.partition("::")
        assert (ROOT / path).exists(), words
        assert not test or f"def {test}(" in text_of(ROOT / path), words


@of_each
def test_commands_that_are_named_are_there(document):
    text = text_of(document)
    named = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert named <= COMMANDS | OF_LIBRARIES
    modules = {name.replace(".", "/") for name in re.findall(r"python3? -m ([a-z_.]+)", text)} - {"venv"}
    assert [name for name in modules if not (ROOT / name).is_dir() and not (ROOT / f"{name}.py").exists()] == []
    made = set(re.findall(r"(?:^    |`)make ([a-z][a-z-]+)", text, re.MULTILINE))
    assert made <= set(TARGET.findall(text_of(ROOT / "Makefile")))


@of_each
def test_settings_and_checks_that_are_named_are_there(document):
    text = text_of(document)
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", text))
    assert {name for name in named - SETTINGS if not OF_OTHERS.fullmatch(name)} == set()
    assert set(CHECK.findall(text)) <= set(CHECK.findall(text_of(ROOT / "docs" / "production.md")))


def test_every_target_is_in_the_readme():
    targets = set(TARGET.findall(text_of(ROOT / "Makefile")))
    assert len(targets) > 8
    assert targets <= set(re.findall(r"make ([a-z][a-z-]*)", text_of(ROOT / "README.md")))


def test_every_document_is_one_that_somebody_is_sent_to():
    """The README, or a page that it leads to, names it; records of decisions are read in their folder."""
    everything = "".join(text_of(path) for path in DOCUMENTS)
    lonely = [path.name for path in DOCUMENTS if path.parent.name != "decisions" and path.name not in everything]
    assert lonely == []


@pytest.mark.parametrize(
    ("image", "status"),
    [
        pytest.param(f"python@sha256:{'0' * 64}", 0, id="a digest"),
        pytest.param("python:3.11-slim", 1, id="a tag is another image tomorrow"),
        pytest.param("", 1, id="nothing"),
    ],
)
def test_the_image_is_built_on_a_digest_alone(image, status):
    [check] = [line.removeprefix("RUN ") for line in IMAGE if line.startswith("RUN case")]
    done = subprocess.run(["/bin/sh", "-c", check], env={"PYTHON_IMAGE": image}, check=False, capture_output=True)
    assert done.returncode == status


def test_the_image_has_one_base_and_no_rights():
    assert [line for line in IMAGE if line.startswith("FROM ")] == [
        "FROM ${PYTHON_IMAGE} AS build",
        "FROM ${PYTHON_IMAGE}",
    ]
    assert "USER 65532:65532" in IMAGE
    [installs] = [line for line in IMAGE if "pip install" in line]
    assert "--require-hashes --only-binary :all:" in installs
