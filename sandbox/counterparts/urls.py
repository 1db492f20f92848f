"""The stand-ins' addresses, each agency's below a path of its own."""

from django.urls import include, path

from sandbox.counterparts import control
from sandbox.counterparts.aktivkonto import urls as aktivkonto
from sandbox.counterparts.altinn import urls as altinn
from sandbox.counterparts.bsu import urls as bsu
from sandbox.counterparts.dialogporten import urls as dialogporten
from sandbox.counterparts.lanekassen import urls as lanekassen
from sandbox.counterparts.pension import urls as pension
from sandbox.counterparts.tsa import urls as tsa

handler404 = control.not_found
handler500 = control.crashed

urlpatterns = [
    path("altinn/", include(altinn)),
    path("altinn3/", include(altinn.altinn3_urlpatterns)),
    path("bsu/v1/", include(bsu)),
    path("dialogporten/", include(dialogporten)),
    path("lanekassen/", include(lanekassen)),
    path("control/altinn/", include(altinn.control_urlpatterns)),
    path("control/bsu/", include(bsu.control_urlpatterns)),
    path("control/lanekassen/", include(lanekassen.control_urlpatterns)),
    path("control/pension/", include(pension.control)),
    path("control/", include("sandbox.counterparts.control_urls")),
    path("aktivkonto/v3/", include(aktivkonto.current)),
    path("api/aktivkonto/", include(aktivkonto.seed)),
    path("api/tjenestepensjonsavtale/v1/", include(pension.seed)),
    path("otp/v1/", include(pension.current)),
    path("tsa/", include(tsa)),
    path("sandbox/maskinporten/", include("sandbox.maskinporten.urls")),
]
