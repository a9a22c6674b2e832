"""Addresses of people. A key stands for a person; no name is ever part of an address."""

from django.urls import path

from clinic.patients import invitation_views, views

app_name = "patients"
urlpatterns = [
    path("", views.find, name="find"),
    path("new/", views.add, name="add"),
    path("import/", views.bring_in, name="import"),
    path("merge/", views.merge, name="merge"),
    path("merge/<int:pk>/undo/", views.unmerge, name="unmerge"),
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<int:pk>/", views.review, name="review"),
    path("reviews/care/<int:pk>/", views.review_care, name="review_care"),
    path("reviews/address/<int:pk>/", views.review_address, name="review_address"),
    path("<uuid:key>/", views.person, name="person"),
    path("<uuid:key>/looked/", views.looked, name="looked"),
    path("<uuid:key>/change/", views.change, name="change"),
    path("<uuid:key>/contacts/", views.add_contact, name="add_contact"),
    path("<uuid:key>/care/", views.start_care, name="start_care"),
    path("<uuid:key>/care/<int:care>/end/", views.end_care, name="end_care"),
    path("<uuid:key>/own-pages/", invitation_views.invite, name="invite"),
    path("<uuid:key>/own-pages/end/", invitation_views.end_access, name="end_access"),
    path("<uuid:key>/own-pages/renew/", invitation_views.renew, name="renew_access"),
    path(
        "<uuid:key>/own-pages/<int:invitation>/withdraw/",
        invitation_views.withdraw,
        name="withdraw_invitation",
    ),
    path("<uuid:key>/proxies/", invitation_views.invite_to_act, name="invite_to_act"),
    path(
        "<uuid:key>/proxies/invited/<int:invitation>/withdraw/",
        invitation_views.withdraw_to_act,
        name="withdraw_to_act",
    ),
    path("<uuid:key>/proxies/<int:proxy>/end/", views.end_proxy, name="end_proxy"),
    path("<uuid:key>/locks/", views.set_lock, name="set_lock"),
    path("<uuid:key>/locks/<int:lock>/lift/", views.lift_lock, name="lift_lock"),
    path("<uuid:key>/chart/", views.chart, name="chart"),
    path("<uuid:key>/chart/no-allergies/", views.no_allergies, name="no_allergies"),
    path("<uuid:key>/chart/<str:kind>/", views.add_line, name="add_line"),
    path("<uuid:key>/chart/<str:kind>/<int:line>/end/", views.end_line, name="end_line"),
    path("<uuid:key>/emergency/", views.emergency, name="emergency"),
    path("<uuid:key>/emergency/end/", views.end_emergency, name="end_emergency"),
]
