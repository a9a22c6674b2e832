"""The tables' account of themselves agrees with the tables."""

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

import myotome.atlas
from myotome.atlas import atlas

FOLDER = Path(myotome.atlas.__file__).parent / "tables"
ACCOUNT = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())


def test_the_account_counts_the_rows_of_every_table(row_counts):
    told = dict(re.findall(r"\| `(\w+\.csv)` \| (\d+) \|", ACCOUNT))
    assert {name: int(rows) for name, rows in told.items()} == row_counts


def test_the_account_links_to_files_that_exist():
    for name in re.findall(r"\]\(([^)]+)\)", ACCOUNT):
        assert (FOLDER / name).exists()


@pytest.mark.parametrize("told", ["139", "16", "6", "9"])
def test_the_account_counts_muscles_by_basis(told):
    bases = Counter(rows[0].basis for rows in atlas().innervation.values())
    names = {"139": "sources", "16": "segmental_rule", "6": "sources_and_rule", "9": "cranial"}
    assert bases[names[told]] == int(told)
    assert re.search(rf"`{names[told]}` \({told}\b", ACCOUNT)


def test_the_account_counts_what_is_disputed_unknown_and_missing():
    disputed = sum(any(r.disagreement for r in rows) for rows in atlas().innervation.values())
    depths = Counter(row.kind for rows in atlas().depth_limits.values() for row in rows)
    touched = {row.region_id for rows in atlas().nerve_skin.values() for row in rows}
    unnamed = [row for row in atlas().muscles.values() if not row.uberon_id]
    whole = [row for row in chain(*atlas().architecture.values()) if row.tendon_slack_length_m]
    measured = {row.muscle_id for row in whole if row.basis != "scaling_rule"}
    for said in (
        f"for {disputed} of 170 muscles",
        f"{depths['none_known']} say that no depth is known",
        f"{depths['reached_hazard']} give a length",
        f"No nerve is given for {len(set(atlas().skin_regions) - touched)} skin regions",
        f"{len(unnamed)} muscles have no UBERON",
        f"{len({row.muscle_id for row in whole} - measured)} muscles have nothing better",
    ):
        assert said in ACCOUNT
