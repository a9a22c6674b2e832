"""Consent texts: each version is one readable file that never changes once it is published.

As with forms (`clinic.records.sheets.versions`), the digest of a published file is listed beside it
and consents keep text, version and digest. A rate is a range with its source; a source that the
science does not know is refused.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from clinic.treatment_rules import muscle_regions
from myotome.errors import InputError, UnknownName
from myotome.sources import Source, sources

NEEDLING: Final = "needling"
_FOLDER: Final = "published"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Something that is said."""

    key: str
    heading: str
    words: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happens: a range and who counted it."""

    what: str
    words: str
    low: float
    high: float
    per: int
    unit: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the body that is agreed to by itself, and its own risk."""

    key: str
    risk: str
    certainty: str
    sources: tuple[Source, ...] = ()

    @property
    def name(self) -> str:
        """The part in words."""
        return REGION_WORDS[self.key]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of a text."""

    text: str
    version: int
    digest: str
    title: str
    paragraphs: tuple[Paragraph, ...]
    rates: tuple[Rate, ...]
    alternatives: tuple[str, ...]
    regions: tuple[Region, ...]


REGION_WORDS: Final[Mapping[str, str]] = {
    "jaw": "Jaw",
    "face": "Face",
    "neck": "Front and side of the neck",
    "suboccipital": "Base of the skull",
    "neck_posterior": "Back of the neck, beside the spine",
    "back_thoracic": "Upper back, beside the spine",
    "back_lumbar": "Low back",
    "thorax": "Chest",
    "abdomen": "Belly",
    "hip": "Hip and buttock",
    "shoulder_girdle": "Top of the shoulder and shoulder blade",
    "shoulder": "Shoulder",
    "arm": "Upper arm",
    "forearm": "Forearm",
    "hand": "Hand",
    "thigh": "Thigh",
    "leg": "Lower leg",
    "foot": "Foot",
    "pelvic_floor": "Pelvic floor",
}


@cache
def published() -> Mapping[tuple[str, int], ConsentText]:
    """Every published version by text and version.

    Raises:
        InputError: A file is not what the list of shipped digests says, or cannot be read.
    """
    found: dict[tuple[str, int], ConsentText] = {}
    for name, digest in shipped().items():
        version = read_text((files(__package__) / _FOLDER / name).read_bytes(), name)
        if version.digest != digest:
            raise InputError("must be as it was published, got another digest.", file=name)
        found[version.text, version.version] = version
    return found


def shipped() -> dict[str, str]:
    """The digest of each published file by its name."""
    text = (files(__package__) / _FOLDER / "shipped.sha256").read_text(encoding="ascii")
    return {name: digest for digest, name in (line.split() for line in text.splitlines())}


def current_text(text: str = NEEDLING) -> ConsentText:
    """The newest version of a text."""
    return max(
        (version for (name, _), version in published().items() if name == text),
        key=lambda version: version.version,
    )


def text_of(text: str, version: int) -> ConsentText:
    """One version of a text.

    Raises:
        UnknownName: It was never published.
    """
    if (text, version) not in published():
        known = [f"{name} {number}" for name, number in published()]
        raise UnknownName("version of a text", f"{text} {version}", known)
    return published()[text, version]


def read_text(content: bytes, name: str) -> ConsentText:
    """Read the file of one version.

    Raises:
        InputError: A source, region or range is not as it must be; the message names the place.
    """
    try:
        table = tomllib.loads(content.decode("utf-8"))
        return ConsentText(
            text=table["text"],
            version=table["version"],
            digest=hashlib.sha256(content).hexdigest(),
            title=table["title"],
            paragraphs=tuple(Paragraph(**_cited(row)) for row in table["paragraphs"]),
            rates=tuple(_rate(row) for row in table["rates"]),
            alternatives=tuple(row["words"] for row in table["alternatives"]),
            regions=tuple(_region(row) for row in table["regions"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"must have every part and no other: {error}.", file=name) from error
    except InputError as error:
        raise error.in_file(name) from None


def _cited(row: dict[str, Any]) -> dict[str, Any]:
    known = sources()
    for name in row.get("sources", []):
        if name not in known:
            raise UnknownName("source", name, known).at("sources")
    return {**row, "sources": tuple(known[name] for name in row.get("sources", []))}


def _rate(row: dict[str, Any]) -> Rate:
    rate = Rate(**_cited(row))
    if not 0 <= rate.low <= rate.high <= rate.per or not rate.sources:
        raise InputError(f"must be a range within {rate.per} with its source.", place=rate.what)
    return rate


def _region(row: dict[str, Any]) -> Region:
    region = Region(**_cited(row))
    if region.key not in muscle_regions():
        raise UnknownName("muscle region", region.key, muscle_regions())
    if bool(region.sources) != (region.certainty == "read"):
        raise InputError("must be read with its source, or unverified.", place=region.key)
    return region
