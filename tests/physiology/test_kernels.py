"""The compiled kernels give the bits of the NumPy reference on every instruction set."""

import os
import subprocess
import sys

import numpy as np
import pytest

from myotome.physiology import backend, counter_noise, exponential, motoneuron
from myotome.physiology.motoneuron import PoolInput, advance, at_rest

kernels = pytest.importorskip("myotome._kernels", reason="no compiled kernels: no C++ compiler")

SETS = kernels.instruction_sets()
PRECISIONS = [np.float32, np.float64]
PEER_INPUT = PoolInput(shot_rate=1.0, shot_weight=0.12, seed=1)
PEER_STEPS = {"step_ms": 0.05, "scheme": "backward_euler"}
# Sampled cells of the reference pool and their rates (Hz).
PEER_RATES = {0: 35.0, 24: 29.5, 48: 19.5, 72: 2.0, 96: 0.0}


@pytest.fixture(params=SETS)
def instruction_set(request):
    """Each set that this processor has; the one in use is put back."""
    before = kernels.instruction_set()
    kernels.use(request.param)
    yield request.param
    kernels.use(before)


def a_million(name, precision):
    """Numbers over the whole range of a function, its ends and what lies beyond them."""
    ends = {np.float32: (-87.0, 88.0), np.float64: (-708.0, 709.0)}[precision]
    x = np.linspace(*ends, 1_000_000)
    form = np.finfo(precision)
    odd = [0.0, -0.0, np.inf, -np.inf, form.tiny, form.max, form.min, form.smallest_subnormal]
    if name == "log":
        x = np.exp(x)
    return np.concatenate([x, odd, [*ends, np.nan]]).astype(precision)


def same(found, expected):
    return np.array_equal(found, expected, equal_nan=True) and found.dtype == expected.dtype


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", ["exp", "log", "logistic", "tanh"])
def test_functions_agree_to_the_bit_on_a_million_values(instruction_set, name, precision):
    x = a_million(name, precision)
    found = np.empty_like(x)
    kernels.evaluate(name, x, found)

    assert same(found, getattr(exponential, name)(x)), instruction_set


@pytest.mark.parametrize("precision", PRECISIONS)
def test_powers_agree_to_the_bit(instruction_set, precision):
    x = np.linspace(0.0, 20.0, 100_000).astype(precision)
    exponent = np.resize(np.array([0.15, 0.3, 1.0, 2.9], dtype=precision), x.shape)
    found = np.empty_like(x)
    kernels.power(x, exponent, found)

    assert same(found, exponential.power(x, exponent)), instruction_set


def test_noise_agrees_to_the_bit(instruction_set):
    keys = counter_noise.keys(100_000, 11, stream=3)
    found = np.empty_like(keys)
    kernels.random_bits(keys, 4_294_967_295, found)

    assert same(found, counter_noise.bits(keys, 4_294_967_295)), instruction_set


def peer_run(precision, backend_name="compiled", people=None, seed=1, threads=1):
    pool = motoneuron.reference_pool()
    state = at_rest(pool, people, precision)
    inputs = PEER_INPUT._replace(seed=seed)
    return advance(
        pool, state, inputs, steps=40_000, **PEER_STEPS, backend=backend_name, threads=threads
    )


@pytest.fixture(scope="module")
def references():
    return {precision: peer_run(precision, "numpy") for precision in PRECISIONS}


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_reference_problem_has_3309_spikes(references, precision):
    counts = references[precision][1].counts(120)[0]

    assert counts.sum() == 3309
    assert {unit: counts[unit] / 2.0 for unit in PEER_RATES} == PEER_RATES


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_reference_problem_agrees_to_the_bit(instruction_set, references, precision):
    state, spikes = peer_run(precision)
    expected_state, expected_spikes = references[precision]

    for found, expected in zip(spikes, expected_spikes, strict=True):
        assert np.array_equal(found, expected), instruction_set
    for name, found in state.arrays().items():
        assert same(found, expected_state.arrays()[name]), (instruction_set, name)


def test_float32_and_float64_give_each_unit_as_many_spikes(references):
    counts = [references[precision][1].counts(120) for precision in PRECISIONS]

    np.testing.assert_array_equal(*counts)


def rich_input(people, precision=np.float32):
    """Every kind of input at once, different for each person."""
    rng = np.random.default_rng(4)
    shape = (people, 37)
    return PoolInput(
        excitation=rng.uniform(0.0, 0.5, shape).astype(precision),
        inhibition=rng.uniform(0.0, 0.5, shape).astype(precision),
        steady_excitation=rng.uniform(0.0, 0.1, 37).astype(precision),
        current=rng.uniform(0.0, 30.0, shape).astype(precision),
        shot_rate=0.5,
        shot_weight=0.2,
        seed=np.arange(people),
        stream=2,
    )


def rich_pool():
    """A pool whose size is no multiple of a block, with every mechanism switched on."""
    return motoneuron.pool(37, membrane=motoneuron.Membrane(inactivation=1.0))


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_every_kind_of_input_agrees_to_the_bit(instruction_set, precision, scheme):
    pool = rich_pool()
    runs = [
        advance(
            pool, at_rest(pool, 5, precision), rich_input(5, precision), steps=2003, step_ms=0.1,
            scheme=scheme, backend=backend_name,
        )
        for backend_name in ("compiled", "numpy")
    ]  # fmt: skip
    (state, spikes), (expected_state, expected_spikes) = runs

    assert len(spikes.step) > 200
    for found, expected in zip(spikes, expected_spikes, strict=True):
        assert np.array_equal(found, expected), instruction_set
    for name, found in state.arrays().items():
        assert same(found, expected_state.arrays()[name]), (instruction_set, name)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_any_number_of_threads_gives_the_same(threads):
    pool = rich_pool()
    state, spikes = advance(pool, at_rest(pool, 5), rich_input(5), steps=3000)
    other_state, other_spikes = advance(
        pool, at_rest(pool, 5), rich_input(5), steps=3000, threads=threads
    )

    for found, expected in zip(other_spikes, spikes, strict=True):
        np.testing.assert_array_equal(found, expected)
    for name, found in other_state.arrays().items():
        assert same(found, state.arrays()[name]), name


def test_a_person_runs_the_same_alone_and_in_a_cohort():
    pool, inputs = rich_pool(), rich_input(5)
    state, spikes = advance(pool, at_rest(pool, 5), inputs, steps=3000)
    one = inputs._replace(
        excitation=inputs.excitation[3],
        inhibition=inputs.inhibition[3],
        current=inputs.current[3],
        seed=3,
    )
    alone, his = advance(pool, at_rest(pool), one, steps=3000)

    np.testing.assert_array_equal(his.step, spikes.step[spikes.person == 3])
    np.testing.assert_array_equal(his.unit, spikes.unit[spikes.person == 3])
    for name, found in alone.arrays().items():
        assert same(found, state.arrays()[name][3]), name


@pytest.mark.parametrize("backend_name", ["compiled", "numpy"])
def test_a_long_call_is_the_same_as_short_ones(backend_name):
    pool, inputs = rich_pool(), rich_input(2)
    whole, spikes = advance(pool, at_rest(pool, 2), inputs, steps=500, backend=backend_name)
    once = inputs._replace(excitation=0.0, inhibition=0.0)
    state, found = at_rest(pool, 2), []
    for part, steps in enumerate((7, 3, 90, 395, 5)):
        begun = state.clock
        state, more = advance(
            pool, state, once if part else inputs, steps=steps, backend=backend_name
        )
        found += [(p, s + begun, u) for s, p, u in zip(*more, strict=True)]

    assert sorted(found) == list(zip(spikes.person, spikes.step, spikes.unit, strict=True))
    assert state.clock == whole.clock == 500
    for name, value in state.arrays().items():
        assert same(value, whole.arrays()[name]), name


def test_a_call_that_is_cut_for_interrupts_gives_the_same(monkeypatch):
    pool, inputs = rich_pool(), rich_input(3)
    state, spikes = advance(pool, at_rest(pool, 3), inputs, steps=1000)
    monkeypatch.setattr(motoneuron, "_CELL_STEPS_AT_ONCE", 3 * 48 * 77)
    other_state, other_spikes = advance(pool, at_rest(pool, 3), inputs, steps=1000)

    for found, expected in zip(other_spikes, spikes, strict=True):
        np.testing.assert_array_equal(found, expected)
    for name, found in other_state.arrays().items():
        assert same(found, state.arrays()[name]), name


def test_no_steps_leave_the_state_as_it_was():
    pool = rich_pool()
    state, spikes = advance(pool, at_rest(pool), steps=0)

    assert len(spikes.step) == 0
    for name, found in state.arrays().items():
        assert same(found, at_rest(pool).arrays()[name]), name


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-W", "always", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_environment_forces_an_instruction_set():
    code = "from myotome.physiology import backend; print(backend.described())"

    for name in SETS:
        assert run_python(code, MYOTOME_INSTRUCTION_SET=name).stdout == f"compiled, {name}\n"
    forced = run_python(code, MYOTOME_INSTRUCTION_SET="numpy")
    assert (forced.stdout, forced.stderr) == ("NumPy reference\n", "")


def test_an_unknown_instruction_set_is_refused_in_words():
    code = "from myotome.physiology import backend; backend.kernels()"
    refused = run_python(code, MYOTOME_INSTRUCTION_SET="mmx").stderr

    assert "MYOTOME_INSTRUCTION_SET must be one of" in refused
    assert "or numpy here, got 'mmx'" in refused


def test_without_kernels_the_reference_runs_and_says_so_once(monkeypatch):
    monkeypatch.setitem(sys.modules, "myotome._kernels", None)
    monkeypatch.delenv(backend.VARIABLE, raising=False)
    backend.kernels.cache_clear()
    pool = motoneuron.pool(3)
    try:
        with pytest.warns(RuntimeWarning, match="no C\\+\\+ compiler was found") as said:
            [advance(pool, at_rest(pool), steps=1) for _ in range(2)]
        assert len(said) == 1
        assert backend.backend() == "numpy"
        with pytest.raises(ValueError, match="backend must be numpy here"):
            advance(pool, at_rest(pool), steps=1, backend="compiled")
    finally:
        backend.kernels.cache_clear()
