"""Periphery: impulses that begin in the muscle or in the injured root, whatever the cord does.

A needle's volleys, fibrillation of cut-off fibres and ectopic discharge of a root depend on the
frozen state and on the needle, not on the loop; so they are worked out beside it, window by window,
and handed to it as inputs. Any window of the same run gives the same impulses, and people have the
same ones alone and in company: all draws come from a person's own seed and the place of the muscle
or root in the preparation.

Source: none; laws and their sources in `needle`, `endplate_discharge`, `ectopic_generator`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.physiology import ectopic_generator, endplate_discharge
from myotome.physiology.ectopic_generator import EctopicState, FibreClass, Fibres
from myotome.physiology.endplate_discharge import EndplateConstants, EndplateState
from myotome.physiology.needle import Insertion, Sites, sites, volley
from myotome.simulation.moment.assembly import conducting
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.ranges import checked_whole
from myotome.simulation.moment.structures import Structures

Array = NDArray[np.float64]

_PRIMARIES: Final = 40
_NOCICEPTORS: Final = 400
_FIBRES: Final = 8
_C_FIBRES: Final = 200
_TOUCH_FIBRES: Final = 100
_MOST: Final = 1_000_000  # people or muscles
_SITES_KEPT: Final = 256  # muscles whose sites are not drawn again in every window
_PER_SECOND: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Needling:
    """A needle in one muscle of one person, or of everybody.

    Attributes:
        insertion: Place, depth, pecks, current.
        muscle: Index of the muscle.
        person: Index of the person; all when left out.

    Raises:
        InputError: An index can be none, or the insertion is none.
    """

    insertion: Insertion
    muscle: int = 0
    person: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.insertion, Insertion):
            raise InputError(
                f"insertion must be an Insertion, got {self.insertion!r}.", place="insertion"
            )
        checked_whole("muscle of a needling", self.muscle, 0, _MOST, place="muscle")
        if self.person is not None:
            checked_whole("person of a needling", self.person, 0, _MOST, place="person")


class Begun(NamedTuple):
    """What begins in a window; time first.

    Attributes:
        impulses: Share of each unit's fibres, shape (ms, people, muscles, units); or nothing.
        primaries: Mean rate added to each muscle's primaries (Hz), shape (ms, people, muscles).
        nociceptors: Mean rate added to its thin afferents (Hz), likewise.
        nociception: Added to C of each root (Hz), shape (ms, people, roots).
        touch: Added to A of each root (Hz), likewise.
    """

    impulses: Array | None
    primaries: Array | None
    nociceptors: Array | None
    nociception: Array | None
    touch: Array | None


class Periphery:
    """What begins outside the loop, in order of time."""

    def __init__(
        self,
        p: MomentPreparation,
        frozen: Frozen,
        s: Structures,
        needlings: Sequence[Needling],
        *,
        spontaneous: bool,
        seeds: Sequence[int],
    ) -> None:
        """Nothing has begun yet.

        Args:
            p: Who hangs together with whom.
            frozen: The slow state.
            s: Parameters.
            needlings: Every needle.
            spontaneous: Whether fibres and injured roots discharge by themselves.
            seeds: Of each person's noise.

        Raises:
            InputError: A needle is put where nobody is.
        """
        self._p, self._s = p, s
        self._needlings = needlings
        self._seeds = seeds
        self._known_sites: dict[tuple[int, int], Sites] = {}
        free = conducting(frozen.silent_share, p.units) > 0.0
        self._density = np.where(
            free, frozen.conducting_receptors[..., None], frozen.silent_receptors[..., None]
        )
        for needling in needlings:
            for name, index, size in (
                ("muscle", needling.muscle, len(p.muscles)),
                ("person", needling.person, p.people),
            ):
                if index is not None:
                    checked_whole(f"{name} of a needling", index, 0, size - 1, place=name)
        self._spontaneous = _Spontaneous(p, frozen, s, seeds) if spontaneous else None

    def window(self, first: int, count: int) -> Begun:
        """What begins in `count` milliseconds from `first` on; windows follow one another."""
        p = self._p
        own = (
            self._spontaneous.window(count, self._density)
            if self._spontaneous
            else Begun(None, None, None, None, None)
        )
        if not self._needlings:
            return own
        shape = (count, p.people, len(p.muscles))
        impulses = np.zeros((*shape, p.units)) if own.impulses is None else own.impulses
        primaries, nociceptors = np.zeros(shape), np.zeros(shape)
        for needling in self._needlings:
            people = range(p.people) if needling.person is None else (needling.person,)
            for person in people:
                found = volley(
                    self._s.needle,
                    self._s.endplate,
                    self._s.receptors,
                    site=self._sites(person, needling.muscle),
                    insertion=needling.insertion,
                    density=self._density[person, needling.muscle],
                    from_ms=first,
                    count=count,
                )
                impulses[:, person, needling.muscle] += found.axons + found.fibres
                primaries[:, person, needling.muscle] += found.primaries
                nociceptors[:, person, needling.muscle] += found.nociceptors
        return Begun(impulses, primaries, nociceptors, own.nociception, own.touch)

    def _sites(self, person: int, muscle: int) -> Sites:
        """What lies in a muscle of a person: the same at every insertion."""
        known = self._known_sites.get((person, muscle))
        if known is not None:
            return known
        units = self._p.units
        apart = units * (_FIBRES + 1) + _PRIMARIES + _NOCICEPTORS
        found = sites(
            self._s.needle,
            units,
            seed=self._seeds[person],
            fibres=_FIBRES,
            primaries=_PRIMARIES,
            nociceptors=_NOCICEPTORS,
            first_place=muscle * apart,
        )
        if len(self._known_sites) < _SITES_KEPT:
            self._known_sites[person, muscle] = found
        return found


class _Spontaneous:
    """Fibrillation, endplate noise and the ectopic discharge of each root."""

    def __init__(
        self, p: MomentPreparation, frozen: Frozen, s: Structures, seeds: Sequence[int]
    ) -> None:
        self._s = s
        self._endplates: list[tuple[EndplateConstants, EndplateState]] = []
        self._roots: list[list[tuple[Fibres, EctopicState, float]]] = []
        for person, seed in enumerate(seeds):
            for muscle in range(len(p.muscles)):
                fibres = endplate_discharge.constants(
                    s.endplate, p.units, _FIBRES, seed=seed, first_place=muscle * p.units * _FIBRES
                )
                self._endplates.append((fibres, endplate_discharge.at_rest(s.receptors, fibres)))
            for root in range(len(p.roots)):
                # C and touch fibres of all roots draw from places of their own.
                first = root * (_C_FIBRES + _TOUCH_FIBRES)
                self._roots.append([
                    self._group(FibreClass.C, _C_FIBRES, frozen.nociceptor_rate[person, root],
                                seed, first),
                    self._group(FibreClass.A_BETA, _TOUCH_FIBRES, frozen.touch_rate[person, root],
                                seed, first + _C_FIBRES),
                ])  # fmt: skip
        self._shape = (p.people, len(p.muscles), p.units)
        self._of_roots = (p.people, len(p.roots))

    def _group(
        self, kind: FibreClass, count: int, rate: float, seed: int, first_place: int
    ) -> tuple[Fibres, EctopicState, float]:
        group = ectopic_generator.fibres(
            self._s.generator, kind, count, active_share=1.0, seed=seed, first_place=first_place
        )
        return group, ectopic_generator.at_rest(group), float(rate)

    def window(self, count: int, density: Array) -> Begun:
        """The next `count` milliseconds."""
        impulses = np.empty((count, *self._shape))
        flat = impulses.reshape(count, -1, self._shape[-1])
        densities = density.reshape(-1, self._shape[-1])
        for place, (fibres, quiet) in enumerate(self._endplates):
            now = quiet
            for at in range(count):
                now = endplate_discharge.step(
                    self._s.endplate, self._s.receptors, fibres, now, density=densities[place]
                )
                flat[at, place] = endplate_discharge.impulses(now)
            self._endplates[place] = (fibres, now)
        # What each root's fibres do beside their mean, which the loop already counts.
        extra = np.zeros((2, count, *self._of_roots))
        for place, groups in enumerate(self._roots):
            person, root = divmod(place, self._of_roots[1])
            for kind, (group, state, rate) in enumerate(groups):
                moved: EctopicState = state
                for at in range(count):
                    moved = ectopic_generator.step(group, moved, mean_rate=rate)
                    extra[kind, at, person, root] = _PER_SECOND * moved.fired.mean() - rate
                groups[kind] = (group, moved, rate)
        return Begun(impulses, None, None, self._s.horn.nociceptive_scale * extra[0], extra[1])
