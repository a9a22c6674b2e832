"""A stored assessment follows from its stored case to the bit: any findings, any process."""

import json
import os
import subprocess
import sys

import pytest
from conftest import BY
from examining import read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.assessment import actions, inference, planning
from clinic.assessment.models import Assessment
from clinic.assessment.places import all_rows
from clinic.assessment.rules import canonical, canonical_json, digest
from clinic.records import actions as records
from myotome.case import parse_case
from myotome.examination import examine

# What can be read, by measure; a pressure under 10 kPa is none that an algometer shows.
CAN_BE = {"grade": (0, 3), "mrc": (0, 5), "reflex": (0, 4), "degrees": (0, 120), "kPa": (10, 900)}
ROWS = [row for row in all_rows().values() if row.key.sign != "posture"]
FOUND = st.dictionaries(
    st.sampled_from(range(len(ROWS))), st.integers(0, 1000), min_size=1, max_size=25
)


def number_of(row, drawn):
    least, most = CAN_BE[row.measure]
    return least + drawn % (most - least + 1)


def store(cast, found):
    visit = records.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY
    )
    readings = [read(ROWS[at].key, number_of(ROWS[at], drawn)) for at, drawn in found.items()]
    actions.record_readings(visit, readings, staff=cast.caring, by=BY)
    made = actions.conclude(
        visit,
        verdict=Assessment.Verdict.NOT_SEEN,
        roots=[],
        reason="",
        words="Kept to be computed again.",
        staff=cast.caring,
        by=BY,
    )
    return Assessment.objects.get(pk=made.pk)  # as the database gives it back


def forget():
    """Nothing that was computed for the first answer helps the second."""
    planning.examined.cache_clear()
    inference._KNOWN.clear()


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(found=FOUND)
def test_whatever_was_found_the_stored_case_gives_the_stored_answer_again(cast, found):
    stored = store(cast, found)
    forget()
    case = parse_case(stored.case)
    assert (canonical(case), case.hash) == (stored.case, stored.case_hash)
    again = canonical_json(examine(case.examination()).to_dict())
    assert again == stored.output
    assert digest(again) == stored.output_hash


@pytest.mark.parametrize("seed", ["1", "4242"])
def test_the_command_line_gives_it_again_from_the_case_file(cast, tmp_path, seed):
    """Another process, another order of hashes, no clinic: the file alone is enough."""
    wanted = ("brachioradialis", "multifidus_cervicalis", "thumb", "biceps_brachii", "soleus")
    chosen = [
        at for at, row in enumerate(ROWS) if row.key.site in wanted and row.key.level in {"", "C6"}
    ]
    stored = store(cast, {at: at for at in chosen})
    file = tmp_path / "case.toml"
    file.write_text(stored.case)
    done = subprocess.run(
        [sys.executable, "-m", "myotome.cli", "examine", str(file), "--json"],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert canonical_json(json.loads(done.stdout)) == stored.output
