"""Accept (NEG-02): which media type an answer may have."""

import pytest

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
