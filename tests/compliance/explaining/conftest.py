"""What these tests borrow: a month of long ago as the retention's tests have it, and cases as agencies open them."""

from tests.api.conftest import forgets_notices, notices, opens
from tests.audit.retain.conftest import as_owner, old_month, trail

__all__ = ["as_owner", "forgets_notices", "notices", "old_month", "opens", "trail"]
