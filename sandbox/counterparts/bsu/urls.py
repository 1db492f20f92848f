"""The addresses below /bsu/v1/."""

from django.urls import path

from sandbox.counterparts.bsu import views

DOCUMENT = "<str:year>/forsendelser/<str:submission_id>/dokumenter/<str:document_id>"

urlpatterns = [
    path("<str:year>", views.submission),
    path(DOCUMENT, views.document),
    path("", views.nothing),
    path("<path:path>", views.nothing),
]
control_urlpatterns = [
    path("deliveries", views.counts),
    path("held/<str:year>/<str:reporter>", views.held),
]
