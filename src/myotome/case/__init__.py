"""Case: one person's case as a file; reads it, checks it and writes it back without loss.

It receives a TOML file and gives an immutable `Case`: person, history, screening answers,
findings, treatments, outcomes, and what was assumed. Examination, plan, simulation and report
start from it; the clinic exports it. Every error names the file, the place in it, and how to
mend it; several errors come together.
"""

from myotome.case.case import (
    FORMAT,
    KINDS,
    SECTIONS,
    Assumption,
    Case,
    History,
    Outcome,
    Person,
    Treatment,
)
from myotome.case.checking import Remark, check_case
from myotome.case.problems import CaseErrors
from myotome.case.reading import SIZE_LIMIT_BYTES, parse_case, read_case
from myotome.case.template import case_schema, new_case_text
from myotome.case.writing import case_text, write_case, write_text

__all__ = [
    "FORMAT",
    "KINDS",
    "SECTIONS",
    "SIZE_LIMIT_BYTES",
    "Assumption",
    "Case",
    "CaseErrors",
    "History",
    "Outcome",
    "Person",
    "Remark",
    "Treatment",
    "case_schema",
    "case_text",
    "check_case",
    "new_case_text",
    "parse_case",
    "read_case",
    "write_case",
    "write_text",
]
