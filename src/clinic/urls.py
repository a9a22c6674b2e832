"""Every address of the site. A page that is not declared (`clinic.doors`) does not open."""

from django.urls import include, path

from clinic import body_drawing, components, shell
from clinic.booking.views.feeds import practitioner_feed

urlpatterns = [
    path("", shell.home, name="home"),
    path("drawing/body.css", body_drawing.css, name="body_css"),
    path("components/", components.page, name="components"),
    path("", include("clinic.accounts.urls")),
    path("practice/", include("clinic.practice.urls")),
    path("people/", include("clinic.patients.urls")),
    path("people/", include("clinic.records.urls")),
    path("people/", include("clinic.assessment.urls")),
    path("mine/", include("clinic.patients.own_urls")),
    path("mine/", include("clinic.records.own_urls")),
    path("tablet/", include("clinic.records.tablet_urls")),
    path("book/", include("clinic.booking.public_urls")),
    path("visit/", include("clinic.booking.visit_urls")),
    path("schedule/", include("clinic.booking.urls")),
    path("directory/", include("clinic.booking.open_urls")),
    path("feeds/<str:token>.ics", practitioner_feed, name="practitioner_feed"),
]

handler400 = "clinic.shell.refused"
handler403 = "clinic.shell.not_found"
handler404 = "clinic.shell.not_found"
handler500 = "clinic.shell.broken"
