"""Ollama answers, has its models on disk and in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.kit.i18n import Text
from pitwall.probes.findings import degraded, down, said, up
from pitwall.probes.kinds.asking import Question, Reply, put_question
from pitwall.probes.types import OllamaProbe, Outcome

_REFUSED = Text("HTTP {status} to {path}", "{path} 요청에 HTTP {status} 응답")
_NOT_PULLED = Text("not pulled: {models}", "받아 두지 않은 모델: {models}")
_NOT_LOADED = Text("not in memory: {models}", "메모리에 올라와 있지 않은 모델: {models}")
_MEMORY = Text(
    "models use {used:,} bytes of memory, more than {limit:,}",
    "모델이 메모리 {used:,}바이트를 써서 한도 {limit:,}바이트를 넘었습니다",
)


def ask_ollama(probe: OllamaProbe) -> Outcome:
    """Ask Ollama once; see `kinds.ask`."""
    tags, running = _ask(probe, "/api/tags"), _ask(probe, "/api/ps")
    for path, reply in (("/api/tags", tags), ("/api/ps", running)):
        if not reply.is_ok:
            return down(said(_REFUSED, status=reply.status, path=path))
    pulled, models = _names(tags), _models(running)
    loaded = [str(model.get("name", "")) for model in models]
    memory = sum(size for model in models if isinstance(size := model.get("size"), int))
    facts = {"pulled": pulled, "loaded": loaded, "memory_bytes": memory}
    measures = {"memory_bytes": float(memory), "models_loaded": float(len(loaded))}
    if missing := _missing(probe.pulled, pulled):
        return down(said(_NOT_PULLED, models=missing), measures=measures, **facts)
    if missing := _missing(probe.loaded, loaded):
        return degraded(said(_NOT_LOADED, models=missing), measures=measures, **facts)
    if probe.max_memory_bytes is not None and memory > probe.max_memory_bytes:
        problem = said(_MEMORY, used=memory, limit=probe.max_memory_bytes)
        return degraded(problem, measures=measures, **facts)
    return up(measures=measures, **facts)


def _ask(probe: OllamaProbe, path: str) -> Reply:
    return put_question(Question(f"{probe.url.rstrip('/')}{path}", probe.timeout_seconds))


def _models(reply: Reply) -> list[dict[str, Any]]:
    models = reply.member("models")
    return [model for model in models if isinstance(model, dict)] if isinstance(models, list) else []


def _names(reply: Reply) -> list[str]:
    return [str(model.get("name", "")) for model in _models(reply)]


def _missing(wanted: Sequence[str], there: Sequence[str]) -> str:
    """Names that are not there; without a tag a model is `:latest`."""
    return ", ".join(name for name in wanted if not {name, f"{name}:latest"} & set(there))
