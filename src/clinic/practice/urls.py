"""Addresses of the practice."""

from django.urls import path

from clinic.practice import views

app_name = "practice"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("sites/new/", views.add_site, name="add_site"),
    path("sites/<int:pk>/", views.change_site, name="change_site"),
    path("covers/new/", views.set_cover, name="set_cover"),
    path("audit/", views.audit_checks, name="audit_checks"),
    path("audit/<uuid:pk>/cancel/", views.cancel_audit_check, name="cancel_audit_check"),
    path("staff/", views.staff_list, name="staff_list"),
    path("staff/invite/", views.invite, name="invite"),
    path("staff/<int:pk>/", views.staff_page, name="staff_page"),
    path("staff/<int:pk>/role/", views.give_role, name="give_role"),
    path("staff/<int:pk>/credential/", views.add_credential, name="add_credential"),
    path("staff/<int:pk>/renew/", views.renew_sign_in, name="renew_sign_in"),
    path("staff/<int:pk>/leave/", views.let_go, name="let_go"),
    path("roles/<int:pk>/end/", views.end_role, name="end_role"),
    path("credentials/<int:pk>/check/", views.check_credential, name="check_credential"),
    path(
        "credentials/<int:pk>/correct/",
        views.correct_credential,
        name="correct_credential",
    ),
    path("credentials/<int:pk>/end/", views.end_credential, name="end_credential"),
]
