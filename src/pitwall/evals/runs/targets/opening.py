"""From what a plan says of its target to the target itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from pitwall.evals.metrics.types import Needs
from pitwall.evals.retrievers.types import RetrieverPlan
from pitwall.evals.runs.errors import TargetInvalid, problem_at
from pitwall.evals.runs.targets.reply import fields_of_reply
from pitwall.evals.runs.targets.stored import StoredAnswers
from pitwall.evals.runs.targets.template import check_template
from pitwall.evals.runs.targets.types import Target
from pitwall.kit.i18n import Text
from pitwall.llm.types import Models
from pitwall.settings.secrets import SCHEME, resolve_reference

STORED = "stored"
IMPORTED = "imported"
"""Of a run whose scores came from a file of another tool: nobody can be asked again."""
SERVER_SECRETS = "EVAL_TARGET_"
"""What the names of variables begin with whose values the server sends to targets."""
_SECRET_HEADERS = ("authorization", "cookie", "key", "token", "secret", "password")
_NO_ADDRESS = Text(
    "{address} is no address that can be asked.", "{address}은(는) 요청을 보낼 수 없는 주소입니다."
)
_IN_CLEAR = Text(
    "The header {name!r} would be kept with the run in clear.",
    "{name!r} 헤더 값이 실행 기록에 그대로 남습니다.",
)
_NO_TARGET_SECRET = Text(
    "The header {name!r} refers to a secret that the server does not send to targets.",
    "{name!r} 헤더가 가리키는 비밀 값은 서버가 평가 대상에 보내지 않습니다.",
)


def target_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a plan says of the target that options of `pitwall eval run` name.

    Raises:
        TargetInvalid: It is none that can be asked.
        RetrieverInvalid: Contexts cannot be found in this way.
        DocumentsInvalid: Documents cannot be read.
    """
    options = {
        "body": values["target_body"],
        "answer": values["target_answer"],
        "contexts": values["target_contexts"],
        "tool_calls": values["target_tool_calls"],
        "usage": values["target_usage"],
        "headers": values["target_headers"],
        "timeout_seconds": values["target_timeout"],
        "retries": values["target_retries"],
        "concurrency": values["target_concurrency"],
    }
    target = target_plan(values["answers_from"], options)
    return target if values["retriever"] is None else _with_retriever(target, values)


def _with_retriever(target: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    if target["kind"] != STORED:
        raise TargetInvalid(
            f"--retriever finds contexts for stored answers; {values['answers_from']!r} finds its own.",
            hint="Leave --retriever out and read the contexts of the target with --target-contexts, or leave "
            "--target out: an answer cannot be judged by contexts that whoever gave it never saw.",
        )
    # Reads documents; only for runs that have some.
    from pitwall.evals.retrievers.planning import plan_retrieval

    return {**target, "retriever": plan_retrieval(values).json()}


def target_plan(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a plan says of a target as the command line names it.

    Args:
        name: `stored`, an address, or `module:function`.
        options: `body` (JSON text), `answer`, `contexts`, `tool_calls`, `usage`, `headers` (`NAME=VALUE`
            each), `timeout_seconds`, `retries`, `concurrency`.

    Raises:
        TargetInvalid: It is none that can be asked.
    """
    if name == STORED:
        return {"kind": STORED}
    if "://" in name:
        body, headers = _read_body(options["body"]), _read_headers(options["headers"])
        return http_target_plan(**{**options, "url": name, "body": body, "headers": headers})
    module, separator, function = name.partition(":")
    if not separator or not all(part.isidentifier() for part in (*module.split("."), *function.split("."))):
        raise TargetInvalid(
            f"{name!r} is no target.",
            hint="Use `stored`, an address such as http://127.0.0.1:8000/ask, or a Python module:function.",
        )
    pace = {"timeout_seconds": options["timeout_seconds"], "concurrency": options["concurrency"]}
    return {"kind": "python", "function": name, **pace}


def http_target_plan(*, url: str, body: Any, headers: Mapping[str, str], **others: Any) -> dict[str, Any]:
    """Return what a plan says of a service that answers over HTTP.

    Raises:
        TargetInvalid: It is none that can be asked.
    """
    check_template(body)
    for name, value in headers.items():
        _check_header(name, value)
    return {"kind": "http", "url": _check_url(url), "body": body, "headers": dict(headers), **others}


def fields_given(plan: Mapping[str, Any]) -> frozenset[Needs]:
    """Which fields the answers of a target may have, without opening it."""
    if plan["kind"] == STORED:
        return frozenset() if plan.get("retriever") is None else frozenset({Needs.CONTEXTS})
    if plan["kind"] == "http":
        return fields_of_reply(plan.get("contexts"), plan.get("tool_calls"), plan.get("usage"))
    from pitwall.evals.runs.targets.python import PythonTarget

    return PythonTarget.gives


def open_target(
    plan: Mapping[str, Any], run_id: str, environ: Mapping[str, str], models: Models | None = None
) -> Target:
    """Make a target ready to be asked; reads documents, so it may block for a second.

    Args:
        models: Of the run; give vectors to a retriever that needs them.

    Raises:
        TargetInvalid: A secret of a header is not there, or the function cannot be loaded.
        RetrieverInvalid: Documents are not those that the run was begun with.
        DocumentsInvalid: They cannot be read.
    """
    retriever = RetrieverPlan.of(plan)
    if retriever is not None:
        from pitwall.evals.runs.targets.retrieved import RetrievedContexts

        return RetrievedContexts(retriever, models)
    values = {name: value for name, value in plan.items() if name != "kind"}
    if plan["kind"] == STORED:
        return StoredAnswers()
    if plan["kind"] == "http":
        from pitwall.evals.runs.targets.http import HttpTarget, HttpTargetPlan

        headers = {name: _secret(value, environ) for name, value in values.pop("headers").items()}
        return HttpTarget(HttpTargetPlan(run_id=run_id, headers=headers, **values))
    from pitwall.evals.runs.targets.python import PythonTarget, PythonTargetPlan

    return PythonTarget(PythonTargetPlan(**values))


def check_server_target(plan: Mapping[str, Any]) -> None:
    """Refuse to let the server run code of a caller's choice, or send away secrets that are its own.

    Raises:
        TargetInvalid: The target is a Python callable or a retriever, or a header refers to another secret
            than a target's.
    """
    if plan.get("retriever") is not None:
        raise retriever_is_local()
    if plan["kind"] == "python":
        raise TargetInvalid(
            f"The target {plan['function']!r} is a Python callable, which the server does not run.",
            code="eval_target.is_local",
            hint="Use `pitwall eval run` where the function can be imported, or an address.",
        )
    for name, value in plan.get("headers", {}).items():
        _, found, reference = value.partition(SCHEME)
        if found and not reference.startswith(f"env/{SERVER_SECRETS}"):
            problem = problem_at("target.headers", _NO_TARGET_SECRET, name=name)
            raise TargetInvalid(
                problem["message"],
                details={"errors": [problem]},
                code="eval_target.secret_refused",
                hint=f"Set a variable of the server whose name begins with {SERVER_SECRETS}, and name that.",
            )


def retriever_is_local() -> TargetInvalid:
    """What a server says that is to search documents which only the command's machine has."""
    return TargetInvalid(
        "The server does not search documents of the command line.",
        code="eval_target.is_local",
        hint="Run without --url where the documents are; `--db` names a store of runs that others read too.",
    )


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise TargetInvalid.at(
            "url",
            _NO_ADDRESS,
            address=f"{parts.scheme}://{parts.hostname or ''}",
            hint="Write http:// or https:// without a user; send credentials as headers by secret://env/NAME.",
        )
    return url


def _read_body(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError as error:
        raise TargetInvalid(f"--target-body is no JSON: {error}.") from error


def _read_headers(given: Sequence[str]) -> dict[str, str]:
    headers = {}
    for pair in given:
        name, separator, value = pair.partition("=")
        if not separator or not name.strip():
            raise TargetInvalid(f"The header {name!r} has no value.", hint="Write it as NAME=VALUE.")
        headers[name.strip()] = value
    return headers


def _check_header(name: str, value: str) -> None:
    """Refuse a secret in clear: plans are kept, and shown to whoever may read."""
    if any(word in name.lower() for word in _SECRET_HEADERS) and SCHEME not in value:
        raise TargetInvalid.at(
            "headers",
            _IN_CLEAR,
            name=name,
            hint=f"Give its value as a reference: {name}=secret://env/NAME.",
        )


def _secret(value: str, environ: Mapping[str, str]) -> str:
    """A value, or what it refers to, also behind a word such as `Bearer`."""
    before, found, reference = value.partition(SCHEME)
    if not found:
        return value
    try:
        return before + resolve_reference(SCHEME + reference, environ)
    except ValueError as error:
        raise TargetInvalid(f"A header of the target cannot be sent: {error}.") from error
