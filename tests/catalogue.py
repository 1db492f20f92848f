"""The admin's texts: those that the sources have and those of the Norwegian catalogues.

A text belongs to the nearest catalogue above it, and to the front door's where there is none.
`python -m tests.catalogue` puts new texts into the catalogues, untranslated, takes out those that are gone, and
compiles them. It needs no gettext tools.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import django
import polib
from django.conf import settings
from django.template import Engine, Template
from django.template.backends.django import get_installed_libraries
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("audit", "legal", "accounts", "agencies", "compliance", "dsop")
DESK = ("finding", "explaining", "citizens", "exporting", "watching", "breach", "signin")
HOMES = (ROOT / "dsop", ROOT / "compliance", *(ROOT / "compliance" / part for part in DESK))
"""Whose catalogue it is: the folders that have one."""
TAKES = {
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": 2,
    "pgettext_lazy": 2,
}
"""How many texts a function takes; of those with a context, that is the first."""

Key = tuple[str, str, str]
"""Context, text, plural."""


def catalogue_of(home: Path) -> Path:
    return home / "locale/nb/LC_MESSAGES/django.po"


def home_of(file: Path) -> Path:
    """Return whose catalogue a file's texts belong to."""
    return next((folder for folder in file.parents if folder in HOMES), HOMES[0])


def texts(home: Path) -> dict[Key, list[str]]:
    """Return every text of that catalogue's to be translated, with the files that it stands in."""
    found: dict[Key, list[str]] = {}
    for file in sources():
        if home_of(file) != home:
            continue
        read = of_template if file.suffix == ".html" else of_module
        for key in read(file.read_text(encoding="utf-8")):
            places, name = found.setdefault(key, []), str(file.relative_to(ROOT))
            if name not in places:
                places.append(name)
    return found


def sources() -> list[Path]:
    files = [file for room in ROOMS for pattern in ("*.py", "*.html") for file in (ROOT / room).rglob(pattern)]
    return sorted(file for file in files if "migrations" not in file.parts)


def of_module(source: str) -> Iterator[Key]:
    """Yield what the module passes to gettext. Every argument must be a plain text."""
    tree = ast.parse(source)
    named = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and named.get(node.func.id) in TAKES:
            function = named[node.func.id]
            words = [ast.literal_eval(argument) for argument in node.args[: TAKES[function]]]
            if function.startswith("p"):
                yield words[0], words[1], ""
            else:
                yield "", words[0], words[1] if len(words) == 2 else ""


def of_template(source: str) -> Iterator[Key]:
    """Yield what the template's own tags look up."""
    nodes = Template(source, engine=Engine(libraries=get_installed_libraries())).nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        yield "", node.filter_expression.var.literal, ""
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        singular, _names = node.render_token_list(node.singular)
        plural, _names = node.render_token_list(node.plural)
        yield "", trimmed(node, singular), trimmed(node, plural)


def trimmed(node: BlockTranslateNode, text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines()) if node.trimmed else text


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural


def held_in(home: Path) -> polib.POFile:
    return polib.pofile(str(catalogue_of(home)))


def bring_up_to_date(home: Path) -> None:
    path = catalogue_of(home)
    held = {key_of(entry): entry for entry in held_in(home)} if path.exists() else {}
    written = polib.POFile(wrapwidth=110)
    written.metadata = {
        "Project-Id-Version": "DSOP Kontrollinformasjon",
        "Language": "nb",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for (context, text, plural), places in sorted(texts(home).items(), key=lambda item: (item[1][0], item[0][1])):
        entry = held.get((context, text, plural)) or polib.POEntry(
            msgctxt=context or None, msgid=text, msgid_plural=plural, msgstr_plural={0: "", 1: ""} if plural else {}
        )
        entry.occurrences = [(place, "") for place in places]
        written.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    written.save(str(path))
    written.save_as_mofile(str(path.with_suffix(".mo")))
    missing = [entry.msgid for entry in written.untranslated_entries()]
    name = home.relative_to(ROOT)
    print(f"{name}: {len(written)} texts, {len(missing)} without a translation.", *missing, sep="\n")  # noqa: T201


if __name__ == "__main__":
    settings.configure(INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"])
    django.setup()
    for home in HOMES:
        bring_up_to_date(home)
