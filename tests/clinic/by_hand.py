"""A hand that works in the clinic's pages as a practitioner's would: its taps and keys counted."""

import re
from dataclasses import dataclass

from playwright.sync_api import expect

# The keystroke-level model (Card, Moran and Newell 1980): seconds to point at a target and to press
# it, to press a key, and to make up one's mind before each finding.
POINT, PRESS, KEY, MIND = 1.1, 0.2, 0.28, 1.35
# Zone, place (a region's title, or a level and side), readings.
ROUND = [
    (
        "Neck, back",
        "Spinous process C5, right",
        [
            "tender_paraspinal.multifidus_cervicalis.C5.right=2",
            "taut_band.multifidus_cervicalis.C5.right=1",
        ],
    ),
    (
        "Neck, back",
        "Spinous process C6, right",
        [
            "tender_paraspinal.multifidus_cervicalis.C6.right=3",
            "taut_band.multifidus_cervicalis.C6.right=3",
            "tender_paraspinal.semispinalis_cervicis.C6.right=2",
        ],
    ),
    (
        "Neck, back",
        "Spinous process C7, right",
        ["tender_paraspinal.multifidus_cervicalis.C7.right=1"],
    ),
    (
        "Neck, back",
        "Spinous process C6, left",
        [
            "tender_paraspinal.multifidus_cervicalis.C6.left=0",
            "taut_band.multifidus_cervicalis.C6.left=0",
        ],
    ),
    (
        "Neck, back",
        "Back of the neck",
        ["range.neck_rotation_ipsilateral..right=50", "range.neck_rotation_ipsilateral..left=70"],
    ),
    (
        "Forearm, front, right",
        "Radial side of the forearm, right",
        [
            "tender_motor_point.brachioradialis..right=3",
            "taut_band.brachioradialis..right=3",
            "shortened_muscle.brachioradialis..right=2",
            "weakness.brachioradialis..right=4",
            "tender_motor_point.extensor_carpi_radialis_longus..right=3",
            "taut_band.extensor_carpi_radialis_longus..right=2",
            "weakness.extensor_carpi_radialis_longus..right=4",
            "tender_motor_point.extensor_carpi_radialis_brevis..right=2",
            "taut_band.extensor_carpi_radialis_brevis..right=2",
            "reflex.brachioradialis_reflex..right=1",
            "pin_less.forearm_lateral..right=2",
            "trophedema.forearm_lateral..right=1",
            "pressure_pain_threshold.brachioradialis..right=180",
        ],
    ),
    (
        "Upper arm, front, right",
        "Front of the upper arm, right",
        [
            "tender_motor_point.biceps_brachii..right=1",
            "taut_band.biceps_brachii..right=1",
            "weakness.biceps_brachii..right=4",
            "reflex.biceps_reflex..right=1",
        ],
    ),
    (
        "Upper arm, back, right",
        "Back of the upper arm, right",
        [
            "tender_motor_point.triceps_brachii..right=0",
            "taut_band.triceps_brachii..right=0",
            "weakness.triceps_brachii..right=5",
            "reflex.triceps_reflex..right=2",
        ],
    ),
    (
        "Shoulder, back, right",
        "Over the upper shoulder blade, right",
        [
            "tender_motor_point.infraspinatus..right=2",
            "taut_band.infraspinatus..right=2",
            "tender_motor_point.supraspinatus..right=1",
            "taut_band.supraspinatus..right=0",
        ],
    ),
    (
        "Hand, palm, right",
        "Thumb, right",
        ["pin_less.thumb..right=2", "light_touch_less.thumb..right=1"],
    ),
    ("Hand, palm, right", "Index finger, right", ["pin_less.index_finger..right=1"]),
    ("Tests, right side", None, ["spurling...right=2", "upper_limb_tension...right=1"]),
]


@dataclass
class Hand:
    """A hand that taps and types, and counts both."""

    tab: object
    taps: int = 0
    keys: int = 0
    findings: int = 0

    def tap(self, target):
        target.click()
        self.taps += 1

    def type(self, target, text):
        target.click()
        target.press_sequentially(text)
        self.taps += 1
        self.keys += len(text)

    @property
    def seconds(self):
        return self.taps * (POINT + PRESS) + self.keys * KEY + self.findings * MIND


def zone_link(tab, name):
    return tab.locator(f'a.zone[aria-label="{name}"]')


def open_place(hand, zone, place, now):
    """The shortest way from one place to the next; the place that is open now."""
    tab = hand.tab
    if place is None:
        hand.tap(tab.get_by_role("link", name=zone))
        expect(tab.locator("[data-place-title]")).to_contain_text("Tests of the whole side")
    else:
        if now != zone:
            if tab.get_by_role("link", name="Whole body").is_visible():
                hand.tap(tab.get_by_role("link", name="Whole body"))
            hand.tap(zone_link(tab, zone))
            expect(tab.locator("[data-zone-title]")).to_have_text(zone)
        if place.startswith("Spinous"):
            hand.tap(tab.locator(f'.level-touch[aria-label^="{place}"]'))
        else:
            hand.tap(tab.locator(".chips").get_by_role("link", name=re.compile(f"^{place}")))
        expect(tab.locator("[data-place-title]")).to_have_text(place)
    return zone


def read(hand, written):
    """One reading: a tap, or a tap and a number."""
    key, value = written.split("=")
    row = hand.tab.locator(f'.place-part [data-row="{key}"]')
    if not row.is_visible():
        hand.tap(row.locator("xpath=ancestor::details[not(@open)][1]/summary"))
    number = row.locator(f'input[name="f:{key}"]')
    if number.count() == 1:
        hand.type(number, value)
        number.press("Tab")
        hand.keys += 1
    else:
        hand.tap(row.locator(f'input[type=radio][value="{value}"]'))
    hand.findings += 1


def saved(tab, count):
    expect(tab.locator("[data-saved]")).to_contain_text(f"Signs recorded: {count}.")


def examine(tab, places):
    """Find what is told of each place; the hand that did, with what it counted."""
    hand, now, count = Hand(tab), None, 0
    for zone, place, readings in places:
        now = open_place(hand, zone, place, now)
        for written in readings:
            read(hand, written)
        count += len(readings)
        saved(tab, count)
    return hand
