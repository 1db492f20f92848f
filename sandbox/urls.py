"""The laptop's addresses: the bank's own, and the stand-ins for the outside world beside them."""

from django.urls import include, path

from dsop.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("sandbox/certpub/", include("sandbox.certpub.urls")),
    path("sandbox/konkursvarsel/", include("sandbox.brreg.urls")),
    path("sandbox/maskinporten/", include("sandbox.maskinporten.urls")),
    path("sandbox/police/", include("sandbox.police.urls")),
    path("sandbox/studielan/", include("sandbox.studielan.urls")),
    path("", include("dsop.urls")),
]
