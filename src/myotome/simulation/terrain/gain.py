"""Gain: the gain of the circle at a state that rests, link by link and all settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import (
    dorsal_horn,
    drive,
    joint,
    motion_segment,
    receptors,
    root,
    threshold,
)
from myotome.simulation.drivers import Drivers
from myotome.simulation.state import CONDUCTING, SILENT, State
from myotome.simulation.terrain.results import LoopGain
from myotome.simulation.terrain.rows import taken
from myotome.simulation.terrain.system import Held, System, paraspinal_of

Array = NDArray[np.float64]

LINKS: Final = (
    "foramen by pull",
    "compression by foramen",
    "discharge by compression",
    "nociception by discharge",
    "projection by nociception",
    "tone by projection",
    "pull by tone",
)


def circle_links(view: System, state: State, now: Drivers) -> Mapping[str, Array]:
    """Partial derivative of each link around the circle at a state, shape (runs,) each.

    Central differences of the very functions that move the system, on the branch it is on. Units:
    mm a maximum force, 1/mm, Hz, 1, 1, 1/Hz, and maximum forces; the product is a pure number.
    """
    m, p = view.mechanism, view.preparation
    j = paraspinal_of(p)
    closes = view.rival.circle_closed and bool(p.squeezes[0, j])
    force, compressed = state.fast.force[:, [j]], now.root.compression[:, [0]]
    taken_up = state.cause[:, [0]] + state.flare[:, [0]]
    lost = (1.0 - state.disc_height[:, [0]]) * m.links.disc_height

    def foramen(f: Array) -> Array:
        pulled = motion_segment.paraspinal_force(m.segment, f)
        return np.asarray(motion_segment.foramen(m.segment, pulled, disc_loss=lost))

    def projection(c: Array) -> Array:
        touch = m.links.touch_by_day + now.root.touch[:, [0]]
        return dorsal_horn.projection_rate(m.horn, touch, c, state.sensitisation[:, [0]])

    def nociception(d: Array) -> Array:
        return dorsal_horn.nociceptive_drive(m.horn, d)

    slopes = (
        _slope(foramen, force, 1e-4) * closes / p.squeezes[0].sum() if closes else 0.0 * force,
        _slope(
            lambda h: root.smooth_compression(m.root, h, taken_up), now.root.foramen[:, [0]], 1e-4
        ),
        _slope(lambda u: root.nociceptor_discharge(m.root, u), compressed, 1e-5),
        _slope(nociception, now.root.nociceptors[:, [0]], 1e-4),
        # The table is linear between nodes 6 % apart: a step over one of them.
        _slope(projection, now.nociception[:, [0]], 0.03 * (1.0 + now.nociception[:, [0]])),
        _tone_slope(view, state, now, j),
        _pull_slope(view, state, now, j),
    )
    return {name: slope[:, 0] for name, slope in zip(LINKS, slopes, strict=True)}


def _slope(function: Callable[[Array], Array], at: Array, step: Array | float) -> Array:
    slope: Array = (function(at + step) - function(at - step)) / (2.0 * np.asarray(step))
    return slope


def _tone_slope(view: System, state: State, now: Drivers, j: int) -> Array:
    """Conducting tone of a muscle by the projection rate of the first root, on its branches."""
    m = view.mechanism
    share = float(view.preparation.reach[0, j])
    felt = (now.projection[:, :, None] * view.preparation.reach).max(axis=1)[:, [j]]
    leads = felt <= share * now.projection[:, [0]] + 1e-12  # another root may send it more
    by_class = np.asarray(state.receptors.density)
    density = receptors.muscle_density(now.silent_share, by_class[SILENT], by_class[CONDUCTING])
    rise = threshold.relative_rise(state.threshold)
    scale = np.asarray(drive.threshold(rise, state.homeostasis))[:, [j]]

    def tone(projection: Array) -> Array:
        excitation = drive.excitatory_drive(
            m.drive, projection, receptor_density=np.asarray(density)[:, [j]]
        )
        halves = [
            drive.tone(
                m.drive, excitation / (scale * least), sustained=now.sustained[half][:, [j]]
            ).discharge
            for half, least in enumerate((m.links.small_threshold, m.links.large_threshold))
        ]
        both: Array = (1.0 - now.silent_share[:, [j]]) * 0.5 * (halves[0] + halves[1])
        return both

    slope: Array = share * leads * _slope(tone, felt, 1e-4)
    return slope


def _pull_slope(view: System, state: State, now: Drivers, j: int) -> Array:
    """Pull of a muscle by its tone, at the length that it has."""
    m = view.mechanism
    guarding = (now.nociception[:, :, None] * view.preparation.reach).max(axis=1)[:, [j]]

    def pull(tone: Array) -> Array:
        posture = joint.equilibrium(
            m.joint,
            m.curves,
            joint.Pull(
                activation=drive.involuntary_activation(m.drive, tone),
                serial_sarcomeres=state.sarcomeres[:, [j]],
                contracture=state.contracture[:, [j]],
            ),
            joint.Pull(),
            nociceptive_drive=guarding,
            start=state.fast.angle[:, [j]],
        )
        return posture.agonist.tendon_force

    # A quiet pool cannot fire less than nothing.
    tone = np.maximum(now.tone[:, [j]], 2e-4)
    return _slope(pull, tone, 1e-4)


def loop_gains(view: System, state: State, now: Drivers) -> tuple[LoopGain, ...]:
    """Gain of the circle at each run's state, which must rest."""
    links = circle_links(view, state, now)
    product = np.prod(np.stack([links[name] for name in LINKS]), axis=0)
    settled = gain_at_rest(view, state)
    return tuple(
        LoopGain({name: float(links[name][k]) for name in LINKS}, float(product[k]), settled[k])
        for k in range(product.size)
    )


def gain_at_rest(view: System, state: State, push: float = 2e-3) -> tuple[float, ...]:
    """The circle opened at the pull: how much of a small pull comes back when all has settled."""
    runs, j = state.cause.shape[0], paraspinal_of(view.preparation)
    pair = taken(state, np.concatenate([np.arange(runs), np.arange(runs)]))
    put_in = pair.fast.force.copy()
    put_in[:runs, j] -= 0.5 * push
    put_in[runs:, j] += 0.5 * push
    pair = replace(pair, fast=replace(pair.fast, force=put_in))
    _, now = view.rest(pair, Held(pull=put_in), cycles=2)
    out = now.force[:, j]
    return tuple(float(g) for g in (out[runs:] - out[:runs]) / push)
