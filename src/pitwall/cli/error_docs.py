"""Writes the reference of the errors: `python -m pitwall.cli.error_docs docs/reference/errors.md`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Final

import pitwall
from pitwall.core.errors import PitwallError
from pitwall.ingest.failures import RejectReason
from pitwall.ingest.files.errors import LineReason
from pitwall.kit.pages import write_page
from pitwall.llm.types import CallFailed, CallFailure
from pitwall.stores.telemetry.salvage import PARTLY_STORED, REFUSED

_HEAD: Final = """# Errors

Generated from the source by `python -m pitwall.cli.error_docs`; do not edit.

Every error has a stable code. The API answers with `application/problem+json`: `code`, `detail` (what is
wrong), `hint` (the way out), `details` (facts for programs) and `instance`, which holds the id of the request
that the server's log has, too. `details.retry_after_seconds` is also sent as `Retry-After`. OTLP doors answer
with the same HTTP status and a `google.rpc.Status` as body. The command line writes message and hint to
stderr and leaves with the exit code; 0 is done, 2 usage, 3 a check did not pass, 130 interrupted.

| code | kind | HTTP | exit | meaning |
|---|---|---|---|---|
"""
_REASONS: Final = """
## Reasons of dead letters

A record that is refused while its request is accepted has one of these reasons, see
[dead letters](../guides/dead-letters.md):
"""

# What the codes mean that are given where the error is raised; those of a class have its docstring.
MEANINGS: Final = {
    "access.credential_unknown": "The credential is not one that Pitwall issued.",
    "access.grant_exceeds": "A key cannot make a key that may do more than itself.",
    "access.key_inactive": "The API key is revoked or expired.",
    "access.key_not_found": "There is no API key with this id.",
    "access.key_unknown": "The API key is well-formed, but not known to this server.",
    "access.other_project": "An API key works on its own project only.",
    "access.ui_header_missing": "A browser's session changes something only with `X-Pitwall-UI: 1`.",
    "access.scope_missing": "The key lacks the scope that this needs; `details.needed` names it.",
    "alert.bad_cursor": "The cursor is not one of this list.",
    "alert_rule.from_pack": "The alert rule comes with a pack, and nobody changed it.",
    "alert_rule.too_many": "The project has as many alert rules of its own as it may.",
    "board.from_pack": "The board comes with a pack, and nobody changed it.",
    "board.too_many": "The project has as many boards of its own as it may.",
    "budget.from_pack": "The budget comes with a pack, and nobody changed it.",
    "budget.too_many": "The project has as many budgets as it may.",
    "change.in_future": "A change is said to be made in the future.",
    "change.in_progress": "Another request is adding the change with the same key; send it again.",
    "change.key_reused": "The idempotency key names another change.",
    "cursor.invalid": "The cursor does not belong to this list, or was changed.",
    "archive.bad_cursor": "The cursor is not one of this list.",
    "archive.no_directory": "There is no such directory of trace files, or none is given.",
    "archive.same_directory": "The directory of trace files is the archive itself.",
    "checks.bad_cursor": "The cursor is not one of this list.",
    "checks.no_channel": "People are to be told, and no notification channel is set up.",
    "data_dir.missing": "There is no such data directory, and reading does not make one.",
    "data_dir.not_writable": "The data directory cannot be written, often because the disk is full.",
    "data_dir.other_user": "The data directory belongs to another user of this machine.",
    "data_dir.unusable": "The data directory cannot be made or opened.",
    "eval_anchors.gone": "The answers of the run that the anchors come from are gone with its dataset.",
    "eval_import.no_scores": "A result file of another tool has no score that could be read.",
    "eval_import.no_such_example": "A result is about no example of the dataset, or about a judged one.",
    "eval_plan.judge_changed": "The profile names another judge than the run was begun with.",
    "eval_plan.metric_changed": "A metric has another version or other prompts than the run was begun with.",
    "eval_run.format_unknown": "A run cannot be written in this format.",
    "eval_run.metric_unknown": "The run does not judge by this metric.",
    "eval_target.is_local": "The server runs no Python callables, and searches no documents of a command.",
    "eval_target.secret_refused": "A header refers to a secret that the server does not send to targets.",
    "dataset.csv": "The file is no valid CSV from the named line on.",
    "dataset.empty": "There is no example, or nothing of what was found can be one.",
    "dataset.encoding": "The file is no text in the encoding that was named, or in any that is tried.",
    "dataset.formula": "A formula of the workbook was saved without its value, which nobody knows.",
    "dataset.json": "The file is no valid JSON at the named line.",
    "dataset.map_invalid": "The column map names a field that examples do not have.",
    "dataset.name_invalid": "The text is no name of a dataset.",
    "dataset.not_for_workbook": "A workbook would cut or change a text; other formats hold it.",
    "dataset.thresholds": "A threshold in the file is no number.",
    "dataset.too_large": "The file has more bytes than may be sent.",
    "dataset.version_not_found": "The dataset has no version of that number or label.",
    "dead_letter.bad_cursor": "The cursor is not one of this list.",
    "dead_letter.cut": "The dead letter was too large to keep whole, so it cannot be sent again.",
    "dead_letter.needs_map": "The dead letter is a line whose column map is not kept; import the file again.",
    "dead_letter.not_found": "There is no dead letter with this id.",
    "dead_letter.not_otlp": "A dead letter of this stream cannot be sent again.",
    "dead_letter.repeated": "The same request was sent a moment ago; retry after the retry horizon.",
    "http.*": "HTTP itself refuses the request; the code ends with the name of the status.",
    "http.method_not_allowed": "The path does not take this method.",
    "http.not_found": "There is no such path.",
    "ingest.file_not_found": "The file to import is not there.",
    "ingest.no_trace_files": "The folder holds none of the four trace files.",
    "ingest.row_too_long": "One row is longer than a chunk may be.",
    "ingest.source_not_found": "There is no imported source with this id.",
    "ingest.stdin_differs": "The input begins like one imported before and then differs.",
    "ingest.store_behind": "The store must catch up before this import can go on; try again.",
    "ingest.unpack_failed": "A packed file is damaged or cut.",
    "ingest.unreadable": "The file cannot be read, or is no file.",
    "ingest.zstd_missing": "This installation cannot unpack zstd.",
    "internal": "Something nobody foresaw; the server's log has it under the request's id.",
    "langfuse.bad_event": "An event of a Langfuse batch lacks what it needs.",
    "langfuse.bad_score": "A Langfuse score has no usable value or names nothing that it judges.",
    "missed.unknown_cluster": "No missed questions of the time range have this id.",
    "missed.unknown_format": "The name of the file tells no format that missed questions can be written in.",
    "langfuse.late_update": "A later batch wants to change a stored observation.",
    "langfuse.unknown_event": "The type of a Langfuse event is not known.",
    "live.closed": "The server is stopping, so nobody can listen any more.",
    "live.too_many": "Too many clients listen to live events.",
    "llm.auth": "The model endpoint does not accept the key.",
    "llm.budget": "The budget of a run is used up; no call was made.",
    "llm.invalid_json": "The model's reply is no JSON, also after it was told so.",
    "llm.network": "The model endpoint cannot be reached.",
    "llm.rate_limited": "The model endpoint refuses for load, or wants to be left alone for too long.",
    "llm.refused": "The model, or a filter before it, refused to answer.",
    "llm.rejected": "The model endpoint does not take the request.",
    "llm.timeout": "The model did not answer in time.",
    "llm.truncated": "The model's reply was cut off at its limit of tokens.",
    "llm.unavailable": "The model endpoint failed.",
    "llm.wrong_shape": "The model's reply is not of the shape that was asked for, also after it was told so.",
    "masking.unknown_rule": "There is no masking rule of this name.",
    "notification.bad_cursor": "The cursor is not one of this list.",
    "notification.channel_of_settings": "The channel comes from the setting alert_webhook_url.",
    "notification.silence_over": "The silence has ended already.",
    "notification.template_invalid": "A channel's template names what is not there, or has a lone `$`.",
    "package.missing": "A format needs a package that is not installed; the hint names the extra.",
    "prices.invalid": "The price file is wrong at the named line.",
    "prices.unpriced": "The price book has no price for this model.",
    "prices.unreadable": "The price file cannot be read.",
    "probe.host_not_allowed": "The setting `probes.allowed_hosts` does not name the host of the probe.",
    "probe.too_many": "The project has as many probes of its own as it may.",
    "project.exists": "There is a project with this id already.",
    "project.id_invalid": "The text is no project id.",
    "project.not_found": "There is no project with this id.",
    "recompute.busy": "Another command computes stored spans again.",
    "recompute.cluster": "Stored spans of a ClickHouse cluster cannot be computed again.",
    "retriever.changed": "The documents or the code that searches them changed since the run was begun.",
    "scrape.too_many": "The project has as many scrape targets as it may.",
    "server.not_pitwall": "What answers at this address is not Pitwall.",
    "server.starting": "The server is not ready yet.",
    "server.unreachable": "The server does not answer.",
    "settings.file_invalid": "The settings file is wrong at the named line.",
    "settings.file_unreadable": "The settings file cannot be read.",
    "settings.invalid": "Settings have wrong values; all are named at once.",
    "settings.unknown_key": "There is no such setting; the nearest is named.",
    "stage.bad_threshold": "A threshold of stage metrics is not written as metric=number.",
    "stage.empty": "A file has no stage event.",
    "stage.file": "A file of stage events cannot be read.",
    "stage.relevance": "A file does not say which documents are right, by test case.",
    "stage.unknown_metric": "There is no stage metric of this name.",
    "state.address_invalid": "The address of the state store is not understood.",
    "state.driver_missing": "The state store needs a package that is not installed.",
    "telemetry.malformed": "The request is no valid protobuf.",
    "telemetry.reserved_field": "The request uses field numbers that the write-ahead log needs.",
    "telemetry.too_many_fields": "The request has too many outermost fields.",
    "telemetry_store.engine_too_old": "The ClickHouse server is older than Pitwall needs.",
    "telemetry_store.locked": "The embedded store is open in another process, or is damaged.",
    "telemetry_store.migration_edited": "A shipped migration was changed after the store applied it.",
    "telemetry_store.newer": "A newer Pitwall has used this telemetry store.",
    "view.exists": "The page has a saved view of this name already.",
    "view.not_found": "There is no saved view with this id.",
    "view.too_many": "The project has as many saved views as it may.",
    "wal.closed": "The server is stopping.",
    "wal.disk_full": "The disk has no room for telemetry; nothing of the request was acknowledged.",
    "wal.disk_slow": "Requests come faster than the disk takes them.",
    "wal.full": "The write-ahead log is at `ingest.log_max_bytes`: the store is down or too slow.",
    "wal.locked": "The write-ahead log is open in another process.",
    "wal.write_failed": "The write-ahead log could not be written; nothing of the request was acknowledged.",
    "time.empty_range": "The range ends before it begins.",
    "time.invalid": "The text is no time.",
}


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row of the reference."""

    code: str
    kind: type[PitwallError]
    http_status: str
    meaning: str

    def __str__(self) -> str:
        kind = next(base for base in self.kind.__mro__ if base.__module__ == PitwallError.__module__)
        cells = (f"`{self.code}`", kind.__name__, self.http_status, str(self.kind.exit_code), self.meaning)
        return f"| {' | '.join(cells)} |"


def reference() -> str:
    """The reference page: a row per code, then the reasons of dead letters."""
    rows = "\n".join(str(found) for found in error_codes())
    reasons = ", ".join(
        f"`{reason}`" for reason in sorted({*RejectReason, *LineReason, REFUSED, PARTLY_STORED})
    )
    return f"{_HEAD}{rows}\n{_REASONS}{reasons}.\n"


@cache
def error_codes() -> tuple[ErrorCode, ...]:
    """Every code there is, sorted: the default of each class, and those given where an error is raised."""
    found = {code.code: code for module in _modules() for code in _raised_codes(module)}
    found |= {kind.default_code: _code_of(kind) for kind in _kinds(PitwallError)}
    found |= {code.code: code for code in _codes_of_calls()}
    return tuple(found[code] for code in sorted(found))


def _codes_of_calls() -> Iterator[ErrorCode]:
    """The codes of calls to models, made of why they failed."""
    for failure in CallFailure:
        code = f"llm.{failure.value}"
        yield ErrorCode(code, CallFailed, str(CallFailed.http_status), MEANINGS.get(code, ""))


def _modules() -> list[ModuleType]:
    """Every module, so that every class is known; Alembic's scripts run only inside of Alembic."""
    names = [found.name for found in walk_packages(pitwall.__path__, "pitwall.")]
    return [import_module(name) for name in names if ".migrations" not in name]


def _kinds(kind: type[PitwallError]) -> Iterator[type[PitwallError]]:
    for below in kind.__subclasses__():
        yield from _kinds(below)
    if kind.__module__.startswith("pitwall."):
        yield kind  # last, so that a code belongs to the class that defines it


def _code_of(kind: type[PitwallError]) -> ErrorCode:
    docstring = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0]
    meaning = MEANINGS.get(kind.default_code) or " ".join(docstring.split())
    return ErrorCode(kind.default_code, kind, str(kind.http_status), meaning)


def _raised_codes(module: ModuleType) -> Iterator[ErrorCode]:
    """The codes that calls such as `NotFound(..., code="project.not_found")` of a module give."""
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        kind = vars(module).get(node.func.id)
        if not (isinstance(kind, type) and issubclass(kind, PitwallError)):
            continue
        for keyword in node.keywords:
            code = _text(module, keyword.value) if keyword.arg == "code" else None
            if code is not None:
                yield ErrorCode(code, kind, _status(kind, node), MEANINGS.get(code, ""))


def _text(module: ModuleType, node: ast.expr) -> str | None:
    """What a code is, as far as the source tells: `http.*` for one made of a status, None for others."""
    match node:
        case ast.Constant(value=str(code)):
            return code
        case ast.Name(id=name) if isinstance(vars(module).get(name), str):
            return str(vars(module)[name])
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
            return f"{start}*"
        case _:
            return None


def _status(kind: type[PitwallError], call: ast.Call) -> str:
    """The HTTP status of a call's error; HTTP's own refusals carry theirs as the first argument."""
    match call.args:
        case [ast.Constant(value=int(status)), *_]:
            return str(status)
        case [ast.Attribute(attr="status_code"), *_]:
            return "any"
        case _:
            return str(kind.http_status)


if __name__ == "__main__":
    write_page(reference())
