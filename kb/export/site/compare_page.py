"""Studies side by side: the page, and what its script loads of each study, properties and dose strips."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.analysis.compare import properties
from kb.analysis.dosing import Lane, Strip, strips
from kb.analysis.told import Labels
from kb.export.site.charts import FULLEST_BOX, LANE_HEIGHT, SHORTEST_BOX, LaneDrawing, dose_strip
from kb.export.site.desk import Desk
from kb.export.site.frame import Page
from kb.export.site.regimen import StripView, strip_view
from kb.model.algebra import regimen_class
from kb.model.regimen import Arm

if TYPE_CHECKING:
    from kb.export.site.build import File
    from kb.export.site.survey import Entry


@dataclass(frozen=True, slots=True)
class ComparePage:
    """The page on which a script sets studies side by side.

    Attributes:
        page: Head.
        ground: Where the boxes of a lane stand, counted from its top.
        shortest: Least height of a box, as a share of the highest.
    """

    page: Page
    ground: int = LANE_HEIGHT
    shortest: float = round(SHORTEST_BOX / FULLEST_BOX, 3)


def compare_page() -> ComparePage:
    """Return the page of comparison; what it compares comes from the address."""
    return ComparePage(Page("compare.html", "Compare studies", "Up to six studies side by side.", section="compare.html"))


def compare_script(desk: Desk, entry: Entry) -> File:
    """Return what the page of comparison loads of a study: its properties, as `kb compare` has them, and its dose strips."""
    from kb.export.site.build import File

    study = entry.study
    told = Labels(desk.term, desk.label)
    arms = [_arm(desk, ident, arm) for ident, arm in study.arms.items()]
    held = {"id": study.id, "label": desk.label(study.id), "rows": properties(desk.index, study.id, told), "arms": arms}
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return File(f"studies/{study.id}.js", f"(globalThis.kbStudies ??= {{}})[{json.dumps(study.id)}] = {text};\n")


def _arm(desk: Desk, ident: str, arm: Arm) -> dict[str, object]:
    lexicon = desk.vocabulary.lexicon
    drawn = []
    for strip in strips(arm, lexicon):
        # Boxes are as high as can be: only the page knows which doses stand beside them, and lowers them to one scale.
        drawing = dose_strip(strip, {}, lexicon)
        drawn.append(_strip(strip, strip_view(desk.vocabulary, arm, strip, "", drawing)))
    return {"id": ident, "label": arm.label, "regimen": regimen_class(arm, lexicon).label, "strips": drawn}


def _strip(strip: Strip, view: StripView) -> dict[str, object]:
    first = view.drawing.weeks[0]
    lanes = [
        {"agent": row.agent, "dose": row.dose, "words": row.words, **_drawn(lane, row.drawing)}
        for lane, row in zip(strip.lanes, view.lanes, strict=True)
    ]
    # Weeks before treatment are numbered -1, -2; there is no week 0.
    start = first - 1 if first > 0 else first
    return {"title": view.title, "note": view.note, "start": start, "weeks": len(view.drawing.weeks), "lanes": lanes}


def _drawn(lane: Lane, drawing: LaneDrawing) -> dict[str, object]:
    """Return how a lane is drawn; its unit and amount where its height tells a dose."""
    if not drawing.known:
        return {}
    look = " ".join(name for name, on in (("optional", drawing.optional), ("weeks", not drawing.exact)) if on)
    found: dict[str, object] = {"path": drawing.path, "look": look}
    if lane.amount is not None and drawing.boxes[0].kind not in ("tick", "triangle"):
        found |= {"unit": f"{lane.amount.family.value} {lane.amount.body.value}", "amount": lane.amount.high}
    return found
