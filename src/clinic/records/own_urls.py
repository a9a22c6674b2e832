"""Addresses of a patient's own forms."""

from django.urls import path

from clinic.records.sheets import views as sheets

app_name = "own_sheets"
urlpatterns = [
    path("<uuid:key>/forms/", sheets.own_forms, name="forms"),
    path("<uuid:key>/forms/begin/", sheets.own_begin, name="begin_form"),
    path("<uuid:key>/forms/<uuid:sheet>/", sheets.own_sheet, name="sheet"),
    path("<uuid:key>/forms/<uuid:sheet>/fill/", sheets.own_fill, name="fill"),
    path("<uuid:key>/forms/<uuid:sheet>/check/", sheets.own_check, name="check"),
    path("<uuid:key>/forms/<uuid:sheet>/correct/", sheets.own_correct, name="correct"),
    path("<uuid:key>/forms/<uuid:sheet>/drop/", sheets.own_drop, name="drop"),
]
