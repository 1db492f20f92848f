"""Each code in the project's tables of the look-ups' pages comes with its status and text, whoever is asked."""

import pytest

from tests.agencies.code_tables import rows_of

AKTIVKONTO, PENSION = "skatteetaten:aktivkonto", "skatteetaten:tjenestepensjonsavtale"
MONTHS = "pensjonsinnretning=213456008&opplysningspliktig=310000000&fraOgMed=2021-01&tilOgMed=2021-06"
ASKED = {
    ("aktivkonto_codes", "seed"): ("POST", "/api/aktivkonto/ekstern/v3/tin", AKTIVKONTO),
    ("aktivkonto_codes", "current"): ("GET", "/aktivkonto/v3/navUtbetalingskonto/17816994780", AKTIVKONTO),
    ("otp_codes", "seed"): ("GET", f"/api/tjenestepensjonsavtale/v1/nav/avtaleforhold/gyldighet?{MONTHS}", PENSION),
    ("otp_codes", "current"): ("GET", f"/otp/v1/nav/avtaleforhold/gyldighet?{MONTHS}", PENSION),
}


@pytest.mark.parametrize(
    ("asked", "row"),
    [pytest.param(asked, row, id=str(row)) for (table, profile), asked in ASKED.items()
     for row in rows_of(table, profile=profile)],
)  # fmt: skip
def test_a_code_of_the_table(stand_ins, asked, row):
    method, path, scope = asked
    stand_ins.fault(path.partition("?")[0], code=row.code)
    headers = {"Authorization": f"Bearer {stand_ins.token(scope)}"}

    answer = stand_ins.ask(method, path, headers, {"tin": "17816994780"} if method == "POST" else None)

    fault = answer.json()
    assert (answer.status, fault["kode"], fault["melding"]) == (row.http, row.code, row.text)
