"""Stages as values: one event for each step of a pipeline, as EvalVault writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pitwall.kit.i18n import Text

SYSTEM_PROMPT: Final = "system_prompt"
INPUT: Final = "input"
RETRIEVAL: Final = "retrieval"
RERANK: Final = "rerank"
OUTPUT: Final = "output"
SAFETY_CHECK: Final = "safety_check"
ANSWER_VALIDATION: Final = "answer_validation"

EXPECTED_TYPES: Final = (SYSTEM_PROMPT, INPUT, RETRIEVAL, OUTPUT)
"""What the pipeline of every RAG service has; a run whose events lack one of these says so."""
SUCCEEDED: Final = frozenset({"success", "ok", "succeeded", "completed", "finished"})


@dataclass(frozen=True, slots=True)
class PayloadRef:
    """Where an input or output is kept."""

    store: str
    id: str
    type: str = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEvent:
    """What one step of a pipeline did.

    Attributes:
        stage_id: Unique in a run, but for attempts at the same step.
        stage_type: `system_prompt`, `input`, `retrieval`, `rerank`, `output`, `safety_check`,
            `answer_validation`, or any other word.
        status: `success` or what else the pipeline says.
        duration_ms: None if nobody measured it.
        attributes: What the step found: document ids, scores, counts, tokens.
        metadata: Whatever else is known, such as the case it belongs to (`test_case_id`).
        trace_id: Of the trace that the step is in; hexadecimal if it is one of OpenTelemetry.
    """

    run_id: str
    stage_id: str
    stage_type: str
    stage_name: str | None = None
    parent_stage_id: str | None = None
    status: str = "success"
    attempt: int = 1
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_ms: float | None = None
    input_ref: PayloadRef | None = None
    output_ref: PayloadRef | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    trace_id: str | None = None
    span_id: str | None = None

    @property
    def is_failed(self) -> bool:
        """Whether the step says that it did not succeed."""
        return self.status.lower() not in SUCCEEDED

    @property
    def case_id(self) -> str | None:
        """The case of the dataset that the step worked on."""
        found = self.metadata.get("test_case_id")
        return found if isinstance(found, str) and found else None

    @property
    def key(self) -> tuple[str, int]:
        """What names the event in its run."""
        return self.stage_id, self.attempt


@dataclass(frozen=True, slots=True)
class EventProblem:
    """Why something is no stage event.

    Attributes:
        index: Which of the events that came together, from 0.
        line: Of the file, from 1.
        field: Which field, if it is about one.
        text: What is wrong, and the way out.
    """

    index: int
    code: str
    text: Text
    field: str | None = None
    file: str | None = None
    line: int | None = None

    def say(self) -> Text:
        """Place, field and what is wrong, in one line."""
        english, korean = [], []
        if self.file is not None:
            english.append(self.file)
            korean.append(self.file)
        if self.line is not None:
            english.append(f"line {self.line}")
            korean.append(f"{self.line}번째 줄")
        else:
            english.append(f"event {self.index + 1}")
            korean.append(f"{self.index + 1}번째 이벤트")
        if self.field is not None:
            english.append(self.field)
            korean.append(self.field)
        return Text(f"{', '.join(english)}: {self.text.en}", f"{', '.join(korean)}: {self.text.ko}")


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of events.

    Attributes:
        added: New ones.
        known: That were kept before, with the same content.
        skipped: That are none, or say something else than the one that is kept under the same id.
    """

    added: int
    known: int
    run_ids: tuple[str, ...]
    skipped: tuple[EventProblem, ...] = ()
    skipped_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """A run that has stage events.

    Attributes:
        last_id: Of its newest event; lists go by it.
        relevance: Ids of the documents that are right, by id of the case.
    """

    run_id: str
    event_count: int
    last_id: str
    first_at: datetime
    last_at: datetime
    relevance: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
