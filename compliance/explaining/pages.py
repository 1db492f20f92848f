"""The pages of this part. It has no panel: whoever looks for a record begins with finding it."""

from django.http import HttpRequest

from compliance.explaining import views
from compliance.paging import DeskPage, Panel

PAGES: tuple[DeskPage, ...] = (
    DeskPage("explained/<uuid:pk>/", views.explained, "desk_explained"),
    DeskPage("explained/<uuid:pk>/text/", views.as_text, "desk_explained_text"),
    DeskPage("explained/<uuid:pk>/numbers/", views.numbers, "desk_explained_numbers"),
    DeskPage("explained/<uuid:pk>/document/", views.document, "desk_explained_document"),
)


def panel(request: HttpRequest) -> Panel | None:
    """Return what the start page shows to whoever asks, if anything."""
    return None
