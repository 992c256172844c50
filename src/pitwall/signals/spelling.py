"""Statements as people read them: with their values in place, a clause per line."""

from __future__ import annotations

import re
from typing import Any

from pitwall.signals.plan import Plan
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import quoted

_PLACEHOLDER = re.compile(r"\{(\w+):[^}]+\}")


def spelled_out(plan: Plan) -> str:
    """The statement of a plan with its parameters written into it.

    For reading, and for pasting into a client of the store; what runs has bound parameters.
    """
    return _PLACEHOLDER.sub(lambda match: _literal(plan.parameters[match[1]]), plan.sql)


def formatted(engine: TelemetryEngine, sql: str) -> str:
    """A statement as the store itself would write it, over several lines."""
    return str(engine.query("SELECT formatQuery({sql:String})", {"sql": sql}).scalar())


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)
