"""Accept (NEG-02): which media type an answer may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legal.negotiation import choose
from legal.refusals import NotAcceptable

JSON, JOSE = "application/json", "application/jose"


@pytest.mark.parametrize(
    ("accept", "offered", "chosen"),
    [
        pytest.param(None, [JSON], JSON, id="absent"),
        pytest.param("", [JSON], JSON, id="empty"),
        pytest.param("*/*", [JSON], JSON, id="anything"),
        pytest.param("application/*", [JSON], JSON, id="the family"),
        pytest.param("APPLICATION/JSON", [JSON], JSON, id="letter case"),
        pytest.param("application/json; charset=utf-8", [JSON], JSON, id="other parameters are ignored"),
        pytest.param("text/html, application/json;q=0.1", [JSON], JSON, id="little liked is liked"),
        pytest.param("application/jose, application/json", [JOSE, JSON], JOSE, id="both alike: the first offered"),
        pytest.param("application/json;q=1, application/jose;q=0.5", [JOSE, JSON], JSON, id="liked better"),
        pytest.param("*/*, application/jose;q=0", [JOSE, JSON], JSON, id="all but one"),
        pytest.param(JOSE, [JSON], None, id="another type only"),
        pytest.param("application/json;q=0", [JSON], None, id="ruled out"),
        pytest.param("application/json;q=0.000", [JSON], None, id="ruled out with decimals"),
        pytest.param("*/*, application/json;q=0", [JSON], None, id="the particular beats the wildcard"),
        pytest.param("application/*;q=0, */*", [JSON], None, id="the family beats the wildcard"),
        pytest.param("application/json;q=high", [JSON], None, id="malformed quality"),
        pytest.param("application/json;q=1.5", [JSON], None, id="quality above one"),
        pytest.param("application", [JSON], None, id="no type at all"),
        pytest.param("application/json\xe6", [JSON], None, id="not ASCII"),
        pytest.param("*", [JSON], None, id="a lone star"),
    ],
)
def test_choose(accept, offered, chosen):
    if chosen is None:
        with pytest.raises(NotAcceptable):
            choose(accept, offered)
    else:
        assert choose(accept, offered) == chosen


JSON_ONLY_DIFFERS = [
    pytest.param("application/json", None, JSON, id="json only"),
    pytest.param("application/json;q=1, application/jose;q=0.5", JOSE, JSON, id="json liked better"),
    pytest.param("application/jose;q=0.5, application/json;q=1", JOSE, JSON, id="json liked better, named last"),
    pytest.param("application/json, application/jose;q=0.999", JOSE, JSON, id="json liked a little better"),
    pytest.param("*/*;q=0.1, application/json", JOSE, JSON, id="json before the rest"),
    pytest.param("application/*;q=0.2, application/json;q=0.3", JOSE, JSON, id="json before its family"),
    pytest.param("application/jose;q=0, application/json", None, JSON, id="jose ruled out, json liked"),
    pytest.param("application/jose;q=0, */*", None, JSON, id="jose ruled out, anything else liked"),
    pytest.param("Application/JSON; charset=utf-8", None, JSON, id="json in other letters, with a parameter"),
]
ALIKE = [
    pytest.param(None, JOSE, id="absent"),
    pytest.param("", JOSE, id="empty"),
    pytest.param("*/*", JOSE, id="anything"),
    pytest.param("application/*", JOSE, id="the family"),
    pytest.param("application/jose", JOSE, id="jose"),
    pytest.param("APPLICATION/Jose", JOSE, id="jose in other letters"),
    pytest.param("application/jose; charset=utf-8; profile=x", JOSE, id="other parameters are ignored"),
    pytest.param("application/jose;charset=utf-8;q=0.4", JOSE, id="quality after another parameter"),
    pytest.param("application/jose, application/json", JOSE, id="both, jose first"),
    pytest.param("application/json, application/jose", JOSE, id="both, json first"),
    pytest.param("application/json;q=0.5, application/jose;q=0.5", JOSE, id="both with the same quality"),
    pytest.param("application/jose;q=1, application/json;q=0.5", JOSE, id="jose liked better"),
    pytest.param("text/html, */*;q=0.01", JOSE, id="anything, a little"),
    pytest.param("*/*, application/json;q=0", JOSE, id="json ruled out"),
    pytest.param("application/jose;q=0", None, id="jose ruled out"),
    pytest.param("application/jose;Q=0.0", None, id="jose ruled out in other letters"),
    pytest.param("application/*;q=0", None, id="the family ruled out"),
    pytest.param("*/*;q=0", None, id="all ruled out"),
    pytest.param("application/jose;q=0, application/json;q=0, */*", None, id="both ruled out by name"),
    pytest.param("text/html", None, id="another type"),
    pytest.param("text/*, application/xml, application/jwt", None, id="other types"),
    pytest.param("application/jose+json", None, id="the other serialisation"),
    pytest.param("application/jose;q=-1", None, id="malformed quality"),
    pytest.param("application/jose application/json", None, id="no comma"),
]


@pytest.mark.parametrize(
    ("accept", "in_production", "in_test"),
    [*(pytest.param(*case.values, case.values[1], id=case.id) for case in ALIKE), *JSON_ONLY_DIFFERS],
)
def test_neg_02_table(accept, in_production, in_test):
    """Security 7.1, both columns: what is offered in production, and where a deployment allows plain JSON."""
    for offered, chosen in (((JOSE,), in_production), ((JOSE, JSON), in_test)):
        if chosen is None:
            with pytest.raises(NotAcceptable):
                choose(accept, offered)
        else:
            assert choose(accept, offered) == chosen


@given(accept=st.one_of(st.none(), st.text(alphabet="aplicton/jse*,;=.q01 \t", max_size=60)))
def test_neg_01_no_accept_whatever_gets_json_where_it_is_not_offered(accept):
    try:
        assert choose(accept, (JOSE,)) == JOSE
    except NotAcceptable:
        return
