"""Which language people read: the one they chose, or their browser's. Machines never come by here."""

import re
from typing import Any

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

NORWEGIAN = re.compile(r"\b(?:no|nn)\b", re.IGNORECASE)


class BrowserLanguage(LocaleMiddleware):
    """Speak one language until the page is made, and nobody's after it: the thread serves machines too."""

    def __call__(self, request: HttpRequest) -> Any:
        try:
            return super().__call__(request)
        finally:
            translation.deactivate()

    def process_request(self, request: HttpRequest) -> None:
        """Answer in bokmål whoever asks for Norwegian of any kind."""
        if asked := request.META.get("HTTP_ACCEPT_LANGUAGE"):
            request.META["HTTP_ACCEPT_LANGUAGE"] = NORWEGIAN.sub("nb", asked)
        super().process_request(request)
