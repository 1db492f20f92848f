"""How long the feedback on a submission lets itself be waited for."""

import time

from sandbox.counterparts.control import switch


def feedback_is_due(at: float) -> bool:
    """Return whether the feedback on what came in then is there by now: at once, unless the switch says later."""
    return bool(time.time() >= at + switch("bsu.feedback_seconds", 0))
