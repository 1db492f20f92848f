"""The addresses below /altinn/ and /altinn3/, and those of the tests."""

from django.urls import path

from sandbox.counterparts.altinn import altinn3, hooks, page, views

urlpatterns = [
    path("api/ConsentRequest", views.consent_request),
    path("ui/AccessConsent/request", page.consent_page, name="altinn-consent-page"),
    path("api/authorization/token", views.consent_token),
    path("api/authorization/jwk", views.key_set),
]
altinn3_urlpatterns = [
    path("accessmanagement/api/v1/enterprise/consentrequests/", altinn3.consent_request),
    path("authentication/api/v1/systemregister/vendor", altinn3.system),
]
control_urlpatterns = [
    path("consents", hooks.consents_kept),
    path("consents/<str:consent_id>", hooks.one_consent),
    path("consents/<str:consent_id>/end", hooks.end),
]
