"""Addresses for whoever wants a visit."""

from django.urls import path

from clinic.booking.views import public

app_name = "book"
urlpatterns = [
    path("", public.start, name="start"),
    path("about/", public.about, name="about"),
    path("time/", public.choose, name="choose"),
    path("details/", public.details, name="details"),
    path("sent/", public.sent, name="sent"),
]
