"""Addresses that other systems fetch."""

from django.urls import path

from clinic.booking.views import feeds

app_name = "directory"
urlpatterns = [
    path("$bulk-publish", feeds.bulk_manifest, name="manifest"),
    path("<slug:kind>.ndjson", feeds.bulk_file, name="file"),
]
