"""Addresses behind the link of a mail, and one's own visits."""

from django.urls import path

from clinic.booking.views import visit

app_name = "visits"
urlpatterns = [
    path("own/", visit.own, name="own"),
    path("<str:token>/", visit.visit, name="visit"),
    path("<str:token>/confirm/", visit.confirm, name="confirm"),
    path("<str:token>/move/", visit.move, name="move"),
    path("<str:token>/cancel/", visit.cancel, name="cancel"),
    path("<str:token>/earlier/", visit.earlier, name="earlier"),
    path("<str:token>/no-longer/", visit.stop_waiting, name="stop_waiting"),
    path("<str:token>/visit.ics", visit.calendar_file, name="calendar"),
]
