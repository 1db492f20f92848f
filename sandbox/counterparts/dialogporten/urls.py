"""The addresses below /dialogporten/."""

from django.urls import path

from sandbox.counterparts.dialogporten import views

urlpatterns = [
    path("api/v1/enduser/dialogs", views.search),
    path("api/v1/enduser/dialogs/<str:dialog_id>", views.one),
    path("page", views.page, name="dialogporten-page"),
]
