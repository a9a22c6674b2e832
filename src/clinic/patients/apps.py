"""Patients as a Django app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """People in the clinic's care."""

    name = "clinic.patients"
