"""Validation: published numbers, their roles, and the model's beside them.

Receives nothing but the model; gives a result for every row of ``published/``. Roles stood
before the fitting script was first run, tolerances bear their reason, and a miss stays in sight:
a reviewed reason lets it stand, and is refused again once the row passes.

    rows      what was published              checks    one function a row, a module a chapter
    model     everything that is compared     courses   virtual people and protocols of trials
    results   passed, missed, may it stand    text      table, JSON, page

The command `myotome validate` prints `run_validation`; `page` is docs/explanation/validation.md.
"""

from myotome.validation.checks import checks
from myotome.validation.model import Check, Model
from myotome.validation.results import (
    Reach,
    Result,
    Share,
    by_link,
    exit_code,
    reaches,
    shares,
    validate,
)
from myotome.validation.rows import FAST_LINKS, LINKS, ROLES, Role, Row, published
from myotome.validation.text import page, run_validation, table

__all__ = [
    "FAST_LINKS",
    "LINKS",
    "ROLES",
    "Check",
    "Model",
    "Reach",
    "Result",
    "Role",
    "Row",
    "Share",
    "by_link",
    "checks",
    "exit_code",
    "page",
    "published",
    "reaches",
    "run_validation",
    "shares",
    "table",
    "validate",
]
