"""Start-up checks of the BSU report: each wrong setting is told, and right ones pass."""

import pytest

from agencies.bsu import checks, schema


@pytest.mark.parametrize(
    ("settings_given", "named"),
    [
        pytest.param({}, [], id="as they come"),
        pytest.param(
            {"BSU_BASE_URL": "https://x/v1", "DIALOGPORTEN_URL": ""}, ["DIALOGPORTEN_URL"], id="no Dialogporten"
        ),
        pytest.param({"BSU_BASE_URL": "", "DIALOGPORTEN_URL": ""}, [], id="no reports, no Dialogporten"),
        pytest.param({"BSU_DOCUMENT_PATH": "/{inntektsaar}/{dokumentId}"}, ["BSU_DOCUMENT_PATH"], id="a place missing"),
        pytest.param({"BSU_KEY_LIFETIME_DAYS": 0}, ["BSU_KEY_LIFETIME_DAYS"], id="a key without a life"),
        pytest.param({"BSU_CONTACT": {"navn": "Regnskap", "telefonnummer": "22000000"}}, [], id="a contact"),
        pytest.param({"BSU_CONTACT": {"epost": "x"}}, ["BSU_CONTACT"], id="a contact's unknown member"),
        pytest.param({"BSU_CONTACT": {"telefonnummer": "2" * 21}}, ["BSU_CONTACT"], id="a telephone number too long"),
        pytest.param({"BSU_CONTACT": []}, ["BSU_CONTACT"], id="a list for a contact"),
        pytest.param({"BSU_YEARLY_CEILINGS": {"21": 1}}, ["BSU_YEARLY_CEILINGS"], id="a year of two digits"),
        pytest.param({"BSU_YEARLY_CEILINGS": {"2021": 1.5}}, ["BSU_YEARLY_CEILINGS"], id="half a krone"),
    ],
)
def test_settings(settings, settings_given, named):
    for name, value in settings_given.items():
        setattr(settings, name, value)
    found = checks.check_bsu_settings()
    assert [message.msg.split()[0] for message in found] == named
    assert {message.id for message in found} <= {"dsop.E110"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="no JSON"),
        pytest.param('{"type": "bank"}', id="no schema"),
        pytest.param(None, id="no file"),
    ],
)
def test_a_schema_that_is_none(tmp_path, monkeypatch, text):
    file = tmp_path / "schema.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(schema, "SCHEMA", file)
    schema.validator.cache_clear()
    assert [message.id for message in checks.check_bsu_schema()] == ["dsop.E111"]
    monkeypatch.undo()
    schema.validator.cache_clear()
    assert checks.check_bsu_schema() == []
