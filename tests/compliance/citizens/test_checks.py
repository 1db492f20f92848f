"""Settings by which nobody could be answered stop the start."""

import pytest
from django.test import override_settings

from compliance.citizens.checks import check_letterhead, check_undecided_days, check_years
from compliance.letters.letterhead import TO_TRY_WITH, Letterhead, letterhead

WHOLE = {**TO_TRY_WITH, "name": "Sparebanken Nord-Čáhppi"}


@pytest.mark.parametrize(
    ("told", "environment", "found"),
    [
        pytest.param({}, "sandbox", [], id="nothing, in the sandbox"),
        pytest.param({}, "test", [], id="nothing, in the agencies' test"),
        pytest.param({}, "production", ["dsop.E130"] * 4, id="nothing, in production"),
        pytest.param(WHOLE, "test", [], id="all there is"),
        pytest.param({**WHOLE, "contact": " "}, "sandbox", ["dsop.E130"], id="an empty contact"),
        pytest.param({**WHOLE, "address": 7}, "test", ["dsop.E130"], id="a number for an address"),
        pytest.param({**WHOLE, "name": "x" * 301}, "test", ["dsop.E130"], id="a long name"),
        pytest.param({**WHOLE, "logo": "x"}, "test", ["dsop.E130"], id="an unknown member"),
        pytest.param(["x"], "test", ["dsop.E130"], id="a list"),
        pytest.param({**WHOLE, "name": "银行"}, "test", ["dsop.E131"], id="letters that cannot be set"),
        pytest.param({**WHOLE, "address": "a\tb"}, "test", ["dsop.E131"], id="a tab"),
    ],
)
def test_letterheads(told, environment, found):
    with override_settings(DESK_LETTERHEAD=told, ENVIRONMENT=environment):
        assert [fault.id for fault in check_letterhead()] == found


def test_the_letterhead_in_lines():
    with override_settings(DESK_LETTERHEAD={**WHOLE, "data_protection_officer": "Kari\n22 00 00 01"}):
        assert letterhead() == Letterhead(
            "Sparebanken Nord-Čáhppi",
            ("Prøvegata 1", "0001 Oslo"),
            ("innsyn@sandkassebanken.example", "22 00 00 00"),
            "Kari, 22 00 00 01",
        )


@pytest.mark.parametrize(
    ("told", "found"),
    [
        pytest.param({"fi-utlegg-saldo": 365, "agencies:bsu": 0}, [], id="services that there are"),
        pytest.param({}, [], id="none"),
        pytest.param({"fi-utlegg": 365}, ["dsop.E132"], id="no such service"),
        pytest.param({"skatt-kontroll": -1}, ["dsop.E133"], id="less than no days"),
        pytest.param({"skatt-kontroll": 3651}, ["dsop.E133"], id="more than ten years"),
        pytest.param({"skatt-kontroll": 1.5}, ["dsop.E133"], id="half a day"),
        pytest.param({"skatt-kontroll": True}, ["dsop.E133"], id="a truth"),
        pytest.param({"skatt-kontroll": "730"}, ["dsop.E133"], id="a text"),
        pytest.param([365], ["dsop.E133"], id="a list"),
    ],
)
def test_undecided_days(told, found):
    with override_settings(DESK_UNDECIDED_DAYS=told):
        assert [fault.id for fault in check_undecided_days()] == found


@pytest.mark.parametrize(("years", "found"), [(0, ["dsop.E134"]), (1, []), (10, []), (11, ["dsop.E134"])])
def test_years(years, found):
    with override_settings(DESK_CITIZEN_YEARS=years):
        assert [fault.id for fault in check_years()] == found
