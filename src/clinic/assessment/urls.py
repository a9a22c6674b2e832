"""Addresses of the assessment; zones and places are numbers, so that none says what was touched."""

from django.urls import path

from clinic.assessment.views import chart, conclusion, examination, planning

app_name = "assessment"
_VISIT = "<uuid:key>/visits/<uuid:visit>"
urlpatterns = [
    path("work/", chart.work, name="work"),
    path("examination-names/", examination.names, name="names"),
    path("<uuid:key>/course/", chart.course, name="course"),
    path(f"{_VISIT}/history/", chart.history, name="history"),
    path(f"{_VISIT}/begin-note/", chart.begin_note, name="begin_note"),
    path(f"{_VISIT}/examination/", examination.examination, name="examination"),
    path(f"{_VISIT}/examination/zones/<int:zone>/", examination.zone, name="zone"),
    path(f"{_VISIT}/examination/<int:place>/", examination.place_page, name="place"),
    path(f"{_VISIT}/examination/taps/", examination.taps, name="taps"),
    path(f"{_VISIT}/examination/answer/", examination.answer, name="answer"),
    path(f"{_VISIT}/examination/changes/", examination.changes, name="changes"),
    path(f"{_VISIT}/examination/teaching/", examination.taught, name="teaching"),
    path(f"{_VISIT}/examination/impression/", examination.note_impression, name="impression"),
    path(f"{_VISIT}/examination/habit/", examination.set_habit, name="habit"),
    path(f"{_VISIT}/conclude/", conclusion.conclude, name="conclude"),
    path("<uuid:key>/assessments/<uuid:pk>/", conclusion.assessment, name="assessment"),
    path("<uuid:key>/assessments/<uuid:pk>/case/", conclusion.case_file, name="case_file"),
    path("<uuid:key>/assessments/<uuid:pk>/plan/", planning.begin, name="begin_plan"),
    path("<uuid:key>/plans/<uuid:pk>/", planning.plan_page, name="plan"),
    path("<uuid:key>/plans/<uuid:pk>/change/", planning.change, name="change_plan"),
    path("<uuid:key>/plans/<uuid:pk>/take-out/", planning.take_out, name="take_out"),
    path("<uuid:key>/plans/<uuid:pk>/sign/", planning.sign, name="sign_plan"),
    path("<uuid:key>/plans/<uuid:pk>/weeks/", planning.weeks, name="weeks"),
    path(
        "<uuid:key>/plans/<uuid:pk>/weeks/progress/",
        planning.weeks_progress,
        name="weeks_progress",
    ),
    path("<uuid:key>/plans/<uuid:pk>/weeks/ask/", planning.ask_weeks, name="ask_weeks"),
    path("<uuid:key>/plans/<uuid:pk>/weeks/stop/", planning.stop_weeks, name="stop_weeks"),
]
