"""The address below /tsa/."""

from django.urls import path

from sandbox.counterparts.tsa import views

urlpatterns = [path("", views.stamp)]
