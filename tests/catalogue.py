"""The admin's texts: those that the sources have and those of the Norwegian catalogue.

`python -m tests.catalogue` puts new texts into the catalogue, untranslated, takes out those that are gone, and
compiles it. It needs no gettext tools.
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
CATALOGUE = ROOT / "dsop/locale/nb/LC_MESSAGES/django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
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


def texts() -> dict[Key, list[str]]:
    """Return every text to be translated, with the files that it stands in."""
    found: dict[Key, list[str]] = {}
    for file in sources():
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


def main() -> None:
    held = {key_of(entry): entry for entry in polib.pofile(str(CATALOGUE))}
    written = polib.POFile(wrapwidth=110)
    written.metadata = {
        "Project-Id-Version": "DSOP Kontrollinformasjon",
        "Language": "nb",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for (context, text, plural), places in sorted(texts().items(), key=lambda item: (item[1][0], item[0][1])):
        entry = held.get((context, text, plural)) or polib.POEntry(
            msgctxt=context or None, msgid=text, msgid_plural=plural, msgstr_plural={0: "", 1: ""} if plural else {}
        )
        entry.occurrences = [(place, "") for place in places]
        written.append(entry)
    written.save(str(CATALOGUE))
    written.save_as_mofile(str(COMPILED))
    missing = [entry.msgid for entry in written.untranslated_entries()]
    print(f"{len(written)} texts, {len(missing)} without a translation.", *missing, sep="\n")  # noqa: T201


if __name__ == "__main__":
    settings.configure(INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"])
    django.setup()
    main()
