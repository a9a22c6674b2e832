"""Addresses of what is a person's own."""

from django.urls import path

from clinic.patients import views

app_name = "own"
urlpatterns = [
    path("", views.own_list, name="list"),
    path("<uuid:key>/", views.own, name="page"),
    path("<uuid:key>/who-looked/", views.who_looked, name="who_looked"),
]
