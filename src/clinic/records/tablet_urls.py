"""Addresses of the one sheet for which the clinic's tablet was handed over."""

from django.urls import path

from clinic.records.drawing import views as drawing
from clinic.records.sheets import views as sheets

app_name = "tablet"
urlpatterns = [
    path("<uuid:sheet>/fill/", sheets.tablet_fill, name="fill"),
    path("<uuid:sheet>/draw/", drawing.tablet_draw, name="draw"),
    path("<uuid:sheet>/check/", sheets.tablet_check, name="check"),
    path("<uuid:sheet>/done/", sheets.tablet_done, name="done"),
]
