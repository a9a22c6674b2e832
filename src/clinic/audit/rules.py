"""Digests of the audit: what makes a row tell whether it, or its place, was changed.

An entry's digest covers all its fields under a key that does not lie in the database; a link's
hash covers its number, its entry's digest and the link before. Values in, text out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

FIRST = "0" * 64  # what the first link follows


def entry_digest(secret: str, values: Mapping[str, Any]) -> str:
    """Keyed digest of one entry's values, independent of their order."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)
    return _keyed(secret, text)


def link_hash(secret: str, *, previous: str, number: int, entry: str, digest: str) -> str:
    """Keyed hash of one link on top of the one before."""
    return _keyed(secret, f"{previous}|{number}|{entry}|{digest}")


def _keyed(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
