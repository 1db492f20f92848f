"""The endpoints' addresses below /v2; none ends in a slash (NET-01)."""

from django.urls import path

from accounts import openapi, views

urlpatterns = [
    path("openapi.json", openapi.description),
    path("customers/customerRelationships", views.CustomerRelationships.as_view()),
    path("customers/accountServicingProvider", views.AccountServicingProvider.as_view()),
    path("accounts", views.AccountList.as_view()),
    path("accounts/<str:reference>", views.AccountDetails.as_view()),
    path("accounts/<str:reference>/transactions", views.Transactions.as_view()),
    path("accounts/<str:reference>/roles", views.Roles.as_view()),
    path("accounts/<str:reference>/cards", views.Cards.as_view()),
]
