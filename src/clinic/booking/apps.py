"""Booking as a Django app."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    """Free times, visits booked, reminders."""

    name = "clinic.booking"

    def ready(self) -> None:
        """Have the worker pass on what lapsed; tell the rooms below what only bookings know.

        Which records nobody has matched, which visits come without a form, and which letters go to
        an address that gave way to another.
        """
        from clinic.booking.forms_due import without_their_forms  # noqa: PLC0415 - as below
        from clinic.booking.newcomers import is_unmatched  # noqa: PLC0415
        from clinic.booking.telling import follow_address  # noqa: PLC0415
        from clinic.booking.upkeep import keep_up  # noqa: PLC0415 - needs the loaded apps
        from clinic.outbox.worker import EVERY_MINUTE  # noqa: PLC0415
        from clinic.patients.actions import ADDRESS_CHANGED  # noqa: PLC0415
        from clinic.patients.queries import UNMATCHED  # noqa: PLC0415
        from clinic.records.sheets.due import COMING  # noqa: PLC0415

        if is_unmatched not in UNMATCHED:
            UNMATCHED.append(is_unmatched)
        if keep_up not in EVERY_MINUTE:
            EVERY_MINUTE.append(keep_up)
        if without_their_forms not in COMING:
            COMING.append(without_their_forms)
        if follow_address not in ADDRESS_CHANGED:
            ADDRESS_CHANGED.append(follow_address)
