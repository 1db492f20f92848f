"""The ledger on several hosts, a primary and its replicas. Django finds `base.py` by this package's name."""

from accounts.replicas.again import asked_again, is_worth_another_try
from accounts.replicas.lag import Lag
from accounts.replicas.watching import ensure, lags, several, watch

__all__ = ["Lag", "asked_again", "ensure", "is_worth_another_try", "lags", "several", "watch"]
