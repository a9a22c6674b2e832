"""Drivers: what the fast physiology amounts to over a day, at a frozen slow state.

A `DriverSource` is all that the course knows of the milliseconds. Here stands the
`rate` implementation, in closed form: the circle gives each root's discharge, the dorsal horn its
projection rate, the pools their tone, the joints where they come to rest, and the typed day what
each muscle goes through. Treatments of the day enter as `Doses`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import dorsal_horn, drive, joint, pain, receptors, threshold
from myotome.physiology.drive import DayType
from myotome.simulation.circle import Irritation, irritation
from myotome.simulation.mechanism import Cut, Mechanism
from myotome.simulation.preparation import Preparation
from myotome.simulation.state import CONDUCTING, HABITUAL_RATE, SILENT, State

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


Fidelity = Literal["rate", "spiking"]
FIDELITIES: Final[tuple[Fidelity, ...]] = get_args(Fidelity)


class Part(NamedTuple):
    """A part of the day: its share, how freely the joint rests, and fibre length in health."""

    day: DayType
    share: float
    free: float
    length: float


# A day of a person with seated work, in order of fibre length. Lengths in optimal fibre lengths.
DAY: Final[tuple[Part, ...]] = (
    Part("sit", 0.38, 1.0, 0.95),
    Part("sleep", 0.33, 1.0, 0.97),
    Part("stand", 0.19, 0.7, 1.00),
    Part("walk", 0.08, 0.4, 1.03),
    Part("exercise", 0.02, 0.2, 1.08),
)
# Tone counts as a cramp that never ends only through what it adds to these.
TONE_RATE: Final = 10.0  # Hz, discharge of a unit that is sustained


@dataclass(slots=True)
class Doses:
    """What a person does and is given each day, as rates; shape (runs, muscles) unless said."""

    stretch_minutes: Array
    load: Array
    control: Array


class Drivers(NamedTuple):
    """Daily means that move the slow state; shape (runs, muscles) or (runs, roots)."""

    root: Irritation
    nociception: Array
    projection: Array
    tone: Array
    involuntary: Array
    sustained: Bools
    silent_share: Array
    activity: Array
    self_sustained: Array
    lengths: Array
    shares: Array
    activation: Array
    angle: Array
    force: Array
    strain: Array
    joint_stress: Array
    pain: Array


class Tone(NamedTuple):
    """What the pools do by themselves; shape (runs, muscles) unless said.

    Attributes:
        share: Of a pool's units that discharge by themselves.
        sustained: Whether they are held there, whatever began it; first axis groups of units.
        rate: Mean discharge over all units of a pool (Hz).
        activation: Of the muscle, if every unit conducts, 0 to 1.
    """

    share: Array
    sustained: Bools
    rate: Array
    activation: Array


class DriverSource(Protocol):
    """Anything that turns a slow state and a day's doses into drivers.

    The course sets `mechanism` once more when the person's own pain map is known.
    """

    mechanism: Mechanism

    def __call__(self, state: State, doses: Doses) -> Drivers:
        """The drivers at a frozen slow state."""
        ...


@dataclass(slots=True)
class RateDrivers:
    """The closed form.

    Attributes:
        mechanism: Parameters, one value or a column of draws each.
        preparation: What hangs together with what.
        cuts: Paths that are cut.
        circle_closed: Whether paraspinals squeeze the root.
        inflammation: Of the segment, 0 unless that rival is switched on.
    """

    mechanism: Mechanism
    preparation: Preparation
    cuts: frozenset[Cut] = frozenset()
    circle_closed: bool = True
    inflammation: float = 0.0
    _rest: joint.Posture | None = None
    _silent: Array | None = None

    def __call__(self, state: State, doses: Doses) -> Drivers:
        """The drivers at a frozen slow state, in the order of the description."""
        m = self.mechanism
        pressed = irritation(m, self.preparation, state, closed=self.circle_closed)
        nociception = self._nociception(state, pressed)
        projection = self._projection(state, pressed, nociception)
        silent = self._without_conduction(pressed.conduction_loss)
        density = np.asarray(
            receptors.muscle_density(
                silent,
                np.asarray(state.receptors.density)[SILENT],
                np.asarray(state.receptors.density)[CONDUCTING],
            )
        )
        tone = self._tone(state, projection, density)
        conducting = 1.0 - silent
        involuntary = tone.activation * conducting
        posture = joint.equilibrium(
            m.joint,
            m.curves,
            joint.Pull(
                activation=involuntary,
                serial_sarcomeres=state.sarcomeres,
                contracture=state.contracture,
            ),
            joint.Pull(),
            nociceptive_drive=self._felt_by(nociception),
            start=state.fast.angle,
        )
        felt = self._pain(state, projection)
        lengths, shares, activation = self._day(state, doses, posture, involuntary, felt)
        return Drivers(
            root=pressed,
            nociception=nociception,
            projection=projection,
            tone=tone.share * conducting,
            involuntary=involuntary,
            sustained=tone.sustained,
            silent_share=silent,
            activity=self._activity(doses, felt, tone.rate * conducting),
            self_sustained=tone.rate,
            lengths=lengths,
            shares=shares,
            activation=activation,
            angle=posture.angle,
            force=posture.agonist.tendon_force,
            strain=posture.agonist.tendon_strain,
            joint_stress=np.asarray(
                joint.reaction_stress(
                    m.joint, posture.agonist.tendon_force, posture.antagonist.tendon_force
                )
            ),
            pain=felt,
        )

    def _felt_by(self, of_roots: Array) -> Array:
        """A quantity of the roots as it reaches each muscle: from the root that sends it most."""
        most: Array = (of_roots[:, :, None] * self.preparation.reach).max(axis=1)
        return most

    def _without_conduction(self, loss: Array) -> Array:
        """Share of a muscle's units that no root conducts to any more."""
        lost: Array = 1.0 - (1.0 - loss[:, :, None] * self.preparation.reach).prod(axis=1)
        return lost

    def _nociception(self, state: State, pressed: Irritation) -> Array:
        """C of each segment: its root, hardest-pulled tendon, most loaded joint, all muscles."""
        m = self.mechanism
        belongs = (self.preparation.reach > 0.0)[None]
        strain = (state.fast.strain[:, None, :] * belongs).max(axis=2)
        borne = m.cartilage.threshold * (1.0 - m.cartilage.softening * state.cartilage_wear)
        stress = (state.fast.joint_stress / borne)[:, None, :] * belongs
        parts = self.preparation.reach / np.maximum(
            self.preparation.reach.sum(axis=1, keepdims=True), 1e-9
        )
        return dorsal_horn.nociceptive_drive(
            m.horn,
            pressed.nociceptors,
            tendon_strain=strain,
            joint_stress=stress.max(axis=2),
            ischaemia=state.ischaemia @ parts.T,
            inflammation=self.inflammation,
        )

    def _projection(self, state: State, pressed: Irritation, nociception: Array) -> Array:
        """Mean over a segment's neurons, in a part of which a treatment's touch closes the gate."""
        m = self.mechanism
        touch = m.links.touch_by_day + pressed.touch
        rate = dorsal_horn.projection_rate(m.horn, touch, nociception, state.sensitisation)
        if "afferent_dorsal_horn" in self.cuts or not state.afferent.any():
            return rate
        gated = dorsal_horn.projection_rate(
            m.horn, touch + state.afferent, nociception, state.sensitisation
        )
        return np.asarray(rate + m.links.gated_share * (gated - rate))

    def _tone(self, state: State, projection: Array, density: Array) -> Tone:
        """What the pools do by themselves, small and large halves each on their own branch.

        Ordinary walking can set a spasm off; rest alone need not end it.
        """
        m = self.mechanism
        rise = threshold.relative_rise(state.threshold)
        excitation = drive.excitatory_drive(
            m.drive, self._felt_by(projection), receptor_density=density
        )
        scale = drive.threshold(rise, state.homeostasis)
        walking = drive.voluntary_activation(m.drive, "walk")
        halves = [scale * m.links.small_threshold, scale * m.links.large_threshold]
        least = np.stack([np.broadcast_to(half, excitation.shape) for half in halves])
        set_off = excitation + walking > least
        kept = drive.tone(m.drive, excitation / least, sustained=state.fast.sustained | set_off)
        share = kept.discharge.mean(axis=0)
        return Tone(
            share=share,
            sustained=kept.sustained,
            rate=TONE_RATE * share,
            activation=np.asarray(drive.involuntary_activation(m.drive, share)),
        )

    def _pain(self, state: State, projection: Array) -> Array:
        """Pain of 10, without soreness: that of the worst segment. Shape (runs, 1)."""
        m = self.mechanism
        rating = pain.pain_rating(
            m.pain,
            projection,
            state.sensitisation,
            endogenous_control=np.minimum(state.control, 1.0),
            resting_control=m.links.resting_control,
            context=state.context,
        )
        worst: Array = rating.max(axis=1, keepdims=True)
        return worst

    def _activity(self, doses: Doses, felt: Array, rate: Array) -> Array:
        """Mean discharge (Hz) of silent fibres, by fibrillation alone, and of conducting ones."""
        use = 1.0 - self.mechanism.links.avoidance * felt / 10.0
        conducting = HABITUAL_RATE * use * np.maximum(doses.load, 0.05) + rate
        silent = self._fibrillation()
        return np.stack([silent + 0.0 * conducting, conducting])

    def _fibrillation(self) -> Array:
        """Rate (Hz) of silent fibres: what fibrillation comes to where it holds its own receptors.

        Taken at rest, since density and fibrillation chase each other within days.
        """
        if self._silent is None:
            p = self.mechanism.receptors
            self._silent = np.asarray(receptors.activity_for(p, receptors.silent_density(p)))
        return self._silent + np.zeros((1, 1))

    def _day(
        self, state: State, doses: Doses, posture: joint.Posture, involuntary: Array, felt: Array
    ) -> tuple[Array, Array, Array]:
        """Fibre lengths, their shares of the day, and mean activation."""
        m = self.mechanism
        shift = posture.agonist.fibre_length - self._resting_length()
        follow = [part.free + (1.0 - part.free) * m.links.free_follow for part in DAY]
        lengths = [part.length + f * shift for part, f in zip(DAY, follow, strict=True)]
        stretch_share = doses.stretch_minutes / 1440.0
        stretched = np.maximum(posture.agonist.fibre_length, 0.9 * state.sarcomeres) + (
            m.links.stretch_length
        )
        shares = [part.share * (1.0 - stretch_share) for part in DAY]
        size = np.broadcast_shapes(shift.shape, stretch_share.shape)
        all_lengths = np.stack([np.broadcast_to(x, size) for x in (*lengths, stretched)])
        all_shares = np.stack([np.broadcast_to(x, size) for x in (*shares, stretch_share)])
        use = 1.0 - m.links.avoidance * felt / 10.0
        voluntary = sum(part.share * drive.voluntary_activation(m.drive, part.day) for part in DAY)
        return all_lengths, all_shares, np.asarray(drive.activation(involuntary, voluntary * use))

    def _resting_length(self) -> Array:
        """Fibre length in which the healthy joint rests."""
        if self._rest is None:
            zero = np.zeros((1, 1))
            self._rest = joint.equilibrium(
                self.mechanism.joint,
                self.mechanism.curves,
                joint.Pull(activation=zero),
                joint.Pull(),
            )
        return self._rest.agonist.fibre_length


def resting(preparation: Preparation, runs: int) -> Doses:
    """Doses of a day on which nothing is done."""
    muscles = len(preparation.muscles)
    return Doses(
        stretch_minutes=np.zeros((runs, muscles)),
        load=np.ones((runs, muscles)),
        control=np.zeros((runs, 1)),
    )


def reported_pain(mechanism: Mechanism, soreness: Array, felt: Array) -> Array:
    """Pain of 10 as the person would say it: with the sorest muscle's share, at most 10.

    Args:
        mechanism: How much of soreness is reported.
        soreness: Of each muscle, shape (..., runs, muscles).
        felt: Pain without it, shape (..., runs, 1).
    """
    sore = soreness.max(axis=-1, keepdims=True)
    both: Array = np.minimum(
        felt + mechanism.links.soreness_felt * sore * (1.0 - felt / 10.0), 10.0
    )
    return both
