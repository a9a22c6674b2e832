"""Addresses for whoever wants a visit."""

from django.urls import path

from clinic.booking.views import beforehand, mailed, public, wait_list

app_name = "book"
urlpatterns = [
    path("", public.start, name="start"),
    path("about/", public.about, name="about"),
    path("beforehand/", beforehand.read, name="beforehand"),
    path("time/", public.choose, name="choose"),
    path("details/", public.details, name="details"),
    path("sent/", public.sent, name="sent"),
    path("wait/", wait_list.ask, name="wait"),
    path("wait/sent/", wait_list.sent, name="wait_sent"),
    path("wait/open/<str:token>/", mailed.open_wait, name="open_wait"),
    path("wait/<uuid:key>/", wait_list.waits, name="waits"),
    path("wait/<str:token>/", mailed.old_wait_link, name="old_wait_link"),
]
