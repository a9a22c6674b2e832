"""Body outlines: draws the one human figure of the project and writes it as a table of SVG paths.

`python tools/draw_body_outlines.py` rewrites `src/myotome/atlas/tables/body_outlines.csv`.

The figure is drawn as half a body, as points `(d, y)`: `d` is the distance from the midline and
`y` runs from the top of the head (8) to the toes (437), so that a standing adult is 7.5 heads
high. A *line* is a smooth curve through points; a point with a name is a landmark, and lines meet
only in landmarks. A *region* is a loop of landmarks: from one to the next it follows the line that
has both. Neighbouring regions therefore follow the same piece of the same line, and no gap or
overlap can arise between them. Both halves of the body are the same drawing, mirrored.

Front and back share the silhouette. On the front the person's right lies on the viewer's left, on
the back on the viewer's right. The feet point down and forward, so that the front shows the top
of the foot and the back its sole. A lens is a part of the same drawing, enlarged.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

TABLES = Path(__file__).resolve().parent.parent / "src" / "myotome" / "atlas" / "tables"

Point = tuple[float, float]
Knot = str | tuple[float, float] | tuple[str, float, float]
Piece = tuple[Point, Point, Point, Point]  # one cubic Bézier piece

# --- Limbs: their own axes, so that a width is a number beside the bone ----------------------


def beside(start: Point, end: Point) -> Callable[[float, float], Point]:
    """Coordinates along an axis: how far from its start, and how far to the outer side."""
    length = math.dist(start, end)
    along_d, along_y = (end[0] - start[0]) / length, (end[1] - start[1]) / length

    def place(along: float, outward: float) -> Point:
        return (
            start[0] + along * along_d + outward * along_y,
            start[1] + along * along_y - outward * along_d,
        )

    return place


SHOULDER, ELBOW, WRIST, FINGERTIP = (42.5, 92.0), (60.0, 168.5), (75.0, 228.5), (81.0, 274.5)
arm = beside(SHOULDER, ELBOW)
forearm = beside(ELBOW, WRIST)
hand = beside(WRIST, FINGERTIP)

# --- The silhouette, from the top of the head round the arm and the leg to the crotch ---------

HEAD_AND_NECK: list[Knot] = [
    ("vertex", 0, 8),
    (7.6, 9.1),
    ("crown_side", 14.3, 13.8),
    (17.7, 20.5),
    (18.9, 27.5),
    ("ear_top", 18.6, 33.8),
    (20.3, 32.5),
    (22.0, 34.0),
    (21.8, 39.0),
    (20.2, 44.2),
    ("ear_bottom", 18.0, 46.2),
    (16.8, 52.2),
    ("jaw_neck", 13.2, 58.4),
    (12.6, 63.5),
    (13.3, 68.8),
    ("neck_base", 17.0, 73.6),
    (23.0, 77.0),
    ("trapezius_mid", 30.0, 79.7),
    (37.5, 81.8),
    (44.5, 84.2),
    ("deltoid_top", 50.6, 89.6),
]
OUTER_ARM: list[Knot] = [
    (54.6, 97.5),
    (56.6, 107.5),
    ("deltoid_low", *arm(31.0, 9.3)),
    arm(46.0, 9.0),
    arm(60.0, 8.4),
    ("crease_top_out", *arm(70.0, 8.6)),
    ("elbow_out", *forearm(-1.0, 9.4)),
    ("crease_low_out", *forearm(9.5, 10.4)),
    forearm(20.0, 10.2),
    forearm(34.0, 8.6),
    forearm(48.0, 6.9),
    ("wrist_out", *forearm(60.5, 6.3)),
]
HAND: list[Knot] = [
    hand(4.0, 7.7),
    ("thumb_root", *hand(8.6, 10.2)),
    hand(13.2, 13.3),
    hand(18.2, 15.9),
    hand(23.2, 18.4),
    hand(26.6, 18.9),
    hand(27.3, 16.9),
    hand(24.2, 14.2),
    hand(20.2, 11.8),
    ("thumb_web", *hand(16.6, 10.3)),
    ("index_base", *hand(22.4, 10.1)),
    hand(31.0, 10.6),
    hand(38.0, 10.7),
    hand(42.2, 10.2),
    hand(43.9, 8.6),
    hand(42.2, 6.9),
    hand(36.0, 6.3),
    ("web_index", *hand(25.2, 5.2)),
    hand(34.0, 5.3),
    hand(41.0, 5.1),
    hand(45.2, 4.4),
    hand(46.8, 2.7),
    hand(45.2, 0.9),
    hand(38.0, 0.6),
    ("web_middle", *hand(25.6, 0.1)),
    hand(35.0, -0.6),
    hand(42.2, -1.5),
    hand(43.8, -3.3),
    hand(42.2, -5.1),
    hand(35.0, -5.2),
    ("web_ring", *hand(24.4, -4.9)),
    hand(30.0, -6.4),
    hand(35.0, -7.6),
    hand(36.6, -9.2),
    hand(35.2, -11.0),
    hand(29.0, -10.8),
    ("little_base", *hand(20.6, -9.8)),
    hand(12.0, -9.4),
    hand(5.0, -8.1),
]
INNER_ARM: list[Knot] = [
    ("wrist_in", *forearm(60.5, -6.3)),
    forearm(48.0, -6.9),
    forearm(34.0, -8.4),
    forearm(20.0, -9.5),
    ("crease_low_in", *forearm(9.5, -9.6)),
    ("elbow_in", *forearm(-1.0, -9.0)),
    ("crease_top_in", *arm(70.0, -8.0)),
    arm(56.0, -8.1),
    arm(43.0, -8.4),
    ("arm_in_high", *arm(33.0, -8.4)),
    ("axilla", 38.9, 115.5),
]
FLANK: list[Knot] = [
    ("flank_axilla", 38.6, 125.5),
    ("flank_fifth", 37.6, 134.5),
    ("flank_xiphoid", 36.0, 145.0),
    ("flank_quarter", 34.5, 153.5),
    ("flank_half", 33.4, 161.5),
    ("flank_three_quarter", 33.1, 169.5),
    ("flank_umbilicus", 34.2, 180.5),
    ("flank_crest", 36.7, 190.5),
    ("flank_hip", 39.4, 200.5),
    (41.6, 212.0),
    ("hip_low", 42.3, 227.0),
]
OUTER_LEG: list[Knot] = [
    (41.4, 244.0),
    (38.6, 264.0),
    (35.0, 284.0),
    (31.8, 299.0),
    (31.0, 309.5),
    ("knee_out", 29.6, 320.5),
    (31.1, 333.0),
    (31.9, 345.5),
    (30.3, 362.0),
    (26.8, 380.0),
    ("ankle_top_out", 24.5, 393.5),
    (25.6, 402.0),
    ("ankle_low_out", 26.9, 409.0),
    ("heel_out", 29.4, 415.5),
    (31.8, 420.3),
]
FOOT: list[Knot] = [
    ("little_toe_base", 33.4, 424.6),
    (34.4, 428.0),
    (33.0, 430.6),
    (31.4, 429.8),
    ("web_toe_4", 29.8, 428.2),
    (30.0, 431.0),
    (28.7, 433.5),
    (27.2, 432.3),
    ("web_toe_3", 25.9, 430.4),
    (25.9, 433.0),
    (24.5, 435.5),
    (23.0, 434.1),
    ("web_toe_2", 21.8, 431.7),
    (21.5, 434.4),
    (20.2, 436.8),
    (18.7, 435.2),
    ("web_toe_1", 17.5, 431.7),
    (17.0, 434.2),
    (15.4, 437.3),
    (12.0, 436.9),
    (9.9, 432.6),
    ("hallux_base", 9.3, 426.0),
]
INNER_LEG: list[Knot] = [
    (10.4, 420.6),
    ("heel_in", 11.2, 415.0),
    ("ankle_low_in", 10.6, 408.5),
    (10.0, 401.5),
    ("ankle_top_in", 11.7, 392.5),
    (9.9, 378.0),
    (6.6, 361.0),
    (5.4, 346.5),
    (7.0, 333.0),
    ("knee_in", 9.0, 320.5),
    (8.0, 310.0),
    ("knee_top_in", 6.9, 298.0),
    (5.2, 281.0),
    ("thigh_in_mid", 3.3, 263.0),
    (1.9, 250.0),
    ("thigh_in_high", 1.0, 240.5),
    (0.7, 235.6),
    ("crotch", 0, 234),
]
SILHOUETTE: list[Knot] = [
    *HEAD_AND_NECK,
    *OUTER_ARM,
    *HAND,
    *INNER_ARM,
    *FLANK,
    *OUTER_LEG,
    *FOOT,
    *INNER_LEG,
]

# Landmarks in which a line turns sharply instead of running through.
CORNERS = frozenset(
    [
        "ear_top",
        "ear_bottom",
        "jaw_neck",
        "thumb_web",
        "web_index",
        "web_middle",
        "web_ring",
        "axilla",
        "web_toe_4",
        "web_toe_3",
        "web_toe_2",
        "web_toe_1",
        "inguinal_pubis",
        "perianal_top",
    ]
)

# --- Lines inside the silhouette ---------------------------------------------------------------

# The wrist and the roots of fingers and toes are the same seen from both sides.
SHARED_LINES: dict[str, list[Knot]] = {
    "wrist": [
        "wrist_out",
        ("wrist_radial", *hand(-1.0, 2.5)),
        ("wrist_mid", *hand(-0.5, 0.0)),
        ("wrist_ulnar", *hand(-0.1, -2.6)),
        "wrist_in",
    ],
    "thumb_root": ["thumb_root", hand(12.6, 8.8), "thumb_web"],
    "index_root": ["index_base", hand(24.2, 7.8), "web_index"],
    "middle_root": ["web_index", hand(25.9, 2.7), "web_middle"],
    "ring_root": ["web_middle", hand(25.5, -2.4), "web_ring"],
    "little_root": ["web_ring", hand(22.9, -7.4), "little_base"],
    "palm_radial": ["wrist_radial", hand(12.0, 3.4), "web_index"],
    "palm_ulnar": ["wrist_ulnar", hand(12.0, -1.9), "web_middle"],
    "toe_roots": [
        "little_toe_base",
        (31.6, 426.9),
        "web_toe_4",
        ("toe_root_mid", 25.4, 429.0),
        (21.4, 430.2),
        "web_toe_1",
        (13.4, 428.6),
        "hallux_base",
    ],
}

FRONT_LINES: dict[str, list[Knot]] = {
    "midline": [
        "vertex",
        ("hairline", 0, 18.0),
        ("glabella", 0, 32.0),
        ("chin", 0, 64.4),
        ("mid_neck", 0, 78.4),
        ("notch", 0, 86.0),
        ("mid_infraclavicular", 0, 104.0),
        ("mid_third", 0, 115.5),
        ("mid_nipple", 0, 129.0),
        ("mid_fifth", 0, 140.0),
        ("mid_xiphoid", 0, 150.5),
        ("mid_quarter", 0, 159.0),
        ("mid_half", 0, 167.5),
        ("mid_three_quarter", 0, 176.0),
        ("mid_umbilicus", 0, 187.0),
        ("mid_lower", 0, 206.0),
        ("mid_pubis", 0, 219.5),
        "crotch",
    ],
    # face
    "hairline": ["hairline", (6.0, 17.4), ("hair_corner", 11.0, 15.8), "crown_side"],
    "temple_front": ["hair_corner", (12.6, 22.0), ("brow_end", 13.0, 30.6)],
    "brow": ["glabella", (5.0, 30.2), (9.5, 29.4), "brow_end"],
    "zygoma": ["brow_end", (16.0, 33.4), "ear_top"],
    "ear_front": ["ear_top", (17.4, 40.0), "ear_bottom"],
    "jaw_ramus": ["ear_bottom", (13.2, 48.0), (9.6, 53.4), ("jaw_mid", 7.4, 62.8)],
    "jaw": ["jaw_neck", (10.8, 60.9), "jaw_mid", (3.6, 64.2), "chin"],
    # neck and shoulder
    "sternomastoid": [
        "jaw_mid",
        (7.0, 69.0),
        ("sternomastoid_low", 5.4, 77.0),
        ("clavicle_head", 3.4, 84.6),
    ],
    "neck_root": ["sternomastoid_low", (11.0, 75.2), "neck_base"],
    "neck_cut": ["mid_neck", "sternomastoid_low"],
    "clavicle": [
        "notch",
        "clavicle_head",
        (11.0, 85.6),
        (20.0, 83.9),
        ("clavicle_end", 29.0, 83.6),
    ],
    "clavicle_outer": ["clavicle_end", "trapezius_mid"],
    "shoulder_edge": [
        "clavicle_end",
        ("deltoid_front", 34.4, 87.2),
        (42.5, 90.4),
        "deltoid_top",
    ],
    "deltopectoral": [
        "deltoid_front",
        ("groove_mid", 36.2, 98.0),
        ("axilla_top", 37.2, 105.5),
    ],
    "axilla_medial": [
        "axilla_top",
        ("axilla_third", 35.2, 111.0),
        ("axilla_nipple", 35.2, 120.5),
        "flank_axilla",
    ],
    "deltoid_lower": [
        "axilla_top",
        ("axilla_out", 41.6, 110.6),
        ("deltoid_v1", 45.6, 116.6),
        ("deltoid_v2", 53.0, 122.6),
        "deltoid_low",
    ],
    "axilla_lateral": ["axilla_out", (42.4, 117.0), "arm_in_high"],
    # arm
    "arm_strip_in": ["deltoid_v1", arm(48.0, -3.4), ("crease_top_2", *arm(70.2, -3.2))],
    "arm_strip_out": ["deltoid_v2", arm(48.0, 3.6), ("crease_top_1", *arm(70.6, 3.6))],
    "crease_top": [
        "crease_top_out",
        "crease_top_1",
        ("crease_top_mid", *arm(71.0, 0.2)),
        "crease_top_2",
        "crease_top_in",
    ],
    "crease_low": ["crease_low_out", ("crease_low_mid", *forearm(11.0, 0.2)), "crease_low_in"],
    "crease_axis": ["crease_top_mid", "crease_low_mid"],
    "forearm_axis": ["crease_low_mid", forearm(34.0, 0.3), "wrist_mid"],
    # chest and belly, one line for each band
    "band_infraclavicular": ["mid_infraclavicular", (20.0, 103.0), "groove_mid"],
    "band_third": ["mid_third", (20.0, 115.2), "axilla_third"],
    "band_nipple": ["mid_nipple", (20.0, 127.6), "axilla_nipple"],
    "band_fifth": ["mid_fifth", (20.0, 138.8), "flank_fifth"],
    "band_xiphoid": ["mid_xiphoid", (20.0, 149.4), "flank_xiphoid"],
    "band_quarter": ["mid_quarter", (20.0, 157.8), "flank_quarter"],
    "band_half": ["mid_half", (20.0, 166.2), "flank_half"],
    "band_three_quarter": ["mid_three_quarter", (20.0, 174.7), "flank_three_quarter"],
    "band_umbilicus": ["mid_umbilicus", (20.0, 185.6), "flank_umbilicus"],
    "band_lower": ["mid_lower", (16.0, 203.4), (29.0, 196.6), "flank_crest"],
    "inguinal": [
        "flank_hip",
        ("inguinal_hip", 33.4, 204.6),
        ("inguinal_mid", 27.4, 208.4),
        (15.0, 216.0),
        ("inguinal_pubis", 6.6, 219.6),
        "mid_pubis",
    ],
    "genital": ["inguinal_pubis", (5.6, 226.0), (3.2, 231.4), "crotch"],
    "thigh_crease": [
        "inguinal_mid",
        (20.6, 217.0),
        ("crease_adductor", 12.4, 227.4),
        (6.0, 235.4),
        "thigh_in_high",
    ],
    # hip, thigh and knee
    "hip_front": ["inguinal_hip", (32.6, 215.0), ("hip_front_low", 33.4, 227.4)],
    "hip_lower": ["hip_front_low", "hip_low"],
    "thigh_outer": [
        "hip_front_low",
        (32.6, 245.0),
        ("thigh_outer_mid", 30.8, 263.5),
        (28.4, 283.0),
        ("patella_out", 26.4, 299.0),
    ],
    "thigh_inner": [
        "crease_adductor",
        (11.6, 245.0),
        ("thigh_inner_mid", 12.4, 264.0),
        (13.4, 284.0),
        ("patella_in", 13.6, 299.6),
    ],
    "thigh_split": ["thigh_outer_mid", (21.6, 266.0), "thigh_inner_mid", "thigh_in_mid"],
    "knee_upper": ["patella_out", (20.2, 296.0), "patella_in"],
    "knee_outer": ["patella_out", (26.8, 310.0), ("knee_low_out", 25.4, 322.6)],
    "knee_inner": ["patella_in", (12.8, 310.0), ("knee_low_in", 13.8, 322.6)],
    "knee_lower": [
        "knee_out",
        "knee_low_out",
        ("tibial_crest", 18.4, 325.0),
        "knee_low_in",
        "knee_in",
    ],
    # leg and foot
    "shin": ["tibial_crest", (16.8, 350.0), (17.4, 376.0), ("ankle_top_mid", 17.6, 395.0)],
    "ankle_upper": ["ankle_top_out", "ankle_top_mid", "ankle_top_in"],
    "ankle_axis": ["ankle_top_mid", ("ankle_low_mid", 18.2, 411.2)],
    "ankle_lower": [
        "ankle_low_out",
        ("instep_out", 22.8, 410.8),
        "ankle_low_mid",
        ("instep_in", 14.4, 410.8),
        "ankle_low_in",
    ],
    "dorsum_inner": ["instep_in", (15.2, 420.0), "web_toe_1"],
    "dorsum_outer": ["instep_out", (26.4, 418.6), "web_toe_4"],
}

BACK_LINES: dict[str, list[Knot]] = {
    "midline": [
        "vertex",
        ("crown", 0, 20.0),
        ("inion", 0, 53.6),
        ("nape_low", 0, 77.6),
        ("mid_upper", 0, 101.5),
        ("mid_middle", 0, 126.8),
        ("mid_lower_thoracic", 0, 154.2),
        ("mid_lumbar_upper", 0, 169.7),
        ("sacrum_top", 0, 193.6),
        ("coccyx_top", 0, 212.6),
        ("perianal_top", 0, 222.0),
        "crotch",
    ],
    # head, neck and shoulder
    "crown": ["crown", (8.0, 18.4), "crown_side"],
    "nuchal": ["inion", ("nape_top", 8.0, 52.8), (13.4, 50.4), "ear_bottom"],
    "nape_edge": ["nape_top", (7.2, 62.0), ("nape_corner", 9.0, 76.4)],
    "nape_lower": ["nape_low", "nape_corner"],
    "neck_root": ["nape_corner", (13.4, 75.0), "neck_base"],
    "scapular_spine": [
        "nape_corner",
        ("scapula_top_in", 16.4, 82.6),
        (27.0, 89.0),
        ("scapula_top_out", 40.4, 92.4),
        "deltoid_top",
    ],
    "scapula_inner": ["scapula_top_in", (15.8, 92.0), ("scapula_low_in", 16.6, 102.2)],
    "upper_lower": ["mid_upper", "scapula_low_in"],
    "scapula_lower": ["scapula_low_in", (28.0, 108.4), ("axilla_back", 39.8, 107.6)],
    "arm_root": ["scapula_top_out", (41.2, 100.0), "axilla_back", "axilla"],
    "deltoid_lower": [
        "axilla_back",
        ("deltoid_v1", 45.6, 115.0),
        ("deltoid_v2", 53.4, 121.6),
        "deltoid_low",
    ],
    # arm
    "arm_strip_in": ["deltoid_v1", arm(48.0, -4.2), ("olecranon_in", *forearm(0.6, -4.4))],
    "arm_strip_out": ["deltoid_v2", arm(48.0, 4.4), ("olecranon_out", *forearm(0.6, 4.4))],
    "elbow": ["elbow_out", "olecranon_out", forearm(1.6, 0.0), "olecranon_in", "elbow_in"],
    "forearm_strip_out": ["olecranon_out", forearm(30.0, 3.8), "wrist_radial"],
    "forearm_strip_in": ["olecranon_in", forearm(30.0, -3.8), "wrist_ulnar"],
    # back and buttocks
    "band_middle": ["mid_middle", (20.0, 126.8), "flank_axilla"],
    "band_lower_thoracic": ["mid_lower_thoracic", (20.0, 154.4), "flank_quarter"],
    "band_lumbar_upper": ["mid_lumbar_upper", (20.0, 170.2), "flank_three_quarter"],
    "iliac_crest": [
        "sacrum_top",
        ("sacrum_corner", 9.4, 193.8),
        (20.0, 184.6),
        "flank_umbilicus",
    ],
    "sacrum_edge": [
        "sacrum_corner",
        ("sacrum_side", 7.6, 202.6),
        (4.8, 209.6),
        ("coccyx_corner", 3.9, 213.2),
        (3.4, 217.6),
        "perianal_top",
    ],
    "coccyx_upper": ["coccyx_top", "coccyx_corner"],
    "perianal": ["perianal_top", (4.4, 225.2), (4.6, 230.0), "crotch"],
    "buttock_split": ["sacrum_side", (20.0, 208.0), ("hip_back_mid", 34.2, 210.0)],
    "hip_back": [
        "flank_hip",
        "hip_back_mid",
        (33.2, 221.0),
        ("fold_out", 33.6, 231.0),
    ],
    "hip_lower": ["fold_out", "hip_low"],
    "gluteal_fold": ["fold_out", (24.0, 241.4), (12.0, 244.2), "thigh_in_high"],
    # thigh, leg and foot
    "thigh_outer": ["fold_out", (31.2, 262.0), ("popliteal_top", 26.8, 297.0)],
    "popliteal_upper": ["popliteal_top", (17.0, 293.6), "knee_top_in"],
    "popliteal_outer": ["popliteal_top", (26.4, 309.0), ("popliteal_low", 26.6, 322.0)],
    "knee_lower": [
        "knee_out",
        "popliteal_low",
        (20.0, 325.0),
        ("calf_in_top", 12.6, 323.4),
        "knee_in",
    ],
    "calf_inner": ["calf_in_top", (11.6, 348.0), (13.0, 374.0), ("achilles_in", 15.4, 394.6)],
    "ankle_upper": ["ankle_top_out", ("achilles_out", 20.9, 394.8), "achilles_in", "ankle_top_in"],
    "heel_inner": ["achilles_in", (14.6, 402.0), "ankle_low_in"],
    "heel_outer": ["achilles_out", (22.4, 402.0), "ankle_low_out"],
    "heel_lower": ["heel_out", (24.4, 418.4), ("heel_mid", 19.4, 418.8), (14.2, 418.0), "heel_in"],
    "sole_split": ["heel_mid", (22.4, 424.0), "toe_root_mid", "web_toe_3"],
    "sole_heel_top": ["heel_out", (27.6, 408.8), (19.6, 404.6), (11.6, 408.4), "heel_in"],
}

# --- Regions as loops of landmarks -------------------------------------------------------------

SHARED_HAND: dict[str, str] = {
    "hand_lateral": "wrist_out thumb_root thumb_web index_base web_index wrist_radial",
    "hand_middle": "wrist_radial web_index web_middle wrist_ulnar wrist_mid",
    "hand_medial": "wrist_ulnar web_middle web_ring little_base wrist_in",
    "thumb": "thumb_root @silhouette thumb_web @thumb_root",
    "index_finger": "index_base @silhouette web_index @index_root",
    "middle_finger": "web_index @silhouette web_middle @middle_root",
    "ring_finger": "web_middle @silhouette web_ring @ring_root",
    "little_finger": "web_ring @silhouette little_base @little_root",
}
TOES: dict[str, str] = {
    "hallux": "web_toe_1 @silhouette hallux_base @toe_roots",
    "toes_2_4": "web_toe_4 @silhouette web_toe_1 @toe_roots",
    "little_toe": "little_toe_base @silhouette web_toe_4 @toe_roots",
}
FRONT: dict[str, str] = {
    "head_vertex": "vertex crown_side hair_corner hairline",
    "forehead": "hairline hair_corner brow_end glabella",
    "temple": "hair_corner crown_side ear_top brow_end",
    "ear": "ear_top @silhouette ear_bottom @ear_front",
    "cheek": "glabella brow_end ear_top @ear_front ear_bottom jaw_mid chin",
    "jaw_angle": "ear_bottom jaw_neck jaw_mid",
    "neck_front": "chin jaw_mid sternomastoid_low clavicle_head notch",
    "neck_side": "jaw_mid jaw_neck neck_base sternomastoid_low",
    "supraclavicular": "sternomastoid_low neck_base trapezius_mid clavicle_end clavicle_head",
    "shoulder_top": "trapezius_mid deltoid_top deltoid_front clavicle_end",
    "shoulder_lateral": "deltoid_front deltoid_top deltoid_low axilla_top",
    "chest_infraclavicular": "notch clavicle_end deltoid_front groove_mid mid_infraclavicular",
    "chest_third_space": "mid_infraclavicular groove_mid axilla_top axilla_third mid_third",
    "chest_nipple": "mid_third axilla_third axilla_nipple mid_nipple",
    "chest_fifth_space": "mid_nipple axilla_nipple flank_axilla flank_fifth mid_fifth",
    "chest_xiphoid": "mid_fifth flank_fifth flank_xiphoid mid_xiphoid",
    "abdomen_upper_quarter": "mid_xiphoid flank_xiphoid flank_quarter mid_quarter",
    "abdomen_upper_half": "mid_quarter flank_quarter flank_half mid_half",
    "abdomen_upper_three_quarter": "mid_half flank_half flank_three_quarter mid_three_quarter",
    "abdomen_umbilicus": "mid_three_quarter flank_three_quarter flank_umbilicus mid_umbilicus",
    "abdomen_lower": "mid_umbilicus flank_umbilicus flank_crest mid_lower",
    "abdomen_inguinal": "mid_lower flank_crest flank_hip inguinal_pubis mid_pubis",
    "axilla": "axilla_top axilla_out arm_in_high axilla flank_axilla axilla_nipple",
    "arm_lateral": "deltoid_v2 deltoid_low crease_top_out crease_top_1",
    "arm_anterior": "deltoid_v1 deltoid_v2 crease_top_1 crease_top_2",
    "arm_medial": "axilla_out deltoid_v1 crease_top_2 crease_top_in arm_in_high",
    "cubital_lateral": "crease_top_out crease_low_out crease_low_mid crease_top_mid",
    "cubital_medial": "crease_top_mid crease_low_mid crease_low_in crease_top_in",
    "forearm_lateral": "crease_low_out wrist_out wrist_mid crease_low_mid",
    "forearm_medial": "crease_low_mid wrist_mid wrist_in crease_low_in",
    **SHARED_HAND,
    "genital": "mid_pubis inguinal_pubis crotch",
    "groin": "inguinal_mid inguinal_pubis @genital crotch @silhouette thigh_in_high "
    "crease_adductor",
    "hip_lateral": "flank_hip hip_low hip_front_low inguinal_hip",
    "thigh_anterior_upper": "inguinal_hip inguinal_mid crease_adductor thigh_inner_mid "
    "thigh_outer_mid hip_front_low",
    "thigh_anterior_lower": "thigh_outer_mid thigh_inner_mid patella_in patella_out",
    "thigh_lateral": "hip_front_low hip_low @silhouette knee_out knee_low_out patella_out",
    "thigh_medial_upper": "crease_adductor thigh_in_high thigh_in_mid thigh_inner_mid",
    "thigh_medial_lower": "thigh_inner_mid thigh_in_mid knee_in knee_low_in patella_in",
    "knee_front": "patella_out patella_in knee_low_in tibial_crest knee_low_out",
    "leg_medial": "tibial_crest knee_low_in knee_in ankle_top_in ankle_top_mid",
    "leg_anterolateral": "knee_out knee_low_out tibial_crest ankle_top_mid ankle_top_out",
    "ankle_medial": "ankle_top_mid ankle_top_in ankle_low_in instep_in ankle_low_mid",
    "ankle_lateral": "ankle_top_out ankle_top_mid ankle_low_mid instep_out ankle_low_out",
    "foot_dorsum_medial": "instep_in ankle_low_in hallux_base web_toe_1",
    "foot_dorsum_middle": "instep_out ankle_low_mid instep_in web_toe_1 @toe_roots web_toe_4",
    "foot_lateral": "ankle_low_out instep_out web_toe_4 @toe_roots little_toe_base",
    **TOES,
}
BACK: dict[str, str] = {
    "head_vertex": "vertex crown_side crown",
    "occiput": "crown crown_side ear_top @silhouette ear_bottom nape_top inion",
    "nape": "inion nape_top nape_corner nape_low",
    "neck_side": "nape_top ear_bottom jaw_neck neck_base nape_corner",
    "shoulder_top": "nape_corner neck_base deltoid_top scapula_top_in",
    "shoulder_lateral": "scapula_top_out deltoid_top deltoid_low axilla_back",
    "back_upper": "nape_low nape_corner scapula_top_in scapula_low_in mid_upper",
    "scapula_upper": "scapula_top_in scapula_top_out axilla_back scapula_low_in",
    "back_mid": "mid_upper scapula_low_in axilla_back axilla flank_axilla mid_middle",
    "back_lower_thoracic": "mid_middle flank_axilla flank_quarter mid_lower_thoracic",
    "back_lumbar_upper": "mid_lower_thoracic flank_quarter flank_three_quarter mid_lumbar_upper",
    "back_lumbar_lower": "mid_lumbar_upper flank_three_quarter flank_umbilicus sacrum_top",
    "arm_lateral": "deltoid_v2 deltoid_low elbow_out olecranon_out",
    "arm_posterior": "deltoid_v1 deltoid_v2 olecranon_out olecranon_in",
    "arm_medial": "axilla axilla_back deltoid_v1 olecranon_in elbow_in",
    "forearm_lateral": "elbow_out wrist_out wrist_radial olecranon_out",
    "forearm_middle_back": "olecranon_out wrist_radial wrist_ulnar olecranon_in",
    "forearm_medial": "olecranon_in wrist_ulnar wrist_in elbow_in",
    **SHARED_HAND,
    "sacrum": "sacrum_top sacrum_corner coccyx_corner coccyx_top",
    "coccyx": "coccyx_top coccyx_corner perianal_top",
    "perianal": "perianal_top @perianal crotch",
    "buttock_upper": "sacrum_corner flank_umbilicus flank_hip hip_back_mid sacrum_side",
    "buttock_lower": "sacrum_side hip_back_mid fold_out thigh_in_high @silhouette crotch "
    "@perianal perianal_top coccyx_corner",
    "hip_lateral": "flank_hip hip_low fold_out hip_back_mid",
    "thigh_lateral": "fold_out hip_low @silhouette knee_out popliteal_low popliteal_top",
    "thigh_posterior": "fold_out thigh_in_high knee_top_in popliteal_top",
    "popliteal_fossa": "popliteal_top knee_top_in knee_in @knee_lower popliteal_low",
    "leg_medial": "calf_in_top knee_in ankle_top_in achilles_in",
    "calf": "knee_out popliteal_low calf_in_top achilles_in ankle_top_out",
    "ankle_medial": "achilles_in ankle_top_in ankle_low_in",
    "ankle_lateral": "achilles_out ankle_top_out ankle_low_out",
    "heel": "achilles_out achilles_in ankle_low_in @silhouette heel_in @heel_lower heel_out "
    "ankle_low_out",
    "sole_medial": "heel_in heel_mid web_toe_3 @silhouette hallux_base",
    "sole_lateral": "heel_out heel_mid web_toe_3 @silhouette little_toe_base",
}
# --- Levels: spinous processes, felt from behind -----------------------------------------------

LEVEL_HEIGHTS: dict[str, float] = {
    "C2": 57.0, "C3": 60.8, "C4": 64.5, "C5": 68.2, "C6": 71.9, "C7": 75.9,
    "T1": 80.9, "T2": 86.6, "T3": 92.5, "T4": 98.5, "T5": 104.6, "T6": 110.8,
    "T7": 117.1, "T8": 123.5, "T9": 130.0, "T10": 136.6, "T11": 143.4, "T12": 150.4,
    "L1": 157.9, "L2": 165.7, "L3": 173.7, "L4": 181.7, "L5": 189.3, "sacrum": 201.4,
}  # fmt: skip

# --- Lines that only help the eye: never touched, never filled ----------------------------------

DETAILS: dict[str, dict[str, list[Knot]]] = {
    "front": {
        "eyelid": [(4.4, 35.8), (5.8, 36.9), (8.6, 37.0), (10.6, 35.6)],
        "nose": [(0, 48.4), (1.6, 48.2), (2.6, 47.0), (3.6, 46.9)],
        "mouth": [(0, 54.4), (2.2, 54.0), (5.2, 54.6)],
        "lip": [(0, 57.2), (2.4, 56.8)],
        "jaw_line": ["jaw_neck", (10.8, 60.9), "jaw_mid", (3.6, 64.2), "chin"],
        "ear_rim": [(19.4, 35.6), (20.6, 36.4), (20.0, 41.4)],
        "nipple": [(17.2, 121.4), (18.2, 120.5), (19.2, 121.4), (18.2, 122.3), (17.2, 121.4)],
        "pectoral": [(8.0, 128.4), (19.0, 130.4), (29.6, 125.4), (35.4, 118.0)],
        "costal_margin": [(3.0, 148.0), (11.0, 155.0), (19.5, 166.4)],
        "navel": [(0, 178.6), (1.1, 180.4), (0, 182.6)],
        "patella_top": [(15.8, 305.4), (20.0, 302.6), (24.4, 305.4)],
        "patella_low": [(16.6, 313.4), (20.2, 316.4), (23.8, 313.4)],
        "thenar": [hand(3.4, 2.0), hand(9.5, 3.6), hand(15.2, 8.6)],
        "palm_crease": [hand(16.4, -8.6), hand(19.0, -3.0), hand(22.6, 3.2)],
    },
    "back": {
        "ear_back": ["ear_top", (18.9, 40.0), "ear_bottom"],
        "scapula_blade": [(12.6, 96.0), (13.6, 108.0), (17.6, 119.6), (23.4, 117.0), (30.0, 109.6)],
        "gluteal_cleft": [(0, 214.0), (0, 232.0)],
        "olecranon": [forearm(-4.6, -1.8), forearm(-1.0, -0.4), forearm(-4.2, 2.2)],
        "knuckles": [hand(22.6, 7.2), hand(24.0, 2.4), hand(23.0, -2.8), hand(20.6, -7.2)],
    },
}  # fmt: skip

# --- Lenses: parts of the drawing, enlarged -----------------------------------------------------

# In the lens of the sole the toes are seen too, and the heel ends where the sole ends.
SOLE: dict[str, str] = {
    "heel": "heel_out @sole_heel_top heel_in @heel_lower",
    "sole_medial": "heel_in heel_mid toe_root_mid @toe_roots hallux_base",
    "sole_lateral": "heel_out heel_mid toe_root_mid @toe_roots little_toe_base",
    **TOES,
}
HEAD_FRONT = [
    "head_vertex",
    "forehead",
    "temple",
    "ear",
    "cheek",
    "jaw_angle",
    "neck_front",
    "neck_side",
]
HEAD_BACK = ["head_vertex", "occiput", "nape", "neck_side"]
HEAD_FRONT_LOOPS = {name: FRONT[name] for name in HEAD_FRONT} | {
    "neck_front": "chin jaw_mid sternomastoid_low mid_neck"
}
FOOT_TOP = [
    "ankle_medial",
    "ankle_lateral",
    "foot_dorsum_medial",
    "foot_dorsum_middle",
    "foot_lateral",
    *TOES,
]


@dataclass(frozen=True)
class Lens:
    """A window on the drawing: what it shows, and how it is enlarged to 120 by 160."""

    view: str
    source: str
    loops: dict[str, str]
    outline: str
    centre: Point
    scale: Point
    details: tuple[str, ...] = ()

    def enlarge(self, point: Point) -> Point:
        """The place of a point of the half figure, as distance from the lens's middle, and y."""
        return (
            (point[0] - self.centre[0]) * self.scale[0],
            80.0 + (point[1] - self.centre[1]) * self.scale[1],
        )


HAND_OUTLINE = "wrist_out @silhouette wrist_in @wrist"
LENSES = [
    Lens("hand_palm", "front", SHARED_HAND, HAND_OUTLINE, (79.6, 250.1), (3.05, 3.05),
         ("thenar", "palm_crease")),
    Lens("hand_back", "back", SHARED_HAND, HAND_OUTLINE, (79.6, 250.1), (3.05, 3.05),
         ("knuckles",)),
    Lens("foot_top", "front", {name: FRONT[name] for name in FOOT_TOP},
         "ankle_top_out @silhouette ankle_top_in @ankle_upper", (21.6, 415.0), (3.1, 3.4)),
    Lens("foot_sole", "back", SOLE, "heel_out @silhouette heel_in @sole_heel_top",
         (21.8, 420.6), (2.7, 4.5)),
    Lens("head_front", "front", HEAD_FRONT_LOOPS,
         "vertex neck_base @neck_root sternomastoid_low mid_neck", (0, 43.2), (2.15, 2.15),
         ("eyelid", "nose", "mouth", "lip", "ear_rim", "jaw_line")),
    Lens("head_back", "back", {name: BACK[name] for name in HEAD_BACK},
         "vertex neck_base nape_corner nape_low", (0, 42.8), (2.15, 2.15), ("ear_back",)),
]  # fmt: skip


# --- From knots to curves ------------------------------------------------------------------------


def rounded(point: Point) -> Point:
    """A point to a hundredth of a unit, the precision that is stored."""
    return (round(point[0], 2), round(point[1], 2))


class Drawing:
    """The lines of one view: every landmark placed, every line cut into curve pieces."""

    def __init__(self, lines: dict[str, list[Knot]]) -> None:
        self.landmarks: dict[str, Point] = {}
        for knots in lines.values():
            for knot in knots:
                if len(knot) == 3 and not isinstance(knot, str):
                    self._place(str(knot[0]), (float(knot[1]), float(knot[2])))
        self.names: dict[str, list[str]] = {}
        self.pieces: dict[str, list[Piece]] = {}
        for line, knots in lines.items():
            self.names[line], self.pieces[line] = self.curve(knots, straight=line == "midline")

    def _place(self, name: str, point: Point) -> None:
        if name in self.landmarks:
            raise ValueError(f"Landmark {name!r} is placed twice.")
        self.landmarks[name] = rounded(point)

    def curve(
        self, knots: Sequence[Knot], *, straight: bool = False
    ) -> tuple[list[str], list[Piece]]:
        """Names of the knots ('' where none) and the pieces between them."""
        names, points = [], []
        for knot in knots:
            name = knot if isinstance(knot, str) else str(knot[0]) if len(knot) == 3 else ""
            names.append(name)
            points.append(self.landmarks[name] if name else rounded(cast("Point", knot)))
        breaks = [i for i, name in enumerate(names) if name in CORNERS and 0 < i < len(names) - 1]
        pieces: list[Piece] = []
        for first, last in itertools.pairwise([0, *breaks, len(points) - 1]):
            pieces += smooth(points[first : last + 1], straight=straight)
        return names, pieces

    def between(self, start: str, end: str, line: str | None = None) -> list[Piece]:
        """The pieces from one landmark to another, along the shortest line that has both."""
        found = [
            (abs(names.index(end) - names.index(start)), key)
            for key, names in self.names.items()
            if start in names and end in names and line in (None, key)
        ]
        if not found:
            raise ValueError(f"No line joins {start!r} and {end!r}.")
        found.sort()
        if len(found) > 1 and found[0][0] == found[1][0]:
            raise ValueError(f"Two lines join {start!r} and {end!r}: {found[0][1]}, {found[1][1]}.")
        names, pieces = self.names[found[0][1]], self.pieces[found[0][1]]
        first, last = names.index(start), names.index(end)
        if first < last:
            return pieces[first:last]
        return [piece[::-1] for piece in reversed(pieces[last:first])]

    def loop(self, text: str, *, closed: bool) -> list[Piece]:
        """The pieces of a loop written as landmarks, with '@line' where a choice must be made."""
        words = text.split()
        stops = [word for word in words if not word.startswith("@")]
        chosen = {
            sum(not w.startswith("@") for w in words[:i]): word[1:]
            for i, word in enumerate(words)
            if word.startswith("@")
        }
        pairs = list(itertools.pairwise([*stops, stops[0]] if closed else stops))
        return [
            piece
            for i, (start, end) in enumerate(pairs, start=1)
            for piece in self.between(start, end, chosen.get(i))
        ]


def smooth(points: Sequence[Point], *, straight: bool) -> list[Piece]:
    """Cubic pieces through all points; level where an end lies on the midline."""
    if straight or (len(points) == 2 and not (points[0][0] == 0) ^ (points[1][0] == 0)):
        return [(a, a, b, b) for a, b in itertools.pairwise(points)]
    directions: list[Point | None] = []
    for i, (d, _) in enumerate(points):
        if 0 < i < len(points) - 1:
            before, after = points[i - 1], points[i + 1]
            length = math.dist(before, after)
            directions.append(((after[0] - before[0]) / length, (after[1] - before[1]) / length))
        elif d == 0:
            directions.append((1.0 if i == 0 else -1.0, 0.0))
        elif points[0] == points[-1]:
            before, after = points[-2], points[1]
            length = math.dist(before, after)
            directions.append(((after[0] - before[0]) / length, (after[1] - before[1]) / length))
        else:
            directions.append(None)
    pieces: list[Piece] = []
    for (a, way_a), (b, way_b) in itertools.pairwise(zip(points, directions, strict=True)):
        reach = math.dist(a, b) / 3
        out = (a[0] + way_a[0] * reach, a[1] + way_a[1] * reach) if way_a else None
        into = (b[0] - way_b[0] * reach, b[1] - way_b[1] * reach) if way_b else None
        out = out or ((a[0] + into[0]) / 2, (a[1] + into[1]) / 2) if into else out or a
        into = into or ((b[0] + out[0]) / 2, (b[1] + out[1]) / 2)
        pieces.append((a, rounded(out), rounded(into), b))
    return pieces


# --- From curves to rows -------------------------------------------------------------------------


def mirrored(pieces: Iterable[Piece]) -> list[Piece]:
    """The other half of a curve that starts and ends on the midline, walked back."""
    back: list[Piece] = []
    for piece in reversed(list(pieces)):
        a, b, c, d = ((-p[0], p[1]) for p in reversed(piece))
        back.append((a, b, c, d))
    return back


def number(value: float) -> str:
    """A number as short as it can be written."""
    return f"{value + 0.0:.2f}".rstrip("0").rstrip(".")


def path(pieces: Sequence[Piece], place: Callable[[Point], Point], *, closed: bool = True) -> str:
    """SVG path data of pieces that follow one another."""

    def at(point: Point) -> str:
        x, y = place(point)
        return f"{number(x)},{number(y)}"

    words = [f"M{at(pieces[0][0])}"]
    for a, b, c, d in pieces:
        straight = a == b and c == d
        words.append(f"L{at(d)}" if straight else f"C{at(b)} {at(c)} {at(d)}")
    return " ".join(words) + (" Z" if closed else "")


def flatten(pieces: Iterable[Piece], steps: int = 8) -> list[Point]:
    """Corners of a polygon that follows the curve."""
    polygon = []
    for a, b, c, d in pieces:
        for step in range(steps):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            polygon.append(
                (
                    sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
                    sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
                )
            )
    return polygon


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Whether a point lies in a polygon."""
    x, y = point
    within = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            within = not within
    return within


def distance_to_edge(point: Point, polygon: Sequence[Point]) -> float:
    """Distance from a point to the nearest side of a polygon."""
    nearest = math.inf
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        length = (x2 - x1) ** 2 + (y2 - y1) ** 2
        t = 0.0
        if length:
            t = max(
                0.0, min(1.0, ((point[0] - x1) * (x2 - x1) + (point[1] - y1) * (y2 - y1)) / length)
            )
        nearest = min(nearest, math.dist(point, (x1 + t * (x2 - x1), y1 + t * (y2 - y1))))
    return nearest


def label_point(pieces: Sequence[Piece], room_wanted: float) -> Point:
    """The point nearest to a shape's middle that has room for a mark round it."""
    polygon = flatten(pieces)
    xs, ys = [p[0] for p in polygon], [p[1] for p in polygon]
    low, high = (min(xs), min(ys)), (max(xs), max(ys))
    middle = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2)
    best, merit = middle, -math.inf
    for _ in range(3):  # a coarse grid, then finer ones about the best point so far
        step = ((high[0] - low[0]) / 12, (high[1] - low[1]) / 12)
        for i, j in itertools.product(range(1, 12), repeat=2):
            point = (low[0] + i * step[0], low[1] + j * step[1])
            if not inside(point, polygon):
                continue
            room = min(room_wanted, distance_to_edge(point, polygon))
            if (here := room - 0.06 * math.dist(point, middle)) > merit + 1e-9:
                best, merit = point, here
        low, high = (best[0] - step[0], best[1] - step[1]), (best[0] + step[0], best[1] + step[1])
    return rounded(best)


def on_page(view: str, side: str, middle: float) -> Callable[[Point], Point]:
    """From a point of the half figure to the page: who looks, and at which side."""
    seen_from_behind = view in ("back", "hand_back", "foot_sole", "head_back")
    sign = 1.0 if (side == "left") != seen_from_behind else -1.0
    return lambda point: (middle + sign * point[0], point[1])


Row = dict[str, str]


def row(  # noqa: PLR0913, PLR0917 - a row has this many columns
    outline_id: str,
    kind: str,
    view: str,
    side: str,
    name: str,
    pieces: Sequence[Piece],
    *,
    region_id: str = "",
    level_id: str = "",
    middle: float = 100.0,
    closed: bool = True,
) -> Row:
    """One line of the table."""
    place = on_page(view, side, middle)
    room_wanted = 9.0 if kind == "lens" else 4.0
    label = place(label_point(pieces, room_wanted) if closed else pieces[len(pieces) // 2][0])
    if side == "midline":
        label = (middle, label[1])
    return {
        "outline_id": outline_id,
        "kind": kind,
        "view": view,
        "region_id": region_id,
        "level_id": level_id,
        "side": side,
        "name": name,
        "path": path(pieces, place, closed=closed),
        "label_x": number(label[0]),
        "label_y": number(label[1]),
    }


def level_rows() -> list[Row]:
    """Half a lozenge on each side of the midline for every spinous process."""
    levels = list(LEVEL_HEIGHTS.items())
    rows = []
    for i, (level, y) in enumerate(levels):
        above = (y - levels[i - 1][1]) / 2 if i else 1.9
        below = (levels[i + 1][1] - y) / 2 if i < len(levels) - 1 else 7.0
        below = min(below, above * 1.2) if level != "sacrum" else below
        width = 4.6 if level == "sacrum" else min(4.4, 1.3 * above)
        top, tip, bottom = (0.0, y - 0.92 * above), (width, y), (0.0, y + 0.92 * below)
        corners = [rounded(top), rounded(tip), rounded(bottom)]
        pieces: list[Piece] = [(a, a, b, b) for a, b in itertools.pairwise([*corners, corners[0]])]
        name = "Sacrum" if level == "sacrum" else f"Spinous process {level}"
        for side in ("right", "left"):
            half = row(f"level:{level}:{side}", "level", "back", side, name, pieces, level_id=level)
            rows.append(half | {"label_y": number(y)})  # the height that is felt
    return rows


def table() -> list[Row]:
    """All rows, from the silhouettes to the lenses."""
    with (TABLES / "body_regions.csv").open(encoding="utf-8", newline="") as file:
        regions = {r["region_id"]: r for r in csv.DictReader(file)}
    silhouette = {"silhouette": SILHOUETTE}
    drawings = {
        "front": Drawing({**silhouette, **SHARED_LINES, **FRONT_LINES}),
        "back": Drawing({**silhouette, **SHARED_LINES, **BACK_LINES}),
    }
    rows: list[Row] = []
    for view, drawing in drawings.items():
        half = drawing.pieces["silhouette"]
        whole = half + mirrored(half)
        rows.append(row(f"silhouette:{view}", "silhouette", view, "midline", "Body", whole))
    for view, loops in (("front", FRONT), ("back", BACK)):
        for region, loop in loops.items():
            sided = regions[region]["sided"] == "yes"
            pieces = drawings[view].loop(loop, closed=sided)
            pieces = pieces if sided else pieces + mirrored(pieces)
            rows += [
                row(f"region:{view}:{region}:{side}", "region", view, side,
                    regions[region]["name"], pieces, region_id=region)
                for side in (("right", "left") if sided else ("midline",))
            ]  # fmt: skip
    rows += level_rows()
    for view, details in DETAILS.items():
        for detail, knots in details.items():
            _, pieces = drawings[view].curve(knots)
            rows += [
                row(f"detail:{view}:{detail}:{side}", "detail", view, side,
                    detail.replace("_", " ").capitalize(), pieces, closed=False)
                for side in ("right", "left")
            ]  # fmt: skip
    for lens in LENSES:
        rows += lens_rows(lens, drawings[lens.source], regions)
    return rows


def lens_rows(lens: Lens, drawing: Drawing, regions: dict[str, Row]) -> list[Row]:
    """The outline, the regions and the helping lines of one lens."""

    def enlarged(pieces: Iterable[Piece]) -> list[Piece]:
        return [cast("Piece", tuple(rounded(lens.enlarge(p)) for p in piece)) for piece in pieces]

    def rows_of(
        key: str, name: str, pieces: list[Piece], sides: Sequence[str], region: str
    ) -> list[Row]:
        return [
            row(f"lens:{lens.view}:{key}:{side}", "lens", lens.view, side, name, pieces,
                region_id=region, middle=60.0)
            for side in sides
        ]  # fmt: skip

    whole = lens.view.startswith("head")
    sides = ("right", "left")
    outline = enlarged(drawing.loop(lens.outline, closed=not whole))
    outline = outline + mirrored(outline) if whole else outline
    rows = rows_of("silhouette", "Outline", outline, ("midline",) if whole else sides, "")
    for region, loop in lens.loops.items():
        sided = regions[region]["sided"] == "yes"
        pieces = enlarged(drawing.loop(loop, closed=sided))
        pieces = pieces if sided else pieces + mirrored(pieces)
        rows += rows_of(
            region, regions[region]["name"], pieces, sides if sided else ("midline",), region
        )
    for detail in lens.details:
        _, pieces = drawing.curve(DETAILS[lens.source][detail])
        rows += [
            row(f"detail:{lens.view}:{detail}:{side}", "detail", lens.view, side,
                detail.replace("_", " ").capitalize(), enlarged(pieces), middle=60.0, closed=False)
            for side in sides
        ]  # fmt: skip
    return rows


def main() -> None:
    """Write the table."""
    rows = table()
    with (TABLES / "body_outlines.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} outlines")


if __name__ == "__main__":
    main()
