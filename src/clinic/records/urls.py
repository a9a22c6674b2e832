"""Addresses of visits; each names the person whose record it is, but lists and note templates."""

from django.urls import path

from clinic.records import views
from clinic.records.consent import views as consent
from clinic.records.drawing import views as drawing
from clinic.records.note_templates import views as note_templates
from clinic.records.screening import views as screening
from clinic.records.sheets import views as sheets

app_name = "records"
urlpatterns = [
    path("co-sign/", views.to_co_sign, name="to_co_sign"),
    path("note-templates/", note_templates.templates, name="templates"),
    path("note-templates/new/", note_templates.new_template, name="new_template"),
    path("note-templates/<uuid:template>/", note_templates.template, name="template"),
    path(
        "note-templates/<uuid:template>/offer/",
        note_templates.offer_template,
        name="offer_template",
    ),
    path("<uuid:key>/visits/", views.visits, name="visits"),
    path("<uuid:key>/visits/start/", views.start_visit, name="start_visit"),
    path("<uuid:key>/visits/<uuid:visit>/", views.visit_page, name="visit"),
    path("<uuid:key>/visits/<uuid:visit>/note/", views.write_note, name="write_note"),
    path("<uuid:key>/visits/<uuid:visit>/files/", views.attach, name="attach"),
    path("<uuid:key>/notes/<uuid:note>/add/", views.add_to_note, name="add_to_note"),
    path("<uuid:key>/notes/<uuid:note>/strike/", views.strike_note, name="strike_note"),
    path("<uuid:key>/notes/<uuid:note>/co-sign/", views.co_sign_note, name="co_sign_note"),
    path("<uuid:key>/files/<uuid:pk>/", views.attachment, name="attachment"),
    path("<uuid:key>/visits/<uuid:visit>/screening/", screening.ask, name="ask_screening"),
    path("<uuid:key>/visits/<uuid:visit>/clear/", screening.clear, name="clear_item"),
    path("<uuid:key>/visits/<uuid:visit>/take-back/", screening.take_back, name="take_back"),
    path("<uuid:key>/visits/<uuid:visit>/needles/", screening.needles, name="needles"),
    path("<uuid:key>/visits/<uuid:visit>/consent/", consent.take, name="take_consent"),
    path("<uuid:key>/consents/<uuid:consent>/", consent.consent_page, name="consent"),
    path("<uuid:key>/consents/<uuid:consent>/withdraw/", consent.withdraw, name="withdraw"),
    path("<uuid:key>/forms/", sheets.forms, name="forms"),
    path("<uuid:key>/forms/begin/", sheets.begin, name="begin_form"),
    path("<uuid:key>/forms/<uuid:sheet>/", sheets.sheet_page, name="sheet"),
    path("<uuid:key>/forms/<uuid:sheet>/fill/", sheets.fill, name="fill"),
    path("<uuid:key>/drawings/", drawing.drawings, name="drawings"),
    path("<uuid:key>/forms/<uuid:sheet>/draw/", drawing.draw, name="draw"),
    path("<uuid:key>/forms/<uuid:sheet>/check/", sheets.check, name="check"),
    path("<uuid:key>/forms/<uuid:sheet>/correct/", sheets.correct, name="correct"),
    path("<uuid:key>/forms/<uuid:sheet>/drop/", sheets.drop, name="drop"),
    path("<uuid:key>/forms/<uuid:sheet>/hand-over/", sheets.hand_over, name="hand_over"),
]
