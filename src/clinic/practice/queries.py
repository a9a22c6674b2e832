"""Reads of the practice: who somebody is here today, and what may be done with whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Subquery
from django.utils import timezone

from clinic.accounts.models import User
from clinic.doors import Permission
from clinic.practice.models import Credential, Posting, Practice, Role, Site, Staff
from clinic.practice.rules import GRANTS, Jurisdiction, jurisdictions, running_out


@dataclass(frozen=True)
class Duties:
    """What somebody is, where, today."""

    staff: Staff | None = None
    roles_by_site: dict[int, frozenset[str]] = field(default_factory=dict)
    zone: ZoneInfo | None = None  # of the first site they work at
    day: date | None = None  # on which they have them, by the clock of the main site

    @property
    def roles(self) -> frozenset[str]:
        """Every role at any site."""
        return frozenset().union(*self.roles_by_site.values())

    @property
    def named(self) -> list[tuple[str, str]]:
        """Sites and roles in words, for the first page."""
        names = dict(Site.objects.filter(pk__in=self.roles_by_site).values_list("pk", "name"))
        return [
            (names[site], ", ".join(sorted(Role(role).label for role in roles)))
            for site, roles in self.roles_by_site.items()
        ]

    @property
    def is_staff(self) -> bool:
        """Whether they work here at all, learners aside."""
        return bool(self.roles - {Role.LEARNER})

    def sites_as(self, *roles: str) -> list[int]:
        """Sites at which they have one of these roles."""
        return [site for site, held in self.roles_by_site.items() if held & set(roles)]

    def sites_where(self, permission: Permission) -> list[int]:
        """Sites at which a role of theirs grants this; one at another site says nothing here."""
        return self.sites_as(*(role for role in Role if permission in GRANTS[role]))

    def roles_at(self, sites: Iterable[int]) -> frozenset[str]:
        """Their roles at any of these sites."""
        return frozenset().union(*(self.roles_by_site.get(site, frozenset()) for site in sites))


@dataclass(frozen=True)
class Here:
    """What each request needs to know of the practice; read as it comes in, and kept no longer."""

    zone: ZoneInfo  # of the first site
    is_demonstration: bool = False
    jurisdiction: str = ""

    @property
    def rules(self) -> Jurisdiction:
        """The rules of the place the practice works in."""
        return jurisdictions()[self.jurisdiction]


def here() -> Here:
    """The practice as it is now."""
    zone = Site.objects.order_by("pk").values("time_zone")[:1]
    named = Practice.objects.annotate(zone=Subquery(zone))
    row = named.values_list("zone", "is_demonstration", "jurisdiction").first()
    return Here(ZoneInfo(row[0] or "UTC"), row[1], row[2]) if row else Here(ZoneInfo("UTC"))


def main_zone() -> ZoneInfo:
    """The time zone of the first site."""
    name = Site.objects.order_by("pk").values_list("time_zone", flat=True).first()
    return ZoneInfo(name or "UTC")


def today() -> date:
    """The day in the clinic's main time zone."""
    return timezone.now().astimezone(main_zone()).date()


def duties_of(user: User, day: date | None = None) -> Duties:
    """The duties of an account; none for a patient."""
    day = day or today()
    rows = Posting.objects.filter(
        staff__user=user, starts_on__lte=day, ended_at=None
    ).select_related("staff", "site")
    staff: Staff | None = None
    zone: ZoneInfo | None = None
    roles: dict[int, frozenset[str]] = {}
    for row in rows.order_by("site"):
        staff = row.staff
        zone = zone or ZoneInfo(row.site.time_zone)
        roles[row.site_id] = roles.get(row.site_id, frozenset()) | {row.role}
    return Duties(staff, roles, zone, day)


def practice() -> Practice:
    """The one practice."""
    return Practice.objects.get()


def is_demonstration() -> bool:
    """Whether all people in this database are invented."""
    return Practice.objects.filter(is_demonstration=True).exists()


def rules_of_place() -> Jurisdiction:
    """The rules of the place the practice works in."""
    return jurisdictions()[practice().jurisdiction]


def privacy_leads() -> QuerySet[Staff]:
    """Who must hear of emergency access."""
    return Staff.objects.filter(
        postings__role=Role.PRIVACY_LEAD, postings__ended_at=None, user__is_active=True
    ).distinct()


def expiring_credentials(day: date, within_days: int = 60) -> list[Credential]:
    """Credentials that have run out or soon will and were not renewed, the first end first."""
    held: dict[int, list[Credential]] = {}
    for row in Credential.objects.filter(struck_at=None).select_related("staff").order_by("pk"):
        held.setdefault(row.staff_id, []).append(row)
    until = day + timedelta(days=within_days)
    found = [one for rows in held.values() for one in running_out(rows, until)]
    return sorted(found, key=lambda one: one.last_day or until)
