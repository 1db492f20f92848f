"""Alerts and dashboard ask for metrics that there are, by labels that they have; each alert is held to a case.

What promtool says of the same files, `make test-monitoring` shows.
"""

import json
import re

import pytest
import yaml

from dsop.metrics.known import METRICS, Kind
from legal import refusals
from legal.refusals import Refusal
from tests.cluster import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
OF_PROMETHEUS = {"instance", "job", "le"}
SERIES = re.compile(r"\b(dsop_[a-z_]+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"by \(([a-z_, ]+)\)")


def series_of(metric):
    endings = ("_bucket", "_count", "_sum") if metric.kind is Kind.HISTOGRAM else ("",)
    return {f"{metric.name}{ending}": {*metric.labels} | OF_PROMETHEUS for ending in endings}


KNOWN = {name: labels for metric in METRICS for name, labels in series_of(metric).items()}
RULES = yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"][0]["rules"]
CASES = yaml.safe_load((FOLDER / "rules_test.yml").read_text())["tests"]
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = {
    **{rule["alert"]: rule["expr"] for rule in RULES},
    **{
        f"{panel['id']} {panel['title']} {target['refId']}": target["expr"]
        for panel in PANELS
        for target in panel["targets"]
    },
}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_what_is_asked_for_is_there(expression):
    asked = SERIES.findall(expression)
    assert asked or expression == 'up{job="dsop"} == 0'
    labels = set()
    for name, matchers in asked:
        assert name in KNOWN
        labels |= KNOWN[name]
        assert set(re.findall(r"([a-z_]+)\s*[=!]", matchers)) <= KNOWN[name]
    for grouped in GROUPED.findall(expression):
        assert set(grouped.replace(" ", "").split(",")) <= labels


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_in_the_dashboard(metric):
    asked = {name for expression in EXPRESSIONS.values() for name, _ in SERIES.findall(expression)}
    assert asked & series_of(metric).keys()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_is_held_to_a_case_in_which_it_is_raised_and_one_in_which_it_is_not(rule):
    held = [
        bool(one["exp_alerts"])
        for case in CASES
        for one in case["alert_rule_test"]
        if one["alertname"] == rule["alert"]
    ]
    assert {*held} == {True, False}
    assert rule["labels"]["severity"] in {"page", "ticket", "look"}
    assert rule["annotations"]["summary"].endswith((".", "?"))


def test_words_in_matchers_are_those_that_are_written():
    reasons = {kind.reason for kind in vars(refusals).values() if is_refusal(kind) and hasattr(kind, "reason")}
    for expression in EXPRESSIONS.values():
        assert set(re.findall(r'reason="([^"]+)"', expression)) <= reasons
        assert set(re.findall(r'outcome="([^"]+)"', expression)) <= {"answered", "refused", "failed"}
    bounds = {f"{bound}" for metric in METRICS for bound in (*metric.buckets, "+Inf")}
    assert set(re.findall(r'le="([^"]+)"', " ".join(EXPRESSIONS.values()))) <= bounds


def is_refusal(kind):
    return isinstance(kind, type) and issubclass(kind, Refusal)


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24
        taken |= cells
