"""Visits that lost their hours, their post or their account: shown until staff move or cancel them.

Hours and leave can be taken away again, and two rows of hours that overlap are one time.
"""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from furnishing import BY, at, slot

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.booking import actions
from clinic.booking.directory import lines_of
from clinic.booking.models import Away, Booking, Hours
from clinic.booking.queries import free_times, working
from clinic.booking.unsupported import ENDED, OUTSIDE, SHUT, all_unsupported
from clinic.practice.actions import end_role
from clinic.practice.models import Posting

pytestmark = pytest.mark.django_db
SETUP = reverse("schedule:setup")


def booked(clinic, hour=9, who=None, **more):
    reply = actions.book(slot(clinic, hour, **more), who or clinic.ada, by=BY)
    return Booking.objects.get(pk=reply.booking)


def found():
    return [(row.pk, why) for row, why in all_unsupported()]


def day_page(client, clinic):
    url = reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": clinic.day})
    return client.get(url).content.decode()


def test_what_nobody_is_there_to_give_is_shown_with_why(as_, clinic, cast):
    lost, other = booked(clinic), booked(clinic, who=clinic.bo, staff=clinic.two)
    assert found() == []
    leave = Away.objects.create(staff=clinic.one, first_day=clinic.day, last_day=clinic.day)
    assert found() == [(lost.pk, [OUTSIDE])]
    leave.delete()
    User.objects.filter(pk=clinic.two.user_id).update(is_active=False)
    assert found() == [(other.pk, [SHUT])]
    end_role(Posting.objects.get(staff=clinic.one), by=BY)
    assert sorted(found()) == sorted([(lost.pk, [ENDED]), (other.pk, [SHUT])])

    for page in (day_page(as_("reception"), clinic), as_("owner").get(SETUP).content.decode()):
        assert ENDED in page
        assert SHUT in page


def test_what_lies_within_its_hours_or_is_over_or_cancelled_is_not_shown(clinic):
    ended, over = booked(clinic), booked(clinic, 11)
    Away.objects.create(
        staff=clinic.one, first_day=clinic.day, last_day=clinic.day, starts=time(9), ends=time(12)
    )
    booked(clinic, 13)
    actions.cancel(ended, version=1, by=BY)
    past = at(clinic, 11) - timedelta(days=20)
    Booking.objects.filter(pk=over.pk).update(starts_at=past, ends_at=past + timedelta(minutes=30))

    assert found() == []


@pytest.mark.parametrize("count", [1, 2])
def test_whoever_says_leave_is_told_how_many_visits_lie_in_it(as_, clinic, cast, count):
    for hour in range(9, 9 + count):
        booked(clinic, hour)
    booked(clinic, who=clinic.bo, staff=clinic.two)
    day = clinic.day.isoformat()
    answer = as_("owner").post(
        reverse("schedule:setup_add", kwargs={"kind": "away"}),
        {"staff": clinic.one.pk, "first_day": day, "last_day": day},
        follow=True,
    )

    told = [str(one) for one in answer.context["messages"]]
    words = "1 visit now lies outside" if count == 1 else "2 visits now lie outside"
    assert [one.startswith(words) for one in told] == [True]
    assert 'href="#unsupported"' in told[0]
    assert 'id="unsupported"' in answer.content.decode()


def test_what_was_outside_before_is_not_counted_anew(as_, clinic, cast):
    booked(clinic, 9)
    Away.objects.create(staff=clinic.one, first_day=clinic.day, last_day=clinic.day)
    day = (clinic.day + timedelta(days=1)).isoformat()
    answer = as_("owner").post(
        reverse("schedule:setup_add", kwargs={"kind": "away"}),
        {"staff": clinic.one.pk, "first_day": day, "last_day": day},
        follow=True,
    )

    assert list(answer.context["messages"]) == []


def test_hours_are_removed_and_the_audit_says_what_they_were(as_, clinic, cast):
    booked(clinic)
    row = Hours.objects.get(staff=clinic.one, weekday=clinic.day.weekday())
    url = reverse("schedule:setup_remove", kwargs={"kind": "hours", "pk": row.pk})
    client = as_("owner")
    assert f'action="{url}"' in client.get(SETUP).content.decode()
    assert client.get(url).status_code == 405
    answer = client.post(url, follow=True)

    assert not Hours.objects.filter(pk=row.pk).exists()
    entry = Entry.objects.get(act="booking set-up removed")
    assert entry.subject == f"hours:{row.pk}"
    assert entry.detail["was"] == f"{row.get_weekday_display()} 08:00 to 18:00"
    assert (entry.detail["staff"], entry.detail["site"]) == (clinic.one.pk, clinic.site.pk)
    assert "1 visit now lies outside" in answer.content.decode()


def test_leave_is_removed_and_the_day_can_be_booked_again(as_, clinic, cast):
    row = Away.objects.create(staff=clinic.one, first_day=clinic.day, last_day=clinic.day)
    client = as_("owner")
    client.post(reverse("schedule:setup_remove", kwargs={"kind": "away", "pk": row.pk}))

    booked(clinic)
    assert Entry.objects.get(act="booking set-up removed").detail["first_day"] == str(clinic.day)


def test_nothing_else_of_the_set_up_is_removed(as_, clinic, cast):
    for kind, pk in (("service", clinic.visit.pk), ("room", clinic.rooms[0].pk), ("hours", 0)):
        url = reverse("schedule:setup_remove", kwargs={"kind": kind, "pk": pk})
        assert as_("owner").post(url).status_code == 404


def test_hours_that_overlap_are_one_time(clinic):
    Hours.objects.create(
        staff=clinic.one,
        site=clinic.site,
        weekday=clinic.day.weekday(),
        starts=time(17, 45),
        ends=time(19),
        first_day=clinic.day,
        last_day=clinic.day,
    )

    spans = working([clinic.one.pk], clinic.site, clinic.day, clinic.day)[clinic.one.pk]
    assert [last - first for first, last in spans[clinic.day]] == [11 * 3600]
    free = free_times(
        clinic.visit,
        clinic.site,
        [clinic.one],
        first=clinic.day,
        last=clinic.day,
        not_before=at(clinic, 17),
    )
    assert at(clinic, 17, 50) in [row.at for row in free]
    booked(clinic, 17, minute=40)
    names = [row["id"] for row in lines_of("slots")]
    assert len(names) == len(set(names))
