"""A case goes to a file whole or not at all, and comes back the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.atlas import ROOTS, SIDES, atlas
from myotome.case import (
    KINDS,
    Assumption,
    Case,
    History,
    Outcome,
    Person,
    Treatment,
    case_text,
    parse_case,
    read_case,
    write_case,
)
from myotome.case.case import SEXES, SITES_OF_KIND
from myotome.case.toml import document_text
from myotome.errors import CannotWrite, InputError
from myotome.examination.finding import Finding, finding
from myotome.treatment.rulebook import rulebook
from myotome.treatment.screening import ScreenAnswer
from myotome.units import UNITS

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
some_words = words.filter(str.strip)
names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def names_of(kind: str) -> list[str]:
    tables = {
        "skin": list(atlas().skin_regions),
        "reflex": list(atlas().reflexes),
        "movement": list(atlas().movements),
        "side": [""],
    }
    muscles = [
        name for name in atlas().muscles if atlas().site(name, "left", level(name)).kind == kind
    ]
    return tables.get(kind, muscles)


def level(name: str) -> str:
    return next(iter(atlas().levels_of(name)), "")


@st.composite
def sites(draw, kinds=("muscle", "paraspinal", "skin", "reflex", "movement")):
    name = draw(st.sampled_from(names_of(draw(st.sampled_from(sorted(kinds))))))
    unsided = name in atlas().skin_regions and not atlas().skin_regions[name].sided
    side = draw(st.sampled_from([*SIDES, "midline"] if unsided else SIDES))
    levels = atlas().levels_of(name) if name else ()
    return atlas().site(name, side, draw(st.sampled_from(levels)) if levels else "")


@st.composite
def findings(draw) -> Finding:
    sign = draw(st.sampled_from(list(atlas().signs.values())))
    site = draw(sites(sign.applies_to))
    if sign.measure == "grade" or draw(st.booleans()):
        result = {"grade": draw(st.integers(0, 3)), "compared": draw(maybe(st.integers(0, 3)))}
    else:
        unit = UNITS[sign.measure]
        values = between(unit.low, unit.high)
        result = {"value": draw(values), "unit": unit.symbol, "compared": draw(maybe(values))}
    limits = atlas().movements[site.name].limiting_muscle_ids if sign.sign_id == "range" else ()
    return finding(
        sign.sign_id,
        "" if site.kind == "side" else site.name,
        side=site.side,
        level=site.level,
        limited_by=draw(st.sampled_from(["", *limits])),
        test=draw(words),
        week=draw(between(0, 500)),
        **result,
    )


@st.composite
def treatments(draw) -> Treatment:
    kind = draw(st.sampled_from(list(KINDS)))
    doses = {
        "what": words,
        "sites": st.lists(sites(SITES_OF_KIND.get(kind, ("muscle",))), max_size=3).map(tuple),
        "insertions": maybe(st.integers(1, 60)),
        "gauge_mm": maybe(between(0.1, 1)),
        "depth_mm": maybe(between(1, 150)),
        "current": maybe(st.booleans()),
        "frequency_hz": maybe(between(0.5, 200)),
        "hold_s": maybe(between(1, 3600)),
        "repetitions": maybe(st.integers(1, 1000)),
        "sets": maybe(st.integers(1, 100)),
        "load_percent": maybe(between(0, 100)),
        "minutes": maybe(between(0, 1440)),
        "per_day": maybe(between(0, 100)),
        "per_week": maybe(between(0, 100)),
        "for_weeks": maybe(between(0, 1000)),
    }
    given_doses = {dose: draw(doses[dose]) for dose in KINDS[kind]}
    return Treatment(kind, week=draw(between(0, 500)), notes=draw(words), **given_doses)


cases = st.builds(
    Case,
    id=names,
    title=words,
    source=words,
    notes=words,
    concluded=st.lists(st.sampled_from(ROOTS), max_size=3).map(tuple),
    basis=words,
    person=st.builds(
        Person,
        age_years=maybe(between(0, 120)),
        sex=st.sampled_from(["", *SEXES]),
        height_m=maybe(between(0.4, 2.6)),
        mass_kg=maybe(between(0.5, 650)),
    ),
    history=st.builds(
        History,
        duration_weeks=maybe(between(0, 6000)),
        pain_nprs=maybe(between(0, 10)),
        activity=words,
    ),
    screen=st.lists(
        st.builds(
            ScreenAnswer,
            item=st.sampled_from(list(rulebook().screening_items)),
            answer=st.sampled_from(["yes", "no", "not_asked"]),
            region=st.sampled_from(["", "calf-left", "soleus", "chest"]),
            note=words,
            week=between(0, 500),
        ),
        max_size=3,
    ).map(tuple),
    findings=st.lists(findings(), max_size=5, unique_by=lambda found: found.key).map(tuple),
    treatments=st.lists(treatments(), max_size=3).map(tuple),
    outcomes=st.lists(
        st.builds(
            Outcome,
            measure=st.sampled_from(["nprs", "mrc_soleus_left", "odi_pct"]),
            value=between(0, 5),
            week=between(0, 500),
        ),
        max_size=3,
    ).map(tuple),
    assumed=st.lists(st.builds(Assumption, path=some_words, why=some_words), max_size=3).map(tuple),
)


def test_it_works(text, tmp_path):
    path = tmp_path / "made-up.toml"

    write_case(parse_case(text), path)

    assert read_case(path) == parse_case(text)


@given(cases)
@settings(max_examples=150, deadline=None)
def test_every_case_reads_back_as_itself(case):
    written = case_text(case)

    read = parse_case(written)

    assert read == case
    assert read.hash == case.hash


@given(cases, cases)
@settings(max_examples=60, deadline=None)
def test_a_case_changed_into_any_other_reads_back_as_the_other(first, second):
    commented = "# kept\n" + case_text(first)
    changed = replace(second, text=commented)

    assert parse_case(case_text(changed)) == second


def test_an_unchanged_case_is_written_as_the_very_text_it_came_from(text, tmp_path):
    odd = text.replace("week = 0", "week=0.0 # visit").replace("\n\n", "\n\n\n")
    path = tmp_path / "odd.toml"
    path.write_text(odd, encoding="utf-8", newline="")

    write_case(read_case(path), path)

    assert path.read_text(encoding="utf-8") == odd


def test_a_change_keeps_the_comments_and_touches_nothing_else(text):
    case = parse_case(text)
    changed = replace(case, person=replace(case.person, age_years=46))

    assert case_text(changed) == text.replace("age_years = 45 ", "age_years = 46 ")


def test_an_added_finding_leaves_the_file_as_it_was_around_it(text):
    case = parse_case(text)
    added = finding("pin_less", "thumb", side="right", grade=2)

    written = case_text(replace(case, findings=(*case.findings, added)))

    before, after = text.split("[[treatment]]")
    assert written.startswith(before)
    assert written.endswith(after)
    assert parse_case(written).findings[-1] == added


def test_a_removed_finding_takes_only_itself_away(text):
    case = parse_case(text)

    written = case_text(replace(case, findings=case.findings[1:]))

    assert "infraspinatus" not in written
    assert "# at the first visit" in written
    assert parse_case(written).findings == case.findings[1:]


def test_a_file_whose_sections_are_mixed_is_still_written_rightly(text):
    mixed = text + '\n[[finding]]\nsign = "spurling"\nside = "left"\ngrade = 1\n'
    case = parse_case(mixed)
    changed = replace(case, findings=case.findings[::-1], title="Mixed")

    assert parse_case(case_text(changed)) == changed


def test_a_case_written_anew_can_be_read_by_a_person():
    case = Case(
        id="x",
        notes='said "no"\nthen yes',
        treatments=(
            Treatment(
                "needling",
                sites=(atlas().site("multifidus_lumborum", "left", "L4"),),
                gauge_mm=0.3,
                current=False,
            ),
        ),
    )

    assert case_text(case) == (
        '[case]\nformat = 1\nid = "x"\nnotes = "said \\"no\\"\\nthen yes"\nconcluded = []\n'
        '\n[[treatment]]\nweek = 0\nkind = "needling"\nsites = [\n'
        '  { site = "multifidus_lumborum", level = "L4", side = "left" },\n]\n'
        "gauge_mm = 0.3\ncurrent = false\n"
    )


def test_a_case_that_could_not_be_read_back_is_not_written(tmp_path):
    impossible = Case(id="x", person=Person(height_m=170))

    with pytest.raises(InputError, match=r"Write 1\.70 for 170 cm"):
        write_case(impossible, tmp_path / "x.toml")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_cannot_be_written_as_a_case(tmp_path):
    with pytest.raises(CannotWrite, match="a case must be a file, got a folder"):
        write_case(Case(id="x"), tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(CannotWrite, match=r"there is no folder '.*nowhere'\. Make it first\."):
        write_case(Case(id="x"), tmp_path / "nowhere" / "x.toml")


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(CannotWrite, match="there is no folder"):
        write_case(Case(id="x"), tmp_path / "file" / "x.toml")


@pytest.mark.parametrize("broken", ["os.open", "os.fsync", "pathlib.Path.replace"])
def test_a_failed_write_leaves_what_was_there_and_nothing_beside_it(
    text, tmp_path, monkeypatch, broken
):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(broken, fail)

    with pytest.raises(CannotWrite, match=r"x\.toml: cannot be written: No space left on device"):
        write_case(Case(id="y"), path)

    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_permissions_stay(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.touch(mode=0o640)
    link.symlink_to(real)

    write_case(Case(id="x"), link)

    assert link.is_symlink()
    assert read_case(real).id == "x"
    assert real.stat().st_mode & 0o777 == 0o640


def test_characters_that_are_no_text_are_refused(tmp_path):
    with pytest.raises(CannotWrite, match="not text"):
        write_case(Case(id="x", title="\ud800"), tmp_path / "x.toml")

    assert list(Path(tmp_path).iterdir()) == []


def test_what_is_written_anew_is_the_same_for_every_layout(text):
    case = parse_case(text)

    assert parse_case(document_text(case.to_document())) == case
