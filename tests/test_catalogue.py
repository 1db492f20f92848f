"""The Norwegian catalogues are whole: every text of the sources, translated, with its placeholders, and compiled."""

import re

import pytest

from tests.catalogue import HOMES, catalogue_of, held_in, key_of, of_module, of_template, texts

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
CATALOGUES = {home: held_in(home) for home in HOMES}
HELD = [entry for catalogue in CATALOGUES.values() for entry in catalogue]
of_each = pytest.mark.parametrize("home", [pytest.param(home, id=home.name) for home in HOMES])


def translations(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@of_each
def test_the_catalogue_has_what_the_sources_have(home):
    assert {key_of(entry) for entry in CATALOGUES[home]} == texts(home).keys(), "python -m tests.catalogue brings it up"


def test_every_text_is_translated_for_good():
    assert [entry.msgid for entry in HELD if not all(text.strip() for text in translations(entry))] == []
    assert [entry.msgid for entry in HELD if entry.fuzzy or entry.obsolete] == []
    assert all(len(entry.msgstr_plural) == 2 for entry in HELD if entry.msgid_plural)


def test_placeholders_survive_translation():
    for entry in HELD:
        named = sorted(PLACEHOLDER.findall(entry.msgid))
        assert [sorted(PLACEHOLDER.findall(text)) for text in translations(entry)] == [named] * len(translations(entry))


def test_a_sentence_stays_a_sentence():
    """The same end and the same blanks around it, so that what is put together reads well."""
    for entry in HELD:
        for text in translations(entry):
            assert [text != text.strip(), text.endswith("."), text.endswith(":")] == [
                entry.msgid != entry.msgid.strip(),
                entry.msgid.endswith("."),
                entry.msgid.endswith(":"),
            ], entry.msgid


def test_a_fault_begins_with_its_place_in_both_languages():
    """The form of a draft finds the field by it."""
    placed = [entry for entry in HELD if entry.msgid.startswith(("steps.", "fields."))]
    assert len(placed) > 10
    assert [entry.msgstr.split(" ")[0] for entry in placed] == [entry.msgid.split(" ")[0] for entry in placed]


@of_each
def test_what_is_compiled_is_what_is_written(home):
    assert catalogue_of(home).with_suffix(".mo").read_bytes() == CATALOGUES[home].to_binary()


def test_one_text_has_one_translation():
    """Django puts the catalogues into one: what two of them say must be the same."""
    said = {}
    for entry in HELD:
        said.setdefault(key_of(entry), set()).add(tuple(translations(entry)))
    assert [text for text, found in said.items() if len(found) > 1] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("from django.utils.translation import gettext as _\n_('A')", [("", "A", "")], id="one text"),
        pytest.param("_('A')", [], id="another function of that name"),
        pytest.param(
            "from django.utils.translation import gettext_lazy\ngettext_lazy('A' ' B')", [("", "A B", "")], id="joined"
        ),
        pytest.param(
            "from django.utils.translation import pgettext_lazy as p\np('where', 'A')",
            [("where", "A", "")],
            id="with a context",
        ),
        pytest.param(
            "from django.utils.translation import ngettext\nngettext('A', 'As', n)", [("", "A", "As")], id="plural"
        ),
    ],
)
def test_what_is_found_in_a_module(source, found):
    assert list(of_module(source)) == found


def test_a_text_made_on_the_way_is_refused():
    with pytest.raises(ValueError, match="malformed"):
        list(of_module("from django.utils.translation import gettext as _\n_(f'{a}')"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param('{% load i18n %}{% translate "A" %} text', [("", "A", "")], id="one text"),
        pytest.param(
            "{% load i18n %}{% if x %}<p title=\"{% translate 'A' %}\"></p>{% endif %}", [("", "A", "")], id="inside"
        ),
        pytest.param(
            "{% load i18n %}{% blocktranslate with n=x.y %}A {{ n }}{% endblocktranslate %}",
            [("", "A %(n)s", "")],
            id="a block",
        ),
        pytest.param(
            "{% load i18n %}{% blocktranslate trimmed %}\n A\n B\n{% endblocktranslate %}",
            [("", "A B", "")],
            id="a block of two lines",
        ),
        pytest.param(
            "{% load i18n %}{% blocktranslate count n=x %}{{ n }} A{% plural %}{{ n }} As{% endblocktranslate %}",
            [("", "%(n)s A", "%(n)s As")],
            id="plural",
        ),
    ],
)
def test_what_is_found_in_a_template(source, found):
    assert list(of_template(source)) == found
