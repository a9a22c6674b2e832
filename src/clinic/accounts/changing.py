"""Ways of signing in change together with their audit row and their letter, or not at all.

The library tells of a changed second factor only after its transaction is over; whatever fails then
leaves a factor that no row and no letter tell of. So its views run inside a transaction of ours,
which compares the factors before and after and writes both itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from clinic.accounts.actions import tell_of_change
from clinic.accounts.models import User
from clinic.accounts.queries import actor_of, signed_in_user
from clinic.audit.actions import record

View = Callable[..., HttpResponseBase]


def changes_sign_in(view: View) -> View:
    """A view of the library after which every factor that came or went is told of."""

    @wraps(view)
    def together(request: HttpRequest, **named: Any) -> HttpResponseBase:  # noqa: ANN401
        user = signed_in_user(request)
        with transaction.atomic():
            before = _factors(user)
            answer = view(request, **named)
            after = _factors(user)
            _tell(request, user, before, after)
        return answer

    return together


def _factors(user: User) -> dict[int, str]:
    return dict(Authenticator.objects.filter(user=user).values_list("pk", "type"))


def _tell(request: HttpRequest, user: User, before: dict[int, str], after: dict[int, str]) -> None:
    came = [kind for key, kind in after.items() if key not in before]
    went = [kind for key, kind in before.items() if key not in after]
    for word, kinds in (("added", came), ("removed", went)):
        for kind in kinds:
            record(
                f"second factor {word}", by=actor_of(request), subject=f"user:{user.pk}", kind=kind
            )
    if came or went:
        tell_of_change(user)
