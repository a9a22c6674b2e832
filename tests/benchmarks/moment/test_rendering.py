"""Tables, page and picture show the results and nothing else."""

import dataclasses
import re
import socket
import xml.etree.ElementTree as ET
from pathlib import Path

import compare
import page
from picture import drawing
from results import LOOP, REDUCED, read
from table import (
    LOOP_RATIO_HEAD,
    SPEED_HEAD,
    VERDICT_HEAD,
    amount,
    as_markdown,
    as_text,
    loop_ratio_rows,
    speed_rows,
    spike_words,
    verdict_rows,
)

SVG = "{http://www.w3.org/2000/svg}"


def test_the_loop_is_held_against_each_peer_that_was_given_it(results):
    rows = loop_ratio_rows(results)

    assert rows == [
        (REDUCED, "float32", "Brian2", "100", "100", f"{3309 / 3450:.3f}"),
        (LOOP, "float32", "Brian2", "56.2", "62.5", ""),
    ]
    assert all(len(row) == len(LOOP_RATIO_HEAD) for row in rows)


def test_the_page_says_where_no_peer_was_given_a_loop(results):
    alone = dataclasses.replace(results, loops=results.loops[:2])

    assert "No peer was given a loop" in page.text(alone)
    assert "No peer was given a loop" not in page.text(results)


def test_columns_of_numbers_stand_on_the_right():
    lines = as_text(("program", "best"), [("Myotome", "1"), ("N", "1,000")]).splitlines()

    assert lines == ["program   best", "-------  -----", "Myotome      1", "N        1,000"]


def test_a_markdown_table_aligns_what_the_terminal_aligns():
    assert as_markdown(("program", "best"), [("N", "1")]).splitlines() == [
        "| program | best |",
        "| :--- | ---: |",
        "| N | 1 |",
    ]


def test_every_program_and_every_verdict_has_its_row(results):
    speeds, promises = speed_rows(results), verdict_rows(results)

    assert len(speeds) == len(results.timings)
    assert all(len(row) == len(SPEED_HEAD) for row in speeds)
    assert all(len(row) == len(VERDICT_HEAD) for row in promises)
    assert promises[0][1:] == ("100 x", "100 x", "50.0 x", "80.0 x", "aim met")


def test_shares_are_read_as_per_cents():
    assert amount(0.0004, "share") == "0.04 %"
    assert amount(0.978, "share") == "97.8 %"


def test_a_program_with_other_spikes_is_named(results, timing):
    assert "3309 spikes of one pool" in spike_words(results)

    odd = timing([1.0, 1.0], "NEURON", "float64", spikes=3310)
    wrong = dataclasses.replace(results, timings=(*results.timings, odd))

    assert "these differ: NEURON float64: 3310" in spike_words(wrong)


def test_cohorts_that_differ_are_named(results, timing):
    odd = timing([1.0, 1.0], "NEURON", "float64", pools=64, threads=1, spikes=212_000)
    wrong = dataclasses.replace(results, timings=(*results.timings, odd))

    assert "differ in the spikes of the cohort" in spike_words(wrong)


def test_brian2_may_have_spikes_of_its_own(results, timing):
    own = timing([1.0, 1.0], "Brian2", "float64", spikes=3466)
    with_it = dataclasses.replace(results, timings=(*results.timings, own))

    assert spike_words(with_it) == spike_words(results)


def test_the_page_says_who_took_no_part_and_what_is_not_met(results):
    late = dataclasses.replace(results.cold[0], seconds=(9.0,))
    missed = dataclasses.replace(results, cold=(late,), kernel=None)

    text = page.text(missed)

    assert "Other (uninstallable)" in text
    assert "Not met: Fresh process to the first simulated second, Myotome." in text


def test_the_page_says_which_promise_a_slow_turn_of_a_peer_keeps(results, timing):
    slow = timing([3.0, 0.79], "NEURON", "float64")  # 80 times ours are the aim
    others = tuple(
        item for item in results.timings if (item.work.program, item.work.pools) != ("NEURON", 1)
    )

    text = page.text(dataclasses.replace(results, timings=(*others, slow)))

    assert "By the median alone" not in page.text(results)
    assert (
        "By the median alone, since turns of one program differ: One pool, one thread, float32:"
        " times NEURON, 79.0 x by the best."
    ) in text


def test_a_page_of_few_results_has_no_empty_chapter(results):
    bare = dataclasses.replace(results, limit=None, kernel=None, accuracy=(), cold=(), loops=())

    headings = re.findall("^## (.*)$", page.text(bare), re.MULTILINE)

    assert headings == ["Promises", "The problem", "Speeds"]


def test_a_faster_peer_has_a_shorter_bar(results):
    root = ET.fromstring(drawing(results))  # noqa: S314 - drawn a line above

    bars = [r for r in root.iter(f"{SVG}rect") if r.get("class") != "paper"]
    widths = {r.get("class"): float(r.get("width")) for r in bars[:3]}

    assert len(bars) == 12
    assert widths["NEURON"] > widths["CoreNEURON"] == widths["Brian2"]


def test_the_axis_holds_the_longest_bar(results, timing):
    slow = timing([3.0, 3.0], "NEURON", "float64")  # three hundred times slower than ours
    others = tuple(
        item for item in results.timings if (item.work.program, item.work.pools) != ("NEURON", 1)
    )
    root = ET.fromstring(drawing(dataclasses.replace(results, timings=(*others, slow))))  # noqa: S314

    ends = [
        float(r.get("x")) + float(r.get("width"))
        for r in root.iter(f"{SVG}rect")
        if r.get("class") != "paper"
    ]
    last_tick = max(float(line.get("x1")) for line in root.iter(f"{SVG}line"))

    assert max(ends) < last_tick


def test_each_bar_has_a_mark_for_reach_and_one_for_aim(results):
    root = ET.fromstring(drawing(results))  # noqa: S314 - drawn a line above

    marks = [line for line in root.iter(f"{SVG}line") if line.get("class") == "promise"]

    assert len(marks) == 2 * 9
    assert float(marks[0].get("x1")) < float(marks[1].get("x1"))


def test_the_picture_has_words_and_a_dark_setting(results):
    drawn = drawing(results)

    assert "<title" in drawn
    assert "prefers-color-scheme: dark" in drawn


def test_the_printed_page_is_that_of_the_stored_results():
    stored = read(page.STORED)

    assert (page.REFERENCE / "speed.md").read_text(encoding="utf-8") == page.text(stored)
    assert (page.REFERENCE / "speed.svg").read_text(encoding="utf-8") == drawing(stored)


def test_the_machine_is_told_in_general_words():
    told = " ".join(compare.described_machine().values()).lower()

    assert "processor" in compare.described_machine()
    assert socket.gethostname().lower() not in told
    assert str(Path.home()).lower() not in told
