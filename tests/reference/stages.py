"""The stages of an account's pipelines, and the deals that are won by theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import values

if TYPE_CHECKING:
    from .landed import LandedRecord


@dataclass
class Stage:
    """A stage as it was told last; unread: (field, text) of booleans that say nothing."""

    pipeline_id: str | None
    stage_id: str
    pipeline_label: str | None
    label: str | None
    is_won: bool
    told_by: str
    unread: list[tuple[str, str]]


def read_stages(landed: list[LandedRecord]) -> list[Stage]:
    """One for each pipeline and stage, archived ones too: told last, then the won, then a pipeline's."""
    told: dict[tuple[str | None, str], list[tuple]] = {}
    for one in landed:
        time = values.time(one.record.get("updatedAt")) or values.EPOCH
        for stage in _stages_of(one):
            rank = (time, stage.is_won, stage.told_by == "pipelines")
            told.setdefault((stage.pipeline_id, stage.stage_id), []).append((rank, stage))
    return [max(some, key=lambda pair: pair[0])[1] for some in told.values()]


def _stages_of(one: LandedRecord) -> list[Stage]:
    if one.kind == "pipelines":
        pipeline_id = values.id_text(one.record["id"])
        label = values.text(one.record.get("label"))
        return [
            _stage(pipeline_id, stage_id, label, stage, stage.get("metadata") or {}, one.kind)
            for stage in one.record.get("stages") or []
            if values.id_text(stage_id := stage.get("id", stage.get("stageId"))) is not None
        ]
    if one.kind == "pipeline_stages" and values.id_text(one.record.get("stageId")) is not None:
        pipeline_id = values.id_text(one.record.get("pipelineId"))
        return [_stage(pipeline_id, one.record["stageId"], None, one.record, one.record, one.kind)]
    return []


def _stage(pipeline_id, stage_id, pipeline_label, stage: dict, told: dict, told_by: str) -> Stage:
    closed_won, is_closed = values.truth(stage.get("closedWon")), values.truth(told.get("isClosed"))
    prefix = "metadata." if told_by == "pipelines" else ""
    said = [("closedWon", stage.get("closedWon")), (f"{prefix}isClosed", told.get("isClosed"))]
    unread = [
        (field, text)
        for field, value in said
        if (text := (values.text(value) or "").strip()) and values.truth(value) is None
    ]
    if closed_won is None:
        closed_won = bool(is_closed) and values.number(told.get("probability")) == 1
    label = values.text(stage.get("label"))
    return Stage(pipeline_id, values.id_text(stage_id), pipeline_label, label, closed_won, told_by, unread)


def is_won(stage: str | None, pipeline: str | None, stages: list[Stage]) -> bool:
    """Whether a deal in this stage of this pipeline is won; it names them by id or by label.

    By id: in its pipeline, without one in any. Else by label in its pipeline, else by label anywhere, and
    then only if all stages of that label are won.
    """
    if stage is None:
        return False
    by_id = [one for one in stages if one.stage_id == stage]
    by_label = [one for one in stages if _same(one.label, stage)]
    for some, enough in ((by_id, any), (by_label, all)):
        for found in (
            [one for one in some if pipeline is not None and one.pipeline_id == pipeline],
            [one for one in some if pipeline is not None and _same(one.pipeline_label, pipeline)],
            [one for one in some if pipeline is None or (enough is any and one.pipeline_id is None)],
        ):
            if found:
                return enough(one.is_won for one in found)
    return bool(by_label) and all(one.is_won for one in by_label)


def _same(label: str | None, written: str) -> bool:
    return label is not None and label.strip().lower() == written.strip().lower()
