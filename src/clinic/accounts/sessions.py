"""Sessions in the database, whose failure to be kept is told apart from their end.

A session that was ended while a form was on its way, by signing out elsewhere, is one thing; a
database that fell between doing what the form asked for and keeping its session is another.
Django's own store takes both for the first and answers that the request was at fault.
"""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone


class SessionStore(db.SessionStore):
    """A session as Django keeps it, which says when it was the database that failed."""

    def save(self, must_create: bool = False) -> None:
        """Keep it.

        Raises:
            UpdateError: The session was ended meanwhile.
            DatabaseError: The database failed; what was kept before it did is not known here.
        """
        try:
            super().save(must_create=must_create)
        except UpdateError as error:
            failure = error.__context__
            # what the database's driver said has a cause; a row that was not there has none
            if failure is not None and failure.__cause__ is not None:
                raise failure from failure.__cause__
            raise


def forget_ended() -> int:
    """Delete the sessions whose time is over, with the forms that they hold; how many.

    One that nobody comes back to is deleted by nothing else, and would lie in every backup.
    """
    ended = SessionStore.get_model_class().objects.filter(expire_date__lt=timezone.now())
    count, _ = ended.delete()
    return int(count)
