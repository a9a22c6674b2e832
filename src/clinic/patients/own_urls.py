"""Addresses of what is a person's own."""

from django.urls import path

from clinic.patients import invitation_views, views

app_name = "own"
urlpatterns = [
    path("", views.own_list, name="list"),
    path("invitation/", invitation_views.accept, name="accept"),
    path("invitation/<str:token>/", invitation_views.invitation, name="invitation"),
    path("<uuid:key>/", views.own, name="page"),
    path("<uuid:key>/who-looked/", views.who_looked, name="who_looked"),
]
