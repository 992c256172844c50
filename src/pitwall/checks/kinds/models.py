"""Models: whether Ollama has those that are pinned, unchanged."""

from __future__ import annotations

from collections.abc import Mapping

from pitwall.checks.findings import passed, wrong
from pitwall.checks.items import ModelTagsItem
from pitwall.checks.surroundings import Looking
from pitwall.checks.types import Finding
from pitwall.kit.i18n import Text
from pitwall.probes.kinds.asking import Question, put_question
from pitwall.probes.types import OllamaProbe

_NO_ANSWER = Text("{url} answered HTTP {status}", "{url} 응답 HTTP {status}")
_DIFFER = Text("not as pinned: {problems}", "고정한 것과 다릅니다: {problems}")
_SAME = Text("as pinned: {names}", "고정한 그대로입니다: {names}")
_SHOWN = 12


def look_tags(item: ModelTagsItem, looking: Looking) -> Finding:
    """Compare names and digests of Ollama's models with what is pinned."""
    probe = OllamaProbe(name="tags", url=item.url)
    looking.around.runner.check(probe)
    reply = put_question(Question(f"{item.url.rstrip('/')}/api/tags", min(item.timeout_seconds, 60.0)))
    if not reply.is_ok:
        return wrong(item, _NO_ANSWER, url=item.url, status=reply.status)
    models = reply.member("models")
    there = {
        str(model.get("name", "")): str(model.get("digest", "")).removeprefix("sha256:")
        for model in (models if isinstance(models, list) else [])
    }
    pinned = dict(map(_pin, item.models.split(",")))
    problems = [problem for name, digest in pinned.items() if (problem := _problem(name, digest, there))]
    if problems:
        return wrong(item, _DIFFER, problems="; ".join(problems))
    return passed(_SAME, names=", ".join(pinned))


def _pin(text: str) -> tuple[str, str]:
    name, _, digest = text.strip().partition("@")
    return name, digest.removeprefix("sha256:")


def _problem(name: str, digest: str, there: Mapping[str, str]) -> str | None:
    found = there.get(name, there.get(f"{name}:latest"))
    if found is None:
        return f"{name} –"
    if digest and not found.startswith(digest):
        return f"{name} {found[:_SHOWN]} ≠ {digest[:_SHOWN]}"
    return None
