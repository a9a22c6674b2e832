"""A wrong case gives the promised sentence, with its file, its place and the remedy."""

import os

import pytest

from myotome.case import CaseErrors, parse_case, read_case
from myotome.errors import InputError, UnknownName

MUSCLE = 'site = "infraspinatus"'

# What is replaced in the case, by what, the place named, and the sentence promised.
REFUSALS = {
    "an unknown muscle": (
        MUSCLE,
        'site = "infraspinatis"',
        "finding[1].site",
        (
            "No muscle, skin region, reflex or movement 'infraspinatis'."
            " Nearest: infraspinatus, supraspinatus"
        ),
    ),
    "an unknown sign": (
        'sign = "tender_motor_point"',
        'sign = "tender_point"',
        "finding[1].sign",
        "No sign 'tender_point'. Nearest: tender_motor_point",
    ),
    "a sign where it cannot be": (
        MUSCLE,
        'site = "thumb"',
        "finding[1].site",
        "tender_motor_point must be recorded at a muscle; thumb is a skin region.",
    ),
    "a paraspinal muscle without level": (
        'sign = "tender_motor_point"\nsite = "infraspinatus"',
        'sign = "tender_paraspinal"\nsite = "multifidus_lumborum"',
        "finding[1].level",
        (
            "multifidus_lumborum needs a level, the spinous process felt: L1, L2, L3, L4, L5,"
            " sacrum; got nothing."
        ),
    ),
    "a missing side": (
        'side = "right"\ngrade = 2\n',
        "grade = 2\n",
        "finding[1].side",
        "side of infraspinatus must be left or right, got nothing.",
    ),
    "a grade out of range": (
        "grade = 2",
        "grade = 4",
        "finding[1].grade",
        "grade must be 0 absent, 1 slight, 2 clear or 3 marked, got 4.",
    ),
    "a grade between grades": (
        "grade = 2",
        "grade = 1.5",
        "finding[1].grade",
        "grade must be a whole number from 0 to 3, got 1.5.",
    ),
    "a grade that is a claim": (
        "grade = 2",
        "grade = true",
        "finding[1].grade",
        "grade must be a whole number from 0 to 3, got true.",
    ),
    "neither grade nor value": (
        "grade = 2\n",
        "",
        "finding[1].grade",
        "a finding needs a grade or a value, got neither.",
    ),
    "a value out of range": (
        "value = 4",
        "value = 6",
        "finding[2].value",
        (
            "value must lie between 0 and 5 mrc (strength on the Medical Research Council scale),"
            " got 6."
        ),
    ),
    "a value without unit": (
        'unit = "mrc"\n',
        "",
        "finding[2].unit",
        "value needs its unit: mrc, got 4 without one.",
    ),
    "a value that is no number": (
        "value = 4",
        'value = "4"',
        "finding[2].value",
        "value must be a number, got '4'.",
    ),
    "a value that is not finite": (
        "value = 4",
        "value = nan",
        "finding[2].value",
        "value must be a finite number, got nan.",
    ),
    "a unit beside a grade": (
        "grade = 2",
        'grade = 2\nunit = "mrc"',
        "finding[1].unit",
        "unit belongs to a value, got 'mrc' with a grade.",
    ),
    "a comparison that is no grade": (
        "grade = 2",
        "grade = 2\ncompared = 5",
        "finding[1].compared",
        "compared must be a grade from 0 to 3 beside a grade, got 5.",
    ),
    "a newer format": (
        "format = 1",
        "format = 2",
        "case.format",
        (
            "format must be 1, got 2, which is newer than this version of Myotome reads."
            " Update Myotome to read the file."
        ),
    ),
    "an impossible format": (
        "format = 1",
        'format = "one"',
        "case.format",
        "format must be 1, got 'one'. Write format = 1.",
    ),
    "a missing format": (
        "format = 1\n",
        "",
        "case.format",
        "format must be 1, got nothing. Begin the file with [case] and format = 1.",
    ),
    "a missing id": (
        'id = "made-up"\n',
        "",
        "case.id",
        "id must be a short name for the case, got nothing.",
    ),
    "an id with blanks": (
        'id = "made-up"',
        'id = "Made up"',
        "case.id",
        "id must be lower-case letters, digits, - and _, at most 80 of them, got 'Made up'.",
    ),
    "a root that is none": (
        'source = "These tests"',
        'source = "x"\nconcluded = ["C9-left"]',
        "case.concluded[1]",
        (
            "root must be a spinal segment (C1 to C8, T1 to T12, L1 to L5, S1 to S5, Co1) and a"
            " side, such as C6-right, got 'C9-left'."
        ),
    ),
    "centimetres for metres": (
        "height_m = 1.70",
        "height_m = 170",
        "person.height_m",
        "height_m must lie between 0.4 and 2.6 (m), got 170. Write 1.70 for 170 cm.",
    ),
    "an age beyond age": (
        "age_years = 45",
        "age_years = 145",
        "person.age_years",
        "age_years must lie between 0 and 120 (years), got 145.",
    ),
    "a negative week": (
        "grade = 2\nweek = 0",
        "grade = 2\nweek = -1",
        "finding[1].week",
        (
            "week must be 0 or later, got -1. Weeks count from the first visit; what was before it"
            " belongs to [history]."
        ),
    ),
    "a negative week of treatment": (
        "week = 1\nkind",
        "week = -0.5\nkind",
        "treatment[1].week",
        "week must be 0 or later, got -0.5.",
    ),
    "an unknown key": (
        "grade = 2",
        "gradee = 2\ngrade = 2",
        "finding[1].gradee",
        "No key 'gradee'. Nearest: grade. Keys here: sign, site, level, side, grade",
    ),
    "an unknown section": (
        "[person]",
        "[persons]",
        "persons",
        "No section 'persons'. Nearest: person",
    ),
    "a section written once": (
        "[[outcome]]",
        "[outcome]",
        "outcome",
        "outcome must be a list of tables, got a table. Write [[outcome]].",
    ),
    "a section written as a list": (
        "[person]",
        "[[person]]",
        "person",
        "person must be one table, got a list. Write [person].",
    ),
    "an unknown kind of treatment": (
        'kind = "needling"',
        'kind = "kneedling"',
        "treatment[1].kind",
        "No kind of treatment 'kneedling'. Nearest: needling. Kinds: needling, sham",
    ),
    "a dose of another kind": (
        "gauge_mm = 0.3",
        "hold_s = 30",
        "treatment[1].hold_s",
        "hold_s belongs to stretch, strengthen, stabilise, got it with needling.",
    ),
    "a needle as thick as it is long": (
        "gauge_mm = 0.3",
        "gauge_mm = 30",
        "treatment[1].gauge_mm",
        "gauge_mm must lie between 0.1 and 1 (mm), got 30.",
    ),
    "a needled level that is none": (
        'level = "L5"',
        'level = "L7"',
        "treatment[1].sites[1].level",
        (
            "multifidus_lumborum needs a level, the spinous process felt: L1, L2, L3, L4, L5,"
            " sacrum; got 'L7'."
        ),
    ),
    "a needled muscle that is none": (
        '"multifidus_lumborum", level = "L5"',
        '"multifidus_lumbar"',
        "treatment[1].sites[1].site",
        (
            "No muscle, skin region, reflex or movement 'multifidus_lumbar'. Nearest:"
            " multifidus_lumborum"
        ),
    ),
    "needled skin": (
        '"multifidus_lumborum", level = "L5"',
        '"calf"',
        "treatment[1].sites[1].site",
        "needling must be done at a muscle; calf is a skin region.",
    ),
    "a key of a site that is none": (
        'level = "L5"',
        'level = "L5", levels = 2',
        "treatment[1].sites[1].levels",
        "No key 'levels'. Nearest: level",
    ),
    "current in words": (
        "gauge_mm = 0.3",
        'current = "yes"',
        "treatment[1].current",
        "current must be true or false, got 'yes'.",
    ),
    "more pain than there is": (
        "value = 2\n",
        "value = 20\n",
        "outcome[1].value",
        "value must lie between 0 and 10, got 20.",
    ),
    "an outcome in words": (
        "value = 2\n",
        'value = "2"\n',
        "outcome[1].value",
        "value must be a number, got '2'.",
    ),
    "a format that is a claim": (
        "format = 1",
        "format = true",
        "case.format",
        "format must be 1, got true. Write format = 1.",
    ),
    "half a set": (
        "gauge_mm = 0.3",
        "insertions = 2.5",
        "treatment[1].insertions",
        "insertions must be a whole number from 1 to 60, got 2.5.",
    ),
    "a sex that is none": (
        "age_years = 45",
        'sex = "f"',
        "person.sex",
        "sex must be female or male or other, got 'f'.",
    ),
    "a blank sign": (
        'sign = "tender_motor_point"',
        'sign = " "',
        "finding[1].sign",
        "sign must be a sign of the atlas, got nothing.",
    ),
    "sites without their list": (
        'sites = [{ site = "multifidus_lumborum", level = "L5", side = "right" }]',
        'sites = "multifidus"',
        "treatment[1].sites",
        (
            "sites must be a list, got 'multifidus'. Write"
            ' [{ site = "trapezius_descendens", side = "right" }].'
        ),
    ),
    "a site that is no table": (
        'sites = [{ site = "multifidus_lumborum", level = "L5", side = "right" }]',
        'sites = ["multifidus"]',
        "treatment[1].sites[1]",
        "a site must be a table, got 'multifidus'. Write",
    ),
    "a root that is no text": (
        'source = "These tests"',
        "concluded = [6]",
        "case.concluded[1]",
        'a root must be text in quotes, got 6. Write ["C6-right"].',
    ),
    "a week beyond any treatment": (
        "week = 6",
        "week = 60000",
        "outcome[1].week",
        "week must lie between 0 and 10000 (weeks), got 60000.",
    ),
    "a grade too large to print": (
        "grade = 2",
        f"grade = 0x{'f' * 4000}",
        "finding[1].grade",
        "grade must be 0 absent, 1 slight, 2 clear or 3 marked, got a very large number.",
    ),
    "an outcome without value": (
        "value = 2\n",
        "",
        "outcome[1].value",
        "value must be a number, the nprs, got nothing.",
    ),
    "strength of a muscle that is none": (
        'measure = "nprs"',
        'measure = "mrc_tricep_brachii_left"',
        "outcome[1].measure",
        "No muscle 'tricep_brachii'. Nearest: triceps_brachii",
    ),
    "an answer that is none": (
        "[[outcome]]",
        '[[screen]]\nitem = "anticoagulant"\nanswer = "maybe"\n[[outcome]]',
        "screen[1].answer",
        "answer must be yes or no or not_asked, got 'maybe'.",
    ),
    "a screening item that is none": (
        "[[outcome]]",
        '[[screen]]\nitem = "anticoagulants"\nanswer = "no"\n[[outcome]]',
        "screen[1].item",
        "No screening item 'anticoagulants'. Nearest: anticoagulant",
    ),
    "a region that is none": (
        "[[outcome]]",
        '[[screen]]\nitem = "skin_infection"\nanswer = "yes"\nregion = "kalf"\n[[outcome]]',
        "screen[1].region",
        "No muscle, muscle region or body region 'kalf'. Nearest: calf",
    ),
    "an assumption without reason": (
        "[[outcome]]",
        '[[assumed]]\npath = "person"\n[[outcome]]',
        "assumed[1].why",
        "why must be the reason, got nothing.",
    ),
    "a title that is a number": (
        'title = "Made up"',
        "title = 7",
        "case.title",
        "title must be text in quotes, got 7.",
    ),
}


@pytest.mark.parametrize("wrong", REFUSALS)
def test_it_refuses(refused, wrong):
    old, new, place, sentence = REFUSALS[wrong]

    error = refused(old, new)

    assert not isinstance(error, CaseErrors), str(error)
    assert error.place == place
    assert error.file == "made-up.toml"
    assert sentence in error.message
    assert str(error).startswith(f"made-up.toml: {place}: ")


def test_it_refuses_the_same_finding_with_two_grades(text):
    text += '[[finding]]\nsign = "tender_motor_point"\nsite = "infraspinatus"\nside = "right"\n'

    with pytest.raises(InputError) as caught:
        parse_case(text + "grade = 3")

    assert caught.value.place == "finding[3]"
    assert caught.value.message == (
        "tender_motor_point at Infraspinatus, right in week 0 is given twice with different"
        " results (grade 2 and grade 3). Keep the one that holds."
    )


def test_the_nearest_names_come_with_the_error(refused):
    error = refused(MUSCLE, 'site = "infraspinatis"')

    assert isinstance(error, UnknownName)
    assert error.nearest[0] == "infraspinatus"


def test_several_problems_come_together_one_a_line(text):
    spoilt = text.replace("1.70", "170").replace("grade = 2", "grade = 4").replace('"mrc"', '"mc"')

    with pytest.raises(CaseErrors) as caught:
        parse_case(spoilt, "made-up.toml")

    assert str(caught.value).splitlines() == [
        (
            "made-up.toml: person.height_m: height_m must lie between 0.4 and 2.6 (m), got 170."
            " Write 1.70 for 170 cm."
        ),
        (
            "made-up.toml: finding[1].grade: grade must be 0 absent, 1 slight, 2 clear or 3 marked,"
            " got 4."
        ),
        "made-up.toml: finding[2].unit: unit must be mrc, got 'mc'.",
    ]


def test_everything_wrong_with_one_treatment_comes_together(refused):
    error = refused(
        'level = "L5", side = "right" }]', 'level = "L5", side = "right" }]\nsets = 3\nhold_s = 30'
    )

    assert [problem.place for problem in error.problems] == [
        "treatment[1].hold_s",
        "treatment[1].sets",
    ]


def test_a_newer_format_is_refused_before_anything_else(text):
    with pytest.raises(InputError, match="newer") as caught:
        parse_case(text.replace("format = 1", "format = 2").replace("1.70", "170"))

    assert not isinstance(caught.value, CaseErrors)


def test_a_flood_of_problems_stops_soon(text):
    flood = '[[finding]]\nsign = "tendr_motor_pont"\n' * 5000

    with pytest.raises(CaseErrors, match="Stopped after 40 problems; there may be more") as caught:
        parse_case(text + flood)

    assert len(caught.value.problems) == 40


def test_a_line_that_is_no_toml_is_shown_with_its_number(text):
    with pytest.raises(InputError) as caught:
        parse_case(text.replace("grade = 2", "grade 2"), "made-up.toml")

    assert caught.value.place == "line 16"
    assert "the line must be TOML, got 'grade 2'" in caught.value.message
    assert caught.value.message.endswith("Write name = value, text in quotes.")


@pytest.mark.parametrize(
    "text",
    ['x = "open', "x = [1,\n\n\n", "x = 1\nx = 2", "x = " + "[" * 20_000, "x = " + "9" * 5000],
    ids=["open text", "open list", "twice", "deep", "long number"],
)
def test_text_that_is_no_toml_is_an_input_error(text):
    with pytest.raises(InputError, match="must be TOML"):
        parse_case(text)


@pytest.mark.parametrize("number", ["0x" + "f" * 4000, "1e400", "-inf", "2024-05-01"])
def test_a_number_that_is_none_is_an_input_error(refused, number):
    error = refused("age_years = 45", f"age_years = {number}")

    assert error.place == "person.age_years"


def test_a_missing_file_offers_its_neighbours(tmp_path):
    (tmp_path / "fessler-c6-left.toml").touch()
    path = tmp_path / "fesler-c6-left.toml"

    with pytest.raises(InputError) as caught:
        read_case(path)

    assert str(caught.value) == (
        f"{path}: there is no such file. Nearest in that folder: fessler-c6-left.toml."
        " Check the path."
    )


def test_a_folder_is_no_case(tmp_path):
    (tmp_path / "a.toml").touch()

    with pytest.raises(InputError) as caught:
        read_case(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path}: a case must be a file, got a folder. Name a file in it, such as a.toml."
    )


def test_a_device_is_not_opened():
    with pytest.raises(InputError, match="must be an ordinary file, got a device or pipe"):
        read_case(os.devnull)


@pytest.mark.parametrize("name", ["nothing\0here.toml", "x" * 5000])
def test_a_name_that_no_file_can_have_is_an_input_error(name):
    with pytest.raises(InputError, match=r"case file cannot be read|no such file"):
        read_case(name)


def test_a_file_that_may_not_be_read_is_an_input_error(tmp_path, monkeypatch, text):
    path = tmp_path / "closed.toml"
    path.write_text(text, encoding="utf-8")

    def closed(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", closed)

    with pytest.raises(InputError, match="the case file cannot be read: Permission denied"):
        read_case(path)


def test_a_large_file_is_refused_without_reading_it(tmp_path, monkeypatch):
    path = tmp_path / "large.toml"
    with path.open("wb") as large:
        large.truncate(10_000_000)
    monkeypatch.setattr("pathlib.Path.open", lambda *_: pytest.fail("it was opened"))

    with pytest.raises(InputError) as caught:
        read_case(path)

    assert str(caught.value) == (
        f"{path}: a case file must be at most 1 MB, got 10.0 MB. It was not read."
        " Is it another file?"
    )


def test_other_encodings_are_refused_with_the_place(tmp_path, text):
    path = tmp_path / "latin.toml"
    path.write_bytes(text.replace("Made up", "Fait à la main").encode("latin-1"))

    with pytest.raises(InputError) as caught:
        read_case(path)

    offset = path.read_bytes().index(b"\xe0")
    assert caught.value.place == "line 5"
    assert caught.value.message == (
        f"the file must be UTF-8 text, got byte 0xe0 at offset {offset}. Save it as UTF-8."
    )
