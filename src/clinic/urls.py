"""Every address of the site. A page that is not declared (`clinic.doors`) does not open."""

from django.urls import include, path

from clinic import shell

urlpatterns = [
    path("", shell.home, name="home"),
    path("components/", shell.components, name="components"),
    path("", include("clinic.accounts.urls")),
    path("practice/", include("clinic.practice.urls")),
    path("people/", include("clinic.patients.urls")),
    path("people/", include("clinic.records.urls")),
    path("people/", include("clinic.assessment.urls")),
    path("mine/", include("clinic.patients.own_urls")),
    path("mine/", include("clinic.records.own_urls")),
    path("tablet/", include("clinic.records.tablet_urls")),
]

handler403 = "clinic.shell.not_found"
handler404 = "clinic.shell.not_found"
handler500 = "clinic.shell.broken"
