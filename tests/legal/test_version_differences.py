"""What differs between two versions, in words; and that a service written as a file is the file it came from."""

import copy
import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legal.service_documents import written
from legal.service_files import FOLDER, faults, read_services
from legal.version_differences import differences
from tests.legal.governed import RULES

FILES = sorted(path.name for path in FOLDER.glob("*.toml"))


def changed(change):
    after = copy.deepcopy(RULES)
    change(after)
    return after


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda rules: None, [], id="nothing"),
        pytest.param(
            lambda rules: rules["fields"]["accounts"].update({"accounts.currency": "withhold"}),
            ["accounts.accounts.currency: deliver -> withhold, closes"],
            id="a field closes",
        ),
        pytest.param(
            lambda rules: rules["fields"]["accounts"].update({"accounts.currency": "may_omit"}),
            ["accounts.accounts.currency: deliver -> may_omit, closes"],
            id="what may be omitted is left out",
        ),
        pytest.param(
            lambda rules: rules["fields"]["accounts"].update({"accounts.currency": "technical"}),
            ["accounts.accounts.currency: deliver -> technical, changes"],
            id="another word for what is sent anyway",
        ),
        pytest.param(
            lambda rules: rules["steps"]["accounts"].update(mandates=["Saldo two", "More"]),
            ["accounts.mandates: – -> More, opens"],
            id="a text more",
        ),
        pytest.param(
            lambda rules: rules["steps"]["accounts"].update(mandates=["Other"]),
            ["accounts.mandates: Saldo two -> –, closes", "accounts.mandates: – -> Other, opens"],
            id="another text",
        ),
        pytest.param(
            lambda rules: rules["steps"]["accounts"].update(period="ten_years"),
            ["accounts.period: today_only -> ten_years, changes"],
            id="another rule",
        ),
        pytest.param(
            lambda rules: rules["consumers"].append({"organisation_number": "889640782", "name": "New"}),
            ["consumers.889640782: – -> New, opens"],
            id="an agency more",
        ),
        pytest.param(
            lambda rules: rules.update(consumers=[]),
            ["consumers.974761076: Skatteetaten -> –, closes"],
            id="an agency less",
        ),
        pytest.param(lambda rules: rules.update(name="Else"), ["name: Saldo two -> Else, changes"], id="a name"),
        pytest.param(
            lambda rules: rules.update(other_holders="withhold"),
            ["other_holders: deliver -> withhold, changes"],
            id="a switch",
        ),
    ],
)
def test_what_is_told(change, told):
    assert [str(one) for one in differences(RULES, changed(change))] == told


def test_what_a_switch_opens_is_told_field_by_field():
    before = changed(lambda rules: rules["fields"]["accounts"].update({"accounts.currency": "undecided"}))
    after = {**before, "undecided": "deliver"}
    assert [str(one) for one in differences(before, after)] == [
        "undecided: withhold -> deliver, changes",
        "accounts.accounts.currency: undecided -> undecided, opens",
    ]


def test_an_endpoint_that_goes_closes_all_of_it():
    def drop(rules):
        del rules["steps"]["accountDetails"], rules["fields"]["accountDetails"]

    told = differences(RULES, changed(drop))
    assert told[0].name == "endpoint"
    assert {one.effect for one in told if one.name.startswith("account.") and one.before != "withhold"} == {"closes"}
    back = differences(changed(drop), RULES)
    assert {one.effect for one in back if one.name.startswith("account.") and one.after != "withhold"} == {"opens"}


def test_with_nothing_before_everything_opens():
    told = differences(None, RULES)
    assert {one.effect for one in told if one.after in {"deliver", "technical"}} == {"opens"}


@pytest.mark.parametrize("name", FILES)
def test_a_file_comes_back_as_it_was_but_for_its_comments(name):
    file = (FOLDER / name).read_text(encoding="utf-8")
    rules = json.loads(json.dumps(tomllib.loads(file), sort_keys=True))  # the database keeps no order either
    paragraphs = [
        "\n".join(line for line in part.split("\n") if not line.startswith("#")) for part in file.split("\n\n")
    ]
    assert written(rules) == "\n\n".join(part.strip("\n") for part in paragraphs if part.strip()) + "\n"
    assert tomllib.loads(written(rules)) == tomllib.loads(file)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(str.strip)


@given(name=TEXT, texts=st.lists(TEXT, min_size=1, max_size=3, unique=True))
def test_whatever_its_texts_a_file_reads_as_it_was_written(name, texts):
    rules = {**read_services()[0], "name": name}
    rules["steps"] = {endpoint: {**step, "mandates": texts} for endpoint, step in rules["steps"].items()}
    assert faults(rules) == []
    assert tomllib.loads(written(rules)) == rules
