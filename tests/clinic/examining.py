"""Readings of a neck and an arm, and short ways to the pages of an examination."""

from django.urls import reverse

from clinic.assessment.places import Key, all_rows, home_of
from clinic.assessment.rules import reading
from clinic.audit.actor import system
from clinic.records.models import SheetDraft
from clinic.records.screening import actions as screening
from clinic.records.sheets import actions as sheets
from myotome.treatment import rulebook

TENDER_C6 = Key("tender_paraspinal", "multifidus_cervicalis", "C6", "right")
BAND = Key("taut_band", "brachioradialis", "", "right")
BICEPS = Key("weakness", "biceps_brachii", "", "right")
REFLEX = Key("reflex", "brachioradialis_reflex", "", "right")
PIN = Key("pin_less", "thumb", "", "right")


def address(name, of, /, **more):
    return reverse(f"assessment:{name}", kwargs={"key": of.patient_id, "visit": of.pk, **more})


def tap(client, visit, key, value, revision=0, **more):
    """One tap, as the page's script sends it."""
    return client.post(
        address("taps", visit),
        {f"f:{key}": value, f"r:{key}": revision, "at": home_of(key).number, **more},
        headers={"accept": "application/json"},
    )


def read(key, number, revision=0, **more):
    return reading(key, revision, number, **more)


def forty():
    """Forty readings of a neck and an arm, as one visit may have them."""
    keys = [
        key
        for key, row in all_rows().items()
        if row.measure == "grade"
        and key.side == "right"
        and key.sign in {"tender_motor_point", "taut_band", "tender_paraspinal", "pin_less"}
        and (key.level in {"", "C4", "C5", "C6", "C7", "T1"})
        and key.site
        in {
            "brachioradialis",
            "biceps_brachii",
            "triceps_brachii",
            "infraspinatus",
            "supraspinatus",
            "extensor_carpi_radialis_longus",
            "extensor_digitorum",
            "pronator_teres",
            "levator_scapulae",
            "deltoideus_acromialis",
            "multifidus_cervicalis",
            "semispinalis_cervicis",
            "thumb",
            "index_finger",
            "forearm_lateral",
            "arm_lateral",
        }
    ]
    return keys[:40]


def sign_screening(visit, staff, answers=()):
    """Sign a screening by the acts of its own pages; signed already, it is corrected."""
    raw = {name: ["no"] for name in rulebook().screening_items}
    for name in rulebook().screening_items:
        raw[f"{name}.part"], raw[f"{name}.side"] = [], []
    for one in answers:
        raw[one.item] = [one.answer]
        if one.region:
            part, _, side = one.region.partition("-")
            raw[f"{one.item}.part"], raw[f"{one.item}.side"] = [part], [side]
    writer = screening.writer_of(staff, system("tests"))
    sheet = screening.ask(visit, writer)
    revision = SheetDraft.objects.get(sheet=sheet).revision
    kept = {key: value for key, value in raw.items() if value or sheet.submissions.exists()}
    revision = sheets.save_sheet(sheet, kept, writer, based_on=revision)
    again = "asked again" if sheet.submissions.exists() else ""
    return sheets.send_sheet(sheet, writer, based_on=revision, reason=again)
