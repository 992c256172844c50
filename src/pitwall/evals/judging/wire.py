"""What a prompt is, as JSON: the same for the API and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.evals.judging.prompt_problems import unnamed_verdicts
from pitwall.evals.judging.prompts import (
    COMMON,
    NAMES,
    VERSION,
    Content,
    Prompts,
    common_digest,
    content_of,
    places_of,
    prompt,
)
from pitwall.evals.judging.showing import shown
from pitwall.evals.metrics.registry import Registry
from pitwall.kit.i18n import Language

Json = dict[str, Any]


def prompt_view(name: str, registry: Registry) -> Json:
    """What is known of one of Pitwall's own prompts, without its texts."""
    is_common = name == COMMON
    return {
        "name": name,
        "version": content_of(name)[VERSION],
        "digest": common_digest() if is_common else prompt(name).digest,
        "is_replaceable": not is_common,
        "places": [] if is_common else sorted(places_of(name, Language.ENGLISH)),
        "metrics": metrics_asking(name, registry),
    }


def prompt_detail(name: str, registry: Registry) -> Json:
    """One of Pitwall's own prompts with its texts."""
    return {**prompt_view(name, registry), "content": dict(content_of(name)), "yaml": shown(name)}


def prompts_view(registry: Registry) -> Json:
    """Pitwall's own prompts, last what is said with all of them."""
    return {"prompts": [prompt_view(name, registry) for name in (*NAMES, COMMON)]}


def replaced_view(own: Mapping[str, Content], registry: Registry) -> Json:
    """What own prompts replace, prompt by prompt."""
    prompts = Prompts.replacing(own)
    return {"hash": prompts.hash, "prompts": [_replaced(name, own, prompts, registry) for name in own]}


def metrics_asking(name: str, registry: Registry) -> list[str]:
    """Names of the metrics that ask with a prompt; with what is said with all of them, all that ask any."""
    asking = [(metric.spec.name, {one for one, _ in metric.spec.prompts}) for metric in registry]
    wanted = set(NAMES) if name == COMMON else {name}
    return [metric for metric, names in asking if names & wanted]


def _replaced(name: str, own: Mapping[str, Content], prompts: Prompts, registry: Registry) -> Json:
    given = [language for language in Language if language.value in own[name]]
    unnamed = {
        language.value: unnamed_verdicts(name, language, own[name][language.value]) for language in given
    }
    return {
        "name": name,
        "version": own[name][VERSION],
        "languages": [language.value for language in given],
        "digest": prompts.get(name).digest,
        "built_in_digest": prompt(name).digest,
        "is_same": name not in prompts.replaced,
        "unnamed_verdicts": {language: words for language, words in unnamed.items() if words},
        "metrics": metrics_asking(name, registry),
    }
