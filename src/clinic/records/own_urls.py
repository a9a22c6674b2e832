"""Addresses of a patient's own forms."""

from django.urls import path

from clinic.records.consent import views as consent
from clinic.records.drawing import views as drawing
from clinic.records.sheets import views as sheets

app_name = "own_sheets"
urlpatterns = [
    path("<uuid:key>/consents/", consent.own_consents, name="consents"),
    path("<uuid:key>/consents/<uuid:consent>/", consent.own_consent, name="consent"),
    path("<uuid:key>/consents/<uuid:consent>/withdraw/", consent.own_withdraw, name="withdraw"),
    path("<uuid:key>/forms/", sheets.own_forms, name="forms"),
    path("<uuid:key>/forms/begin/", sheets.own_begin, name="begin_form"),
    path("<uuid:key>/forms/<uuid:sheet>/", sheets.own_sheet, name="sheet"),
    path("<uuid:key>/forms/<uuid:sheet>/fill/", sheets.own_fill, name="fill"),
    path("<uuid:key>/drawings/", drawing.own_drawings, name="drawings"),
    path("<uuid:key>/forms/<uuid:sheet>/draw/", drawing.own_draw, name="draw"),
    path("<uuid:key>/forms/<uuid:sheet>/check/", sheets.own_check, name="check"),
    path("<uuid:key>/forms/<uuid:sheet>/correct/", sheets.own_correct, name="correct"),
    path("<uuid:key>/forms/<uuid:sheet>/drop/", sheets.own_drop, name="drop"),
]
