"""Looks for a text in the payloads of spans, and in the log records that carry what a span does not."""

from __future__ import annotations

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.conditions import (
    any_of,
    joined,
    logged_between,
    logs_with_text,
    selected,
    text_between,
    text_of_spans,
)
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.filters import Sql
from pitwall.traces.types import Selection


class TextSearch:
    """Conditions on the texts of spans.

    Args:
        engine: The telemetry store, asked whether log records hold the text at all; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def matching(self, selection: Selection) -> Sql:
        """Everything that a selection asks of a span, its text included."""
        last = None if selection.until_nano is None else selection.until_nano - 1
        return joined([selected(selection), self.within(selection, selection.since_nano, last)])

    def match(self, selection: Selection, spans: Sql, times: Sql, traces: Sql) -> Sql:
        """What makes a span of known traces a match; all three bound where a text is looked for."""
        conditions = [selected(selection)]
        if selection.text:
            logged = logs_with_text(selection.text, traces)
            conditions.append(
                self._with_logged(selection, text_of_spans(selection.text, spans, times), logged)
            )
        return joined(conditions)

    def within(self, selection: Selection, first_nano: int | None, last_nano: int | None) -> Sql:
        """A condition on the texts of spans that started in a closed range; true if no text is asked for."""
        if not selection.text:
            return Sql("1")
        logs = logs_with_text(selection.text, logged_between(first_nano, last_nano))
        return self._with_logged(selection, text_between(selection.text, first_nano, last_nano), logs)

    def _with_logged(self, selection: Selection, texts: Sql, logs: Sql) -> Sql:
        """A condition on the texts of spans, widened to those in log records if there are any."""
        project = {"project": selection.project}
        first = Sql(f"{logs.text} LIMIT 1", {**logs.parameters, **project})
        if not self._engine.query(first.text, first.parameters, settings=QUERY_SETTINGS).rows:
            return texts
        return any_of(texts, Sql(f"(trace_id, span_id) IN ({logs.text})", logs.parameters))
