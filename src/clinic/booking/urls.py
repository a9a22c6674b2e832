"""Addresses of the clinic's own schedule."""

from datetime import date

from django.urls import path, register_converter

from clinic.booking.views import feeds, schedule, setup


class DayInAddress:
    """A day in an address: `2027-03-09`."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Refuses what is no day."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """As it is written."""
        return value if isinstance(value, str) else value.isoformat()


register_converter(DayInAddress, "day")

app_name = "schedule"
urlpatterns = [
    path("", schedule.start, name="start"),
    path("<int:site>/<day:day>/", schedule.day, name="day"),
    path("<int:site>/<day:day>/week/", schedule.week, name="week"),
    path("<int:site>/block/", schedule.block, name="block"),
    path("block/<int:pk>/remove/", schedule.unblock, name="unblock"),
    path("visits/<uuid:key>/", schedule.visit, name="visit"),
    path("visits/<uuid:key>/move/", schedule.move, name="move"),
    path("visits/<uuid:key>/act/<slug:what>/", schedule.act, name="act"),
    path("people/<uuid:key>/book/", schedule.book, name="book"),
    path("people/<uuid:key>/wait/", schedule.wait_for, name="wait_for"),
    path("waiting/<int:pk>/end/", schedule.stop_waiting, name="stop_waiting"),
    path("newcomers/", schedule.newcomers, name="newcomers"),
    path("newcomers/<int:pk>/", schedule.match, name="match"),
    path("import/", schedule.bring, name="bring"),
    path("feed/", feeds.own_feed, name="feed"),
    path("setup/", setup.overview, name="setup"),
    path("setup/<slug:kind>/new/", setup.change, name="setup_add"),
    path("setup/<slug:kind>/<int:pk>/", setup.change, name="setup_change"),
    path("setup/<slug:kind>/<int:pk>/remove/", setup.remove, name="setup_remove"),
]
