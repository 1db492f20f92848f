"""The pages of this part, and its panel on the start page."""

from django.db.models import Q, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.paging import DeskPage, Panel
from compliance.watching import alert_views, views
from compliance.watching.counting import in_window
from compliance.watching.folding import TURNED_AWAY
from compliance.watching.settling import visible_to
from compliance.watching.windows import Length, window_of

PAGES: tuple[DeskPage, ...] = (
    DeskPage("watch", views.watch, "desk_watch"),
    DeskPage("watch/person", views.person, "desk_watch_person"),
    DeskPage("alerts", alert_views.alerts, "desk_alerts"),
    DeskPage("alerts/<uuid:pk>", alert_views.alert, "desk_alert"),
    DeskPage("alerts/<uuid:pk>/settle", alert_views.settle_alert, "desk_alert_settle"),
    DeskPage("alerts/<uuid:pk>/behind", alert_views.behind_alert, "desk_alert_behind"),
)


def panel(request: HttpRequest) -> Panel | None:
    """Return how many alerts are open and what was asked today, in two questions."""
    if not request.user.has_perm(views.SEE):
        return None
    asked = ~Q(outcome__in=["sent", TURNED_AWAY])
    today = in_window(window_of(Length.DAY, timezone.now())).aggregate(
        asked=Sum("count", filter=asked, default=0),
        refused=Sum("count", filter=Q(outcome="refused"), default=0),
        failed=Sum("count", filter=Q(outcome="failed"), default=0),
        turned_away=Sum("count", filter=Q(outcome=TURNED_AWAY), default=0),
    )
    still_open = visible_to(request.user).filter(settled_at__isnull=True).count()
    return Panel(_("Watching"), f"{views.TEMPLATES}/panel.html", {"today": today, "open_alerts": still_open})
