"""A trail that nobody touched is found whole, in every state that it may be in."""

from audit.verify.findings import Looked
from tests.audit.verify.trail import MONTH, NEXT


def test_an_untouched_trail(trail):
    looked = trail.looked()
    assert looked == Looked(months={MONTH, NEXT}, rows=15, checkpoints=6, answers=4, unsealed=1)
