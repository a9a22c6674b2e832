"""The form of a case file: a template that says, line by line, what may stand where, and a schema.

Explanations begin with ``# ``; lines that begin with ``#`` alone are examples, and become part
of the case when that sign is taken away.
"""

from __future__ import annotations

from typing import Any, Final

from myotome.case.reading import parse_case
from myotome.case.toml import document_text

_BODY: Final = """
# Leave out what is not known: nothing has to be filled in, and nothing is guessed.

[person]
#age_years = 45
#sex = "female"          # female, male or other
#height_m = 1.70
#mass_kg = 70

[history]
#duration_weeks = 12     # how long it has hurt
#pain_nprs = 6           # 0 none to 10 worst
#activity = "desk work, runs twice a week"

# One [[screen]] for each safety question asked: yes, no or not_asked.
#[[screen]]
#item = "anticoagulant"
#answer = "no"

# One [[finding]] for each sign looked for. grade: 0 absent, 1 slight, 2 clear, 3 marked.
# Not looked at means no finding at all. Weeks count from the first visit.
#[[finding]]
#sign = "tender_motor_point"
#site = "infraspinatus"
#side = "right"
#grade = 2
#week = 0

# Muscles along the spine need the level of the spinous process felt.
#[[finding]]
#sign = "tender_paraspinal"
#site = "multifidus_lumborum"
#level = "L5"
#side = "right"
#grade = 2
#week = 0

# A measurement has a value and its unit, and may be compared with the other side.
# Units: mrc 0 to 5 (strength), reflex 0 to 4, degrees, kPa or kg/cm2 (pressure).
#[[finding]]
#sign = "weakness"
#site = "triceps_brachii"
#side = "right"
#value = 4
#unit = "mrc"
#compared = 5
#week = 0

# Tests of a whole side have no site.
#[[finding]]
#sign = "spurling"
#side = "right"
#grade = 2
#week = 0

# What was done. Kinds: needling, sham, modality, mobilisation, manipulation, stretch, strengthen,
# stabilise, scar, education, exercise, medication, surgery.
#[[treatment]]
#week = 0
#kind = "needling"
#sites = [{ site = "multifidus_lumborum", level = "L5", side = "right" }]
#insertions = 6
#gauge_mm = 0.3
#current = false

#[[treatment]]
#week = 0
#kind = "stretch"
#sites = [{ site = "infraspinatus", side = "right" }]
#hold_s = 30
#repetitions = 3
#per_day = 2
#for_weeks = 12

# What was measured: shown beside a simulation, never used to tune it.
#[[outcome]]
#week = 6
#measure = "nprs"
#value = 2

# What was filled in or read into the source, and why.
#[[assumed]]
#path = "person"
#why = "Height and mass are not stated and are left out."
"""


def new_case_text(case_id: str = "new-case", title: str = "", source: str = "") -> str:
    """The commented text of a new, empty case file.

    Args:
        case_id: Lower-case letters, digits, - and _.
        title: What the case shows.
        source: Where it was published, or who wrote it.

    Raises:
        InputError: The identifier cannot be used.
    """
    header = {
        "format": 1,
        "id": case_id,
        "title": title,
        "source": source,
        "notes": "",
        "concluded": [],
        "basis": "",
    }
    why = (
        '# concluded: the roots that the source found, such as ["C6-right"], and basis how it'
        " found them.\n# Neither is ever shown to the inference.\n"
    )
    text = document_text({"case": header}) + why + _BODY
    parse_case(text)
    return text


def case_schema() -> dict[str, Any]:
    """The form of a case file as JSON Schema: keys, types, bounds and, as `unit`, units.

    Names of anatomy and signs, and what depends on several keys, are checked on reading only.
    """
    from myotome.case.schema import schema_of_case  # noqa: PLC0415 - loads pydantic

    return schema_of_case()
