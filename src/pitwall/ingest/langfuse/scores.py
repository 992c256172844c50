"""Scores in the form of Langfuse's API, made into Pitwall's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictStr,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from pitwall.core.errors import InvalidInput
from pitwall.ingest.langfuse.ids import span_id_of, trace_id_of
from pitwall.ingest.mapping.records import Score
from pitwall.kit.clock import to_unix_nano
from pitwall.kit.ids import new_id

DataType = Literal["NUMERIC", "BOOLEAN", "CATEGORICAL", "TEXT", "CORRECTION"]
_SOURCES = {"ANNOTATION": "human", "EVAL": "llm"}


def _as_float(value: Any) -> Any:
    return float(value) if isinstance(value, bool | int) else value


class LangfuseScore(BaseModel):
    """A score as a client sends it; numbers are values, texts are labels."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    id: str | None = Field(None, max_length=512)
    name: str = Field(min_length=1, max_length=512)
    value: Annotated[StrictFloat | StrictStr, BeforeValidator(_as_float)]
    trace_id: str | None = None
    observation_id: str | None = None
    session_id: str | None = None
    dataset_run_id: str | None = None
    data_type: DataType | None = None
    comment: str | None = None
    config_id: str | None = None
    environment: str | None = None
    source: str | None = None
    timestamp: AwareDatetime | None = None
    metadata: Any = None


def parse_score(body: Any) -> LangfuseScore:
    """Read a score.

    Raises:
        InvalidInput: It is none; the message names the field.
    """
    try:
        score = LangfuseScore.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "score"
        raise InvalidInput(f"{where}: {first['msg']}.", code="langfuse.bad_score") from error
    if score.data_type in ("NUMERIC", "BOOLEAN") and isinstance(score.value, str):
        raise InvalidInput(
            f"value: {score.value!r:.60} is no number, and the score is {score.data_type}.",
            code="langfuse.bad_score",
        )
    if score.trace_id is None and score.session_id is None and score.dataset_run_id is None:
        raise InvalidInput(
            f"The score {score.name!r} names no trace, session or dataset run.", code="langfuse.bad_score"
        )
    return score


def to_score(score: LangfuseScore, *, now: datetime) -> Score:
    """Return the score as it is stored.

    Args:
        now: When it was given, if it does not say.
    """
    is_text = isinstance(score.value, str)
    return Score(
        score_id=score.id or new_id(),
        name=score.name,
        at_unix_nano=to_unix_nano(score.timestamp or now),
        value=None if isinstance(score.value, str) else score.value,
        label=str(score.value) if is_text else "",
        explanation=score.comment or "",
        trace_id=trace_id_of(score.trace_id) if score.trace_id else b"",
        span_id=span_id_of(score.observation_id) if score.observation_id else b"",
        session_id=score.session_id or "",
        run_id=score.dataset_run_id or "",
        source=_SOURCES.get(score.source or "", "langfuse"),
        environment=score.environment or "",
        attributes=_attributes(score),
    )


def _attributes(score: LangfuseScore) -> Mapping[str, str]:
    given = {
        "langfuse.score.data_type": score.data_type,
        "langfuse.score.config_id": score.config_id,
        "langfuse.score.metadata": score.metadata,
    }
    return {
        key: value if isinstance(value, str) else orjson.dumps(value).decode()
        for key, value in given.items()
        if value is not None
    }
