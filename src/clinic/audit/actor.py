"""Who acts: a person who is signed in, a person who is not, or the clinic's own worker.

Every action of the clinic takes one of these as `by`, so that an audit row never has to guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """One who acts.

    Attributes:
        name: `user:<key>`, `link:<purpose>`, `anonymous` or `system:<part>`.
        session: A digest that tells the sessions of one person apart, never the session's key.
        form: The mark of the form that the act came with, if its page gave one.
        done: Marks whose acts the same request has begun to do; several acts may be of one form.
    """

    name: str
    session: str = ""
    form: str = ""
    done: set[str] = field(default_factory=set, compare=False)


def system(part: str) -> Actor:
    """The clinic itself, acting through one of its parts."""
    return Actor(f"system:{part}")


ANONYMOUS = Actor("anonymous")
