import importlib

import numpy as np
import pytest

from myotome.errors import InputError
from myotome.physiology.backend import kernels
from myotome.simulation.moment import STATES, Probe, hold, run, standard

run_module = importlib.import_module("myotome.simulation.moment.run")
ENGINES = ("numpy", pytest.param("compiled", marks=pytest.mark.skipif(
    kernels() is None, reason="the compiled kernels are not there")))  # fmt: skip
EVERYTHING = tuple(STATES)
WITHIN = tuple(
    Probe(name, every_ms=0.2) if name.startswith("pool.") else Probe(name, every_ms=3)
    for name in STATES
)


def run_of(scenario, seconds=0.12, **asked):
    return run(
        scenario.preparation, scenario.stimuli, seconds=seconds, frozen=scenario.frozen,
        spontaneous=True, **asked,
    )  # fmt: skip


def assert_same_states(first, second):
    for name in STATES:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name, strict=True)


@pytest.mark.usefixtures("kernels_are_there")
@pytest.mark.parametrize(
    ("precision", "scheme", "step_ms", "record"),
    [
        ("float64", "crank_nicolson", 0.1, EVERYTHING),
        ("float32", "crank_nicolson", 0.1, EVERYTHING),
        ("float32", "crank_nicolson", 0.1, WITHIN),
        ("float64", "backward_euler", 0.05, WITHIN),
    ],
)
def test_every_state_has_the_same_bits_on_both_engines(rich, precision, scheme, step_ms, record):
    how = {"precision": precision, "scheme": scheme, "step_ms": step_ms, "record": record}

    reference, compiled = (run_of(rich, engine=engine, **how) for engine in ("numpy", "compiled"))

    assert_same_states(reference, compiled)
    still = {name for name in STATES if np.ptp(reference[name]) == 0.0}
    # Thin fibres take longer than this, a volley is over between two readings, and persistent
    # channels of the declared cells do not inactivate.
    assert still <= {"afferents.group_4", "afferents.volley", "pool.persistent_ready"}


@pytest.mark.parametrize("engine", ENGINES)
def test_no_state_shows_how_a_run_is_cut(rich, monkeypatch, engine):
    whole = run_of(rich, engine=engine, record=WITHIN, seconds=0.09)
    monkeypatch.setattr(run_module, "_CHUNK_MS", 7)

    assert_same_states(whole, run_of(rich, engine=engine, record=WITHIN, seconds=0.09))


@pytest.mark.parametrize("engine", ENGINES)
def test_watching_changes_nothing(rich, same, engine):
    watched = run_of(rich, engine=engine, seconds=0.09, record=(*WITHIN, *rich.record))
    alone = run_of(rich, engine=engine, seconds=0.09, record=rich.record)

    same(watched, alone, rich.record)


@pytest.mark.parametrize("engine", ENGINES)
def test_chosen_cells_are_those_of_the_whole(rich, engine):
    soleus = rich.preparation.muscles[0]
    some = (
        Probe("pool.dendrite", cells=(119, 3), columns=(soleus,), people=(1,), every_ms=4),
        Probe("horn.slow", cells=(2,), columns=(1, 0), every_ms=0.5 * 10),
        Probe("spindle.bag_1_activation", columns=(1,), every_ms=2),
    )

    part = run_of(rich, engine=engine, seconds=0.09, record=some)
    whole = run_of(
        rich, engine=engine, seconds=0.09, record=tuple(probe.state for probe in some)
    )  # fmt: skip

    np.testing.assert_array_equal(
        part["pool.dendrite"], whole["pool.dendrite"][3::4, 1:2, 0:1][..., [119, 3]]
    )
    np.testing.assert_array_equal(part["horn.slow"], whole["horn.slow"][4::5][:, :, [1, 0], 2:3])
    np.testing.assert_array_equal(
        part["spindle.bag_1_activation"], whole["spindle.bag_1_activation"][1::2, :, 1:]
    )
    assert part.time_of("pool.dendrite")[:2].tolist() == [0.004, 0.008]


def test_states_agree_with_the_channels_that_show_them(rich):
    found = run_of(rich, record=(*EVERYTHING, *rich.record))

    for state, channel in (
        ("muscle.tendon_force", "tendon_force"), ("muscle.fibre_velocity", "fibre_velocity"),
        ("joint.angle", "angle"),
    ):  # fmt: skip
        np.testing.assert_array_equal(found[state], found[channel])
    np.testing.assert_allclose(
        found["pool.persistent_on"].mean(axis=-1), found["persistent"], rtol=1e-6
    )
    np.testing.assert_array_equal(found["group_3"] + found["group_4"], found["nociceptors"])


def test_a_soma_between_milliseconds_shows_the_spike_that_was_counted():
    fine = Probe("pool.soma", cells=(0,), every_ms=0.1)

    found = run(standard(), [hold("current", 12.0, 0, 1)], seconds=0.3, record=(fine,))

    soma, time = found["pool.soma"][:, 0, 0, 0], found.time_of("pool.soma")
    trains = found.spikes.train(0)
    assert len(trains) > 3
    peaks = [soma[(time > start) & (time <= start + 0.002)].max() for start in trains]
    assert min(peaks) > 60.0
    quiet = np.all(np.abs(time[:, None] - trains) > 0.004, axis=1)
    assert soma[quiet].max() < min(peaks) / 2


def test_past_the_limit_states_go_to_disk_and_read_the_same(rich):
    held = run_of(rich, record=WITHIN)

    with run_of(rich, record=WITHIN, limit_bytes=0) as written:
        assert written.recorder.on_disk
        assert_same_states(held, written)


def test_states_are_labelled_with_their_units(rich, tmp_path):
    import xarray

    probe = Probe("pool.soma", cells=(0, 60), every_ms=0.5)
    found = run_of(rich, seconds=0.09, record=("emg", "units.calcium", "horn.excitatory", probe))

    found.write(tmp_path / "moment.nc")

    with xarray.open_dataset(tmp_path / "moment.nc", engine="h5netcdf") as read:
        assert read["units.calcium"].dims == ("time", "person", "muscle", "unit")
        assert read["horn.excitatory"].dims == ("time", "person", "root", "kind")
        soma = read["pool.soma"]
        assert soma.dims == ("pool.soma.time", "person", "muscle", "pool.soma.unit")
        assert soma.attrs["units"] == "mV"
        assert soma["pool.soma.unit"].values.tolist() == [0, 60]
        assert soma["pool.soma.time"].values[:2].tolist() == [0.0005, 0.001]
        np.testing.assert_array_equal(soma.values, found["pool.soma"])


def test_all_cells_in_another_order_keep_their_own_labels(rich):
    names, people = rich.preparation.muscles, rich.preparation.people
    turned = Probe(
        "units.calcium", cells=range(119, -1, -1), columns=names[::-1],
        people=range(people - 1, -1, -1),
    )  # fmt: skip
    found = run_of(rich, seconds=0.09, record=("discharge_rate", turned)).dataset()
    whole = run_of(rich, seconds=0.09, record=("units.calcium",)).dataset()["units.calcium"]

    calcium = found["units.calcium"]

    assert calcium.dims == (
        "time",
        *(f"units.calcium.{one}" for one in ("person", "muscle", "unit")),
    )
    for muscle in names:
        own = calcium.sel({
            "units.calcium.person": 1, "units.calcium.muscle": muscle, "units.calcium.unit": 3,
        })  # fmt: skip
        np.testing.assert_array_equal(own, whole.sel(person=1, muscle=muscle, unit=3))


@pytest.mark.usefixtures("kernels_are_there")
def test_threads_write_the_same_states(many):
    assert_same_states(
        run_of(many, record=WITHIN, engine="compiled"),
        run_of(many, record=WITHIN, engine="compiled", threads=3),
    )


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ("emg", "record must be a sequence of names and probes, such as ('emg',), got 'emg'."),
        (None, "record must be a sequence of names and probes, such as ('emg',), got None."),
        (("soma",), "states (pool. with soma, dendrite, sodium_on,"),
        (("soma",), "emg, inhibition, persistent,"),
        (("soma",), "), got 'soma'."),
        ((Probe("pool.voltage"),), "), got 'pool.voltage'."),
        ((3,), "got 3."),
        (("pool.soma", Probe("pool.soma", every_ms=2)), "got two probes on pool.soma"),
        ((Probe("pool.soma", cells=(120,)),), "one of cells must be a whole number between 0"),
        ((Probe("pool.soma", cells=(1, 1)),), "cells must name at least one, and none twice"),
        ((Probe("pool.soma", cells=()),), "cells must name at least one, and none twice"),
        ((Probe("pool.soma", cells=4),), "cells must be a sequence, got 4."),
        ((Probe("joint.angle", cells=(0,)),), "each joint has one of it, got (0,)."),
        ((Probe("pool.soma", columns=("soleus",)),), "muscles must be among standard muscle, got"),
        ((Probe("pool.soma", every_ms=0.03),), "that steps of 0.1 ms fit into, got 0.03."),
        ((Probe("pool.soma", every_ms=1.5),), "every_ms of pool.soma must be whole milliseconds"),
        ((Probe("muscle.stretch", every_ms=0.5),), "every_ms of muscle.stretch must be whole"),
        ((Probe("pool.soma", every_ms=float("nan")),), "every_ms must lie between 0.001 and"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_words(record, sentence):
    with pytest.raises(InputError) as refused:
        run(standard(), seconds=0.01, record=record)

    assert sentence in str(refused.value)
