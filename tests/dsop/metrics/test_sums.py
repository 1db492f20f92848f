"""What a process counts is what happened, whoever counts at the same time."""

import os
import threading
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.utils import floatToGoString

from dsop.metrics.known import BY_NAME, DATABASE, DURATIONS, METRICS, REQUESTS, TOKEN_AGE, Kind
from dsop.metrics.serving import family
from dsop.metrics.sums import MOST_LABELS, Sums
from tests.cluster import ROOT

PAGE = ROOT / "docs" / "production.md"
LABELS = ("accounts", "fi-utlegg-saldo", "answered", "none")
NUMBERS = st.floats(min_value=-100, max_value=1000, allow_nan=False)


def test_counts_and_observations():
    sums = Sums()
    for seconds in (0.001, 0.0025, 0.003, 99.0):
        sums.add((REQUESTS, LABELS), observed=[(DURATIONS, ("accounts", "answered"), seconds)])
    found = sums.copy()
    cells = found["dsop_request_seconds"]["accounts", "answered"]
    assert found["dsop_requests_total"] == {LABELS: [4]}
    assert cells == [2, 1, *[0] * 12, 1, pytest.approx(99.0065)], "a bucket holds what is at most its bound"


@given(st.lists(NUMBERS, max_size=40))
def test_a_histogram_is_what_was_observed(values):
    sums = Sums()
    for value in values:
        sums.add(observed=[(TOKEN_AGE, (), value)])
    shown = {(sample.name, sample.labels.get("le")): sample.value for sample in family(TOKEN_AGE, found(sums)).samples}
    for bound in (*TOKEN_AGE.buckets, float("inf")):
        told = shown.get(("dsop_token_age_seconds_bucket", floatToGoString(bound)), 0)
        assert told == sum(value <= bound for value in values)


def found(sums):
    return sums.copy().get("dsop_token_age_seconds", {})


def test_many_threads_at_once():
    sums = Sums()

    def work():
        for _ in range(500):
            sums.add((REQUESTS, LABELS), observed=[(DATABASE, ("ledger",), 0.5)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums.copy()["dsop_requests_total"][LABELS] == [4000]
    assert sums.copy()["dsop_request_database_seconds"]["ledger",][-1] == 2000


def test_labels_beyond_any_closed_list_cost_no_memory():
    sums = Sums()
    for number in range(MOST_LABELS + 50):
        sums.add((REQUESTS, ("accounts", f"service-{number}", "answered", "none")))
    of = sums.copy()["dsop_requests_total"]
    assert len(of) == MOST_LABELS + 1
    assert of["other", "other", "other", "other"] == [50]


def test_a_forked_process_counts_from_nothing():
    sums = Sums()
    sums.add((REQUESTS, LABELS))
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, str(sums.copy()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100) == b"{}"
    assert sums.copy() == {"dsop_requests_total": {LABELS: [1]}}


def test_buckets_grow_and_names_follow_the_convention():
    assert len(BY_NAME) == len(METRICS)
    for metric in METRICS:
        assert [*accumulate(metric.buckets, max)] == [*metric.buckets]
        assert (metric.kind is Kind.HISTOGRAM) == bool(metric.buckets)
        assert (metric.kind is Kind.COUNTER) == metric.name.endswith("_total")
        assert metric.kind is not Kind.HISTOGRAM or metric.name.endswith("_seconds")
        assert not {"consumer", "party", "account", "le", "path"} & {*metric.labels}


def test_the_page_for_production_lists_every_metric():
    section = PAGE.read_text(encoding="utf-8").partition("\n## Figures\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "`dsop_" in line]
    assert rows == [
        [f"`{one.name}`", one.kind.value, ", ".join(f"`{label}`" for label in one.labels) or "–", one.meaning]
        for one in METRICS
    ]
