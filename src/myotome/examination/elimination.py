"""Elimination: sums over every combination of irritated roots and nerve lesions, exactly.

The cord is scanned once from head to tail. At each level two root bits enter, one a side, with
their prior; every site whose lowest root has entered is multiplied in; a root leaves as soon as
no later site needs it. What is carried along is one table over the live bits of both sides.

Three ideas keep the table small, each exact:

* A site's likelihood is ``alpha + beta * prod(spared_i ** x_i)``, so it needs only its own roots.
* At most one peripheral nerve is lesioned on a side, and given the roots the two sides' lesions
  are independent. One bit a side, "the lesion has been placed", therefore replaces the
  enumeration: where the last root of a nerve's sites enters, the unplaced half of the table is
  added to the placed half, weighted by that nerve's share.
* A site that spans more than six levels carries one auxiliary bit that chooses between ``alpha``
  and the product, so that its roots need not be live together.

Receives `Scope`s and `SiteTables` from the model; gives `Beliefs`. Knows nothing of anatomy:
a root is ``2 * level + side``. The leading axis of every number is the draw of the sign table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

WIDEST_SITE: Final = 6
_LEFT, _RIGHT = 0, 1
_AUXILIARY: Final = 1000  # a window variable at or above this stands for a wide site's bit


@dataclass(frozen=True, slots=True)
class Scope:
    """What one site depends on: its roots, ascending, and the nerve lesions that reach it.

    A nerve is an index into `SiteTables.nerve_priors`; all its sites lie on one side.
    """

    roots: tuple[int, ...]
    nerves: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteTables:
    """The numbers of all sites; the first axis is the draw.

    Shapes: `alpha`, `beta`, `nerve_spared` (draws, sites); `spared[site]` (draws, roots of the
    site), the probability that an irritated root leaves the site unaffected; `nerve_priors`
    (draws, nerves).
    """

    alpha: Array
    beta: Array
    spared: Sequence[Array]
    nerve_spared: Array
    nerve_priors: Array

    @property
    def draws(self) -> int:
        """How many draws of the sign table stand side by side."""
        return int(self.alpha.shape[0])

    def with_site(self, site: int, alpha: Array, beta: Array) -> SiteTables:
        """The same numbers with one site's `alpha` and `beta`, shape (draws,), replaced."""
        alphas, betas = self.alpha.copy(), self.beta.copy()
        alphas[:, site], betas[:, site] = alpha, beta
        return replace(self, alpha=alphas, beta=betas)


@dataclass(frozen=True, slots=True)
class LadderPrior:
    """Log-weights of the root prior; the state with no root irritated has weight one.

    Shapes: `field` (draws, levels), log-odds of a root with no irritated neighbour;
    `neighbour` and `other_side` (draws,), added when both roots of a pair are irritated.
    """

    field: Array
    neighbour: Array
    other_side: Array


@dataclass(slots=True)
class _SideStep:
    """One side at one level: which bits are live and what is multiplied in."""

    variables: tuple[int, ...]
    sites: tuple[int, ...]
    gather: Indices
    nerves: tuple[int, ...]
    nerve_members: Array
    nerve_gather: Indices
    nerve_wide: tuple[tuple[int, int], ...]
    new_wide: tuple[int, ...]
    wide_here: tuple[tuple[int, int], ...]
    drop: tuple[int, ...]

    @property
    def size(self) -> int:
        return 1 << len(self.variables)


@dataclass(slots=True)
class _Step:
    level: int
    sides: tuple[_SideStep, _SideStep]
    across: tuple[int, ...]


@cache
def _digit(size: int, position: int, length: int) -> Indices:
    return (np.arange(size) >> (length - 1 - position)) & 1


@cache
def _packed(positions: tuple[int, ...], length: int) -> Indices:
    """For each state of a window, the chosen bits as one number, the first bit lowest."""
    index = np.zeros(1 << length, dtype=np.intp)
    for bit, position in enumerate(positions):
        index |= _digit(1 << length, position, length) << bit
    return index


class Elimination:
    """The order of summation for a set of scopes; made once, run for any numbers.

    Args:
        levels: Number of levels of the cord.
        scopes: One for each site.
        nerve_sides: Side (0 left, 1 right) of each nerve.
    """

    def __init__(self, levels: int, scopes: Sequence[Scope], nerve_sides: Sequence[int]) -> None:
        self.levels = levels
        self.scopes = tuple(scopes)
        self.nerve_sides = tuple(nerve_sides)
        self.across = frozenset(
            site
            for site, scope in enumerate(self.scopes)
            if len({root % 2 for root in scope.roots}) == 2
        )
        self.wide = frozenset(
            site
            for site, scope in enumerate(self.scopes)
            if site not in self.across and scope.roots[-1] // 2 - scope.roots[0] // 2 >= WIDEST_SITE
        )
        reached: list[list[int]] = [[] for _ in self.nerve_sides]
        for site, scope in enumerate(self.scopes):
            for nerve in scope.nerves:
                reached[nerve].append(site)
        self.nerve_sites = tuple(tuple(sites) for sites in reached)
        self.first = tuple(scope.roots[0] // 2 for scope in self.scopes)
        self.last = tuple(scope.roots[-1] // 2 for scope in self.scopes)
        self.nerve_level = tuple(self._nerve_level(sites) for sites in self.nerve_sites)
        self.offsets = self._table_offsets()
        self.has_nerves = tuple(
            any(self.nerve_sites[n] for n, s in enumerate(self.nerve_sides) if s == side)
            for side in (_LEFT, _RIGHT)
        )
        self.steps = self._plan()

    # Planning

    def _table_offsets(self) -> Indices:
        sizes = [0 if s in self.wide else 1 << len(sc.roots) for s, sc in enumerate(self.scopes)]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)

    def _nerve_level(self, sites: Sequence[int]) -> int:
        """Where a lesion is placed: the first level at which all it reaches has entered."""
        return max(
            (self.first[site] if site in self.wide else self.last[site] for site in sites),
            default=-1,
        )

    def _plan(self) -> tuple[_Step, ...]:
        needed = self._needed_until()
        live: tuple[list[int], list[int]] = ([], [])
        own: tuple[list[int], list[int]] = ([], [])
        for site, scope in enumerate(self.scopes):
            if site not in self.across:
                own[scope.roots[0] % 2].append(site)
        steps = []
        for level in range(self.levels):
            sides = (
                self._plan_side(level, _LEFT, live[_LEFT], needed, own[_LEFT]),
                self._plan_side(level, _RIGHT, live[_RIGHT], needed, own[_RIGHT]),
            )
            across = tuple(site for site in sorted(self.across) if self.last[site] == level)
            steps.append(_Step(level, sides, across))
        return tuple(steps)

    def _needed_until(self) -> dict[int, int]:
        """The last level at which each bit is needed."""
        last = self.levels - 1
        needed = {root: min(root // 2 + 1, last) for root in range(2 * self.levels)}
        for site, scope in enumerate(self.scopes):
            placed = max((self.nerve_level[nerve] for nerve in scope.nerves), default=-1)
            if site in self.wide:
                needed[_AUXILIARY + site] = max(self.last[site], placed)
                continue
            for root in scope.roots:
                needed[root] = max(needed[root], self.last[site], placed)
        return needed

    def _plan_side(
        self, level: int, side: int, window: list[int], needed: dict[int, int], own: list[int]
    ) -> _SideStep:
        root = 2 * level + side
        window.insert(0, root)
        new_wide = tuple(s for s in own if s in self.wide and self.first[s] == level)
        window.extend(_AUXILIARY + site for site in new_wide)
        variables = tuple(window)
        wide_here = tuple(
            (site, self.scopes[site].roots.index(root))
            for site in own
            if site in self.wide and root in self.scopes[site].roots
        )
        sites = tuple(s for s in own if s not in self.wide and self.last[s] == level)
        nerves = tuple(
            nerve
            for nerve, where in enumerate(self.nerve_level)
            if where == level and self.nerve_sides[nerve] == side
        )
        reached = tuple(sorted({site for nerve in nerves for site in self.nerve_sites[nerve]}))
        narrow = tuple(site for site in reached if site not in self.wide)
        members = np.array(
            [[site in self.nerve_sites[nerve] for site in narrow] for nerve in nerves],
            dtype=float,
        ).reshape(len(nerves), len(narrow))
        window[:] = [variable for variable in variables if needed[variable] > level]
        return _SideStep(
            variables=variables,
            sites=sites,
            gather=self._gather(sites, variables),
            nerves=nerves,
            nerve_members=members,
            nerve_gather=self._gather(narrow, variables),
            nerve_wide=tuple(
                (place, site)
                for place, nerve in enumerate(nerves)
                for site in self.nerve_sites[nerve]
                if site in self.wide
            ),
            new_wide=new_wide,
            wide_here=wide_here,
            drop=tuple(variable for variable in variables if needed[variable] <= level),
        )

    def _gather(self, sites: Sequence[int], variables: tuple[int, ...]) -> Indices:
        where = {variable: position for position, variable in enumerate(variables)}
        found = np.empty((len(sites), 1 << len(variables)), dtype=np.intp)
        for row, site in enumerate(sites):
            positions = tuple(where[root] for root in self.scopes[site].roots)
            found[row] = _packed(positions, len(variables)) + self.offsets[site]
        return found

    # Numbers

    def site_values(self, tables: SiteTables) -> tuple[Array, Array]:
        """Likelihood of each narrow site for each state of its roots, and its nerve ratio.

        Returns:
            Two arrays of shape (draws, all states), sites one after another as in `offsets`:
            the likelihood with no nerve lesion, and what a lesion of its nerve multiplies it by.
        """
        values = np.empty((tables.draws, int(self.offsets[-1])))
        ratios = np.empty_like(values)
        by_width: dict[int, list[int]] = {}
        for site, scope in enumerate(self.scopes):
            if site not in self.wide:
                by_width.setdefault(len(scope.roots), []).append(site)
        for width, sites in by_width.items():
            spared = np.stack([tables.spared[site] for site in sites], axis=1)
            product = np.ones((tables.draws, len(sites), 1))
            for root in range(width):
                product = np.concatenate([product, product * spared[:, :, root, None]], axis=2)
            alpha, beta = tables.alpha[:, sites, None], tables.beta[:, sites, None]
            value = alpha + beta * product
            ratio = (alpha + beta * tables.nerve_spared[:, sites, None] * product) / value
            where = (self.offsets[sites][:, None] + np.arange(1 << width)).ravel()
            values[:, where] = value.reshape(tables.draws, -1)
            ratios[:, where] = ratio.reshape(tables.draws, -1)
        return values, ratios

    def run(
        self, tables: SiteTables, prior: LadderPrior, *, with_nerve_detail: bool = False
    ) -> Beliefs:
        """Sum over every hidden state, keeping what is needed to ask for marginals.

        Args:
            tables: The numbers of every site, in the order of the scopes.
            prior: The root prior, of as many draws.
            with_nerve_detail: Keep what nerve posteriors need; costs memory.
        """
        return _Scan(self, tables, prior).run(with_nerve_detail=with_nerve_detail)


class Beliefs:
    """The joint posterior, as one table for each level over the bits live there.

    Attributes:
        log_evidence: Log of the summed weight, shape (draws,); the prior is not normalised.
        log_no_root: Log of the summed weight with no root irritated, shape (draws,).
        marginals: Posterior of each root, shape (draws, roots).
    """

    def __init__(
        self,
        elimination: Elimination,
        windows: Sequence[tuple[Array, Array]],
        numbers: tuple[Array, Array],
    ) -> None:
        self.elimination = elimination
        self._windows = windows
        self.log_evidence, self.log_no_root = numbers
        self.nerve_windows: dict[int, Array] = {}
        self.across_tables: dict[int, Array] = {}

    @property
    def marginals(self) -> Array:
        """Posterior probability of each root, shape (draws, roots)."""
        draws = self._windows[0][0].shape[0]
        found = np.empty((draws, 2 * self.elimination.levels))
        for step, windows in zip(self.elimination.steps, self._windows, strict=True):
            for side, window in enumerate(windows):
                half = window.shape[1] // 2
                found[:, 2 * step.level + side] = window[:, half:].sum(axis=1)
        return found

    def nerve_posteriors(self) -> Array:
        """Posterior of a lesion of each nerve, shape (draws, nerves)."""
        count = len(self.elimination.nerve_sides)
        found = np.zeros((self.log_evidence.shape[0], count))
        for nerve, window in self.nerve_windows.items():
            found[:, nerve] = window.sum(axis=1)
        return found

    def site_table(self, site: int) -> Array:
        """Joint posterior of a narrow site's roots and "a nerve that reaches it is lesioned".

        Returns:
            Shape (draws, states of the roots, 2); states with the first root as lowest bit.
        """
        scope = self.elimination.scopes[site]
        if site in self.across_tables:
            both = self.across_tables[site]
            return np.stack([both, np.zeros_like(both)], axis=2)
        step = self.elimination.steps[scope.roots[-1] // 2]
        side = scope.roots[0] % 2
        total = self._reduce(self._windows[step.level][side], scope, step.sides[side])
        lesioned = np.zeros_like(total)
        for nerve in scope.nerves:
            if nerve in self.nerve_windows:
                at = self._nerve_step(nerve)
                lesioned += self._reduce(self.nerve_windows[nerve], scope, at)
        return np.stack([total - lesioned, lesioned], axis=2)

    def _nerve_step(self, nerve: int) -> _SideStep:
        level = self.elimination.nerve_level[nerve]
        return self.elimination.steps[level].sides[self.elimination.nerve_sides[nerve]]

    def _reduce(self, window: Array, scope: Scope, at: _SideStep) -> Array:
        positions = tuple(at.variables.index(root) for root in scope.roots)
        index = _packed(positions, len(at.variables))
        found = np.zeros((window.shape[0], 1 << len(scope.roots)))
        np.add.at(found.T, index, window.T)
        return found


class _Scan:
    """One run: forward to the tail, back to the head.

    The carried table has shape (draws, lesion placed left, left window, lesion placed right,
    right window); a lesion axis has length one where that side has no nerve.
    """

    def __init__(self, plan: Elimination, tables: SiteTables, prior: LadderPrior) -> None:
        self.plan = plan
        self.tables = tables
        self.prior = prior
        self.values, ratios = plan.site_values(tables)
        self.log_ratios = np.log(ratios)
        self.no_lesion = self._no_lesion()

    def _no_lesion(self) -> tuple[Array, Array]:
        """Prior that no nerve which reaches a recorded site is lesioned, by side."""
        found = []
        for side in (_LEFT, _RIGHT):
            reaching = [
                nerve
                for nerve, sites in enumerate(self.plan.nerve_sites)
                if sites and self.plan.nerve_sides[nerve] == side
            ]
            found.append(1.0 - self.tables.nerve_priors[:, reaching].sum(axis=1))
        return found[0], found[1]

    def run(self, *, with_nerve_detail: bool) -> Beliefs:
        draws, steps = self.tables.draws, self.plan.steps
        left, right = self.plan.has_nerves
        lesion_axes = (2 if left else 1, 2 if right else 1)
        table = np.zeros((draws, lesion_axes[_LEFT], 1, lesion_axes[_RIGHT], 1))
        table[:, 0, :, 0, :] = 1.0
        log_scale = np.zeros(draws)
        forward, before_nerves, factors = [], [], []
        for step in steps:
            table = self._enter(table, step)
            factor = self._factors(step)
            factors.append(factor)
            self._multiply(table, factor)
            largest = table.reshape(draws, -1).max(axis=1)
            table /= largest[:, None, None, None, None]
            log_scale += np.log(largest)
            before_nerves.append(table.copy() if with_nerve_detail else None)
            self._place(table, factor)
            forward.append(table)
            table = self._leave(table, step)
        end = self._end(lesion_axes)
        log_evidence = log_scale + np.log((table * end).reshape(draws, -1).sum(axis=1))
        log_no_root = self._log_no_root()
        windows: list[tuple[Array, Array]] = [(np.empty(0), np.empty(0))] * len(steps)
        beliefs = Beliefs(self.plan, windows, (log_evidence, log_no_root))
        back = end
        for step, table, before, factor in zip(
            reversed(steps), reversed(forward), reversed(before_nerves), reversed(factors),
            strict=True,
        ):  # fmt: skip
            back = self._rejoin(back, table.shape, step)
            belief = table * back
            total = belief.reshape(draws, -1).sum(axis=1)
            belief /= total[:, None, None, None, None]
            back = back / total[:, None, None, None, None]
            windows[step.level] = (belief.sum(axis=(1, 3, 4)), belief.sum(axis=(1, 2, 3)))
            self._across_tables(beliefs, belief, step)
            back = self._unplace(back, factor, before, beliefs if before is not None else None)
            self._multiply(back, factor)
            back = self._unenter(back, step)
        return beliefs

    # Forward

    def _enter(self, table: Array, step: _Step) -> Array:
        draws, lesion_left, left, lesion_right, right = table.shape
        weights = self._prior_of(step.level)
        if step.level == 0:
            table = table * weights[:, :, 0, :, 0].reshape(draws, 1, 2, 1, 2)
        else:
            spread = table.reshape(
                draws, lesion_left, 1, 2, left // 2, lesion_right, 1, 2, right // 2
            )
            table = spread * weights[:, None, :, :, None, None, :, :, None]
            table = table.reshape(draws, lesion_left, 2 * left, lesion_right, 2 * right)
        for side in (_LEFT, _RIGHT):
            for site in step.sides[side].new_wide:
                table = self._with_auxiliary(table, site, side)
        return table

    def _prior_of(self, level: int) -> Array:
        """Weights of entering bits: shape (draws, left, left above, right, right above)."""
        bit = np.array([0.0, 1.0])
        left, above_left = bit[:, None, None, None], bit[None, :, None, None]
        right, above_right = bit[None, None, :, None], bit[None, None, None, :]
        shape = (-1, 1, 1, 1, 1)
        weights: Array = np.exp(
            self.prior.field[:, level].reshape(shape) * (left + right)
            + self.prior.neighbour.reshape(shape) * (left * above_left + right * above_right)
            + self.prior.other_side.reshape(shape) * (left * right)
        )
        return weights

    def _with_auxiliary(self, table: Array, site: int, side: int) -> Array:
        choice = np.stack([self.tables.alpha[:, site], self.tables.beta[:, site]], axis=1)
        draws, lesion_left, left, lesion_right, right = table.shape
        if side == _LEFT:
            table = table[:, :, :, None] * choice[:, None, None, :, None, None]
            return table.reshape(draws, lesion_left, 2 * left, lesion_right, right)
        table = table[..., None] * choice[:, None, None, None, None, :]
        return table.reshape(draws, lesion_left, left, lesion_right, 2 * right)

    def _factors(self, step: _Step) -> _Factors:
        sides = tuple(self._side_factor(part) for part in step.sides)
        nerves = tuple(self._nerve_shares(part) for part in step.sides)
        across = [self._across_factor(step, site) for site in step.across]
        return _Factors(step, sides, nerves, across)

    def _side_factor(self, part: _SideStep) -> Array | None:
        factor = None
        if part.sites:
            factor = self.values[:, part.gather].prod(axis=1)
        for site, place in part.wide_here:
            length, size = len(part.variables), part.size
            irritated = _digit(size, 0, length)
            chosen = _digit(size, part.variables.index(_AUXILIARY + site), length)
            spared = self.tables.spared[site][:, place, None]
            term = np.where((irritated & chosen)[None, :] == 1, spared, 1.0)
            factor = term if factor is None else factor * term
        return factor

    def _nerve_shares(self, part: _SideStep) -> Array | None:
        """Weight of placing each nerve's lesion now: shape (draws, nerves, window states)."""
        if not part.nerves:
            return None
        logs = part.nerve_members @ self.log_ratios[:, part.nerve_gather]
        for place, site in part.nerve_wide:
            chosen = _digit(part.size, part.variables.index(_AUXILIARY + site), len(part.variables))
            logs[:, place] += np.log(self.tables.nerve_spared[:, site, None]) * chosen
        priors = self.tables.nerve_priors[:, list(part.nerves)]
        shares: Array = priors[:, :, None] * np.exp(logs)
        return shares

    def _across_factor(self, step: _Step, site: int) -> Array:
        products = []
        roots = self.plan.scopes[site].roots
        for side, part in enumerate(step.sides):
            product = np.ones((self.tables.draws, part.size))
            for root in (root for root in roots if root % 2 == side):
                bit = _digit(part.size, part.variables.index(root), len(part.variables))
                spared = self.tables.spared[site][:, roots.index(root), None]
                product = product * np.where(bit == 1, spared, 1.0)
            products.append(product)
        alpha = self.tables.alpha[:, site, None, None]
        beta = self.tables.beta[:, site, None, None]
        value: Array = alpha + beta * products[0][:, :, None] * products[1][:, None, :]
        return value

    @staticmethod
    def _multiply(table: Array, factor: _Factors) -> None:
        left, right = factor.sides
        if left is not None:
            table *= left[:, None, :, None, None]
        if right is not None:
            table *= right[:, None, None, None, :]
        for value in factor.across:
            table *= value[:, None, :, None, :]

    @staticmethod
    def _place(table: Array, factor: _Factors) -> None:
        left, right = factor.nerves
        if left is not None:
            table[:, 1] += table[:, 0] * left.sum(axis=1)[:, :, None, None]
        if right is not None:
            table[:, :, :, 1] += table[:, :, :, 0] * right.sum(axis=1)[:, None, None, :]

    @staticmethod
    def _leave(table: Array, step: _Step) -> Array:
        draws, lesion_left, left, lesion_right, right = table.shape
        keep_left, keep_right = (_kept(part) for part in step.sides)
        shape = (draws, lesion_left, *keep_left.shape, lesion_right, *keep_right.shape)
        axes = tuple(2 + axis for axis in keep_left.summed) + tuple(
            3 + len(keep_left.shape) + axis for axis in keep_right.summed
        )
        if not axes:
            return table
        table = table.reshape(shape).sum(axis=axes)
        return table.reshape(
            draws, lesion_left, left >> keep_left.bits, lesion_right, right >> keep_right.bits
        )

    def _end(self, lesion_axes: tuple[int, int]) -> Array:
        """Weights at the tail: an unplaced lesion means there is none."""
        ends = []
        for axis, none in zip(lesion_axes, self.no_lesion, strict=True):
            ends.append(
                np.stack([none, np.ones_like(none)], axis=1) if axis == 2 else none[:, None]
            )
        left, right = ends
        # The last roots have left by now, so both windows have one state.
        return left[:, :, None, None, None] * right[:, None, None, :, None]

    # Backward

    @staticmethod
    def _rejoin(back: Array, shape: tuple[int, ...], step: _Step) -> Array:
        """Spread a table over the bits that left after this level."""
        draws, lesion_left, _, lesion_right, _ = shape
        keep_left, keep_right = (_kept(part) for part in step.sides)
        ones_left = tuple(1 if a in keep_left.summed else n for a, n in enumerate(keep_left.shape))
        ones_right = tuple(
            1 if a in keep_right.summed else n for a, n in enumerate(keep_right.shape)
        )
        spread = back.reshape(draws, lesion_left, *ones_left, lesion_right, *ones_right)
        full = (draws, lesion_left, *keep_left.shape, lesion_right, *keep_right.shape)
        return np.broadcast_to(spread, full).reshape(shape)

    def _unplace(
        self, back: Array, factor: _Factors, before: Array | None, beliefs: Beliefs | None
    ) -> Array:
        """Undo the placing of lesions; on the way, read off each nerve's joint with the roots."""
        back = back.copy()
        left, right = factor.nerves
        placed_left = None
        if before is not None and left is not None:
            placed_left = before[:, 0] * left.sum(axis=1)[:, :, None, None]
        if right is not None:
            if beliefs is not None and before is not None:
                unplaced = before[:, :, :, 0].copy()
                if placed_left is not None:
                    unplaced[:, 1] += placed_left[:, :, 0]
                joint = (unplaced * back[:, :, :, 1]).sum(axis=(1, 2))
                self._record(beliefs, factor.step.sides[_RIGHT], right * joint[:, None, :])
            back[:, :, :, 0] += back[:, :, :, 1] * right.sum(axis=1)[:, None, None, :]
        if left is not None:
            if beliefs is not None and before is not None:
                joint = (before[:, 0] * back[:, 1]).sum(axis=(2, 3))
                self._record(beliefs, factor.step.sides[_LEFT], left * joint[:, None, :])
            back[:, 0] += back[:, 1] * left.sum(axis=1)[:, :, None, None]
        return back

    @staticmethod
    def _record(beliefs: Beliefs, part: _SideStep, windows: Array) -> None:
        for place, nerve in enumerate(part.nerves):
            beliefs.nerve_windows[nerve] = windows[:, place]

    def _unenter(self, back: Array, step: _Step) -> Array:
        for side in (_RIGHT, _LEFT):
            for site in reversed(step.sides[side].new_wide):
                back = self._without_auxiliary(back, site, side)
        draws, lesion_left, left, lesion_right, right = back.shape
        weights = self._prior_of(step.level)
        if step.level == 0:
            return back
        spread = back.reshape(draws, lesion_left, 2, 2, left // 4, lesion_right, 2, 2, right // 4)
        summed: Array = (spread * weights[:, None, :, :, None, None, :, :, None]).sum(axis=(2, 6))
        return summed.reshape(draws, lesion_left, left // 2, lesion_right, right // 2)

    def _without_auxiliary(self, back: Array, site: int, side: int) -> Array:
        choice = np.stack([self.tables.alpha[:, site], self.tables.beta[:, site]], axis=1)
        draws, lesion_left, left, lesion_right, right = back.shape
        if side == _LEFT:
            spread = back.reshape(draws, lesion_left, left // 2, 2, lesion_right, right)
            summed: Array = (spread * choice[:, None, None, :, None, None]).sum(axis=3)
        else:
            spread = back.reshape(draws, lesion_left, left, lesion_right, right // 2, 2)
            summed = (spread * choice[:, None, None, None, None, :]).sum(axis=5)
        return summed

    def _across_tables(self, beliefs: Beliefs, belief: Array, step: _Step) -> None:
        if not step.across:
            return
        both = belief.sum(axis=(1, 3))
        left, right = step.sides
        for site in step.across:
            roots = self.plan.scopes[site].roots
            index = np.zeros((left.size, right.size), dtype=np.intp)
            for axis, part in enumerate((left, right)):
                for root in (root for root in roots if root % 2 == axis):
                    bit = _digit(part.size, part.variables.index(root), len(part.variables))
                    index |= np.expand_dims(bit, 1 - axis) << roots.index(root)
            found = np.zeros((self.tables.draws, 1 << len(roots)))
            np.add.at(found.T, index.ravel(), both.reshape(self.tables.draws, -1).T)
            beliefs.across_tables[site] = found

    def _log_no_root(self) -> Array:
        draws = self.tables.draws
        log_weight = np.zeros(draws)
        for site in range(len(self.plan.scopes)):
            if site in self.plan.wide:
                log_weight += np.log(self.tables.alpha[:, site] + self.tables.beta[:, site])
            else:
                log_weight += np.log(self.values[:, self.plan.offsets[site]])
        for side in (_LEFT, _RIGHT):
            share = self.no_lesion[side].copy()
            for nerve, sites in enumerate(self.plan.nerve_sites):
                if sites and self.plan.nerve_sides[nerve] == side:
                    narrow = [site for site in sites if site not in self.plan.wide]
                    ratio = self.log_ratios[:, self.plan.offsets[narrow]].sum(axis=1)
                    for site in self.plan.wide.intersection(sites):
                        alpha, beta = self.tables.alpha[:, site], self.tables.beta[:, site]
                        spared = self.tables.nerve_spared[:, site]
                        ratio += np.log((alpha + beta * spared) / (alpha + beta))
                    share += self.tables.nerve_priors[:, nerve] * np.exp(ratio)
            log_weight += np.log(share)
        return log_weight


@dataclass(slots=True)
class _Factors:
    """What one step multiplies in, kept for the way back."""

    step: _Step
    sides: tuple[Array | None, ...]
    nerves: tuple[Array | None, ...]
    across: list[Array]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A window as axes: which of them are summed away when its bits leave."""

    shape: tuple[int, ...]
    summed: tuple[int, ...]
    bits: int


def _kept(part: _SideStep) -> _Kept:
    """Neighbouring bits of the same fate share one axis, so that sums run over long rows."""
    shape: list[int] = []
    summed: list[int] = []
    last: bool | None = None
    for variable in part.variables:
        leaves = variable in part.drop
        if leaves == last:
            shape[-1] *= 2
        else:
            shape.append(2)
            if leaves:
                summed.append(len(shape) - 1)
        last = leaves
    return _Kept(tuple(shape), tuple(summed), len(part.drop))
