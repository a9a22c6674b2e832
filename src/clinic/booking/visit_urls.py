"""Addresses of a visit: the one that a mail carries, those behind it, and one's own visits."""

from django.urls import path

from clinic.booking.views import beforehand, mailed, visit

app_name = "visits"
urlpatterns = [
    path("own/", visit.own, name="own"),
    path("open/<str:token>/", mailed.open_visit, name="open"),
    path("<uuid:key>/", visit.visit, name="visit"),
    path("<uuid:key>/confirm/", visit.confirm, name="confirm"),
    path("<uuid:key>/move/", visit.move, name="move"),
    path("<uuid:key>/cancel/", visit.cancel, name="cancel"),
    path("<uuid:key>/earlier/", visit.earlier, name="earlier"),
    path("<uuid:key>/no-longer/", visit.stop_waiting, name="stop_waiting"),
    path("<uuid:key>/visit.ics", visit.calendar_file, name="calendar"),
    path("<uuid:key>/forms/begin/", beforehand.begin_form, name="begin_form"),
    path("<uuid:key>/forms/<uuid:sheet>/fill/", beforehand.fill, name="fill"),
    path("<uuid:key>/forms/<uuid:sheet>/draw/", beforehand.draw, name="draw"),
    path("<uuid:key>/forms/<uuid:sheet>/check/", beforehand.check, name="check"),
    path("<uuid:key>/close/", visit.close, name="close"),
    path("<str:token>/", mailed.old_visit_link, name="old_link"),
]
