"""Taking a snapshot: everything that decides what a run says, without its secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from pitwall import __version__
from pitwall.evals.datasets.types import DatasetVersion
from pitwall.evals.judging.prompts import BUILT_IN, Prompts
from pitwall.evals.metrics.types import MetricSpec
from pitwall.evals.retrievers.types import RetrieverPlan
from pitwall.evals.runs.stored import plan_json
from pitwall.evals.runs.types import EvalRun, PlannedMetric
from pitwall.evals.snapshots.again import command_again
from pitwall.evals.snapshots.redaction import Redaction
from pitwall.evals.snapshots.surroundings import (
    installed_packages,
    own_variables,
    python_facts,
    read_git,
    system_facts,
)
from pitwall.kit.durations import format_instant
from pitwall.kit.hashing import content_hash
from pitwall.settings.commands import describe
from pitwall.settings.groups import Settings
from pitwall.settings.loader import LoadedSettings

FORM: Final = 1
"""Counts changes of the form."""
Json = dict[str, Any]
_DEFAULT: Final = "default"
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is run.

    Attributes:
        version: None if the dataset's version is gone.
        specs: Of the run's metrics, by their names; those that are not known here are missing.
        prompts: What the judge is asked with.
        files: Where metrics of the user stand, by their names.
        retrievers: Parameters of searches that are known of the run.
        digests: Of models, by name.
        model_config: What the profile says of its models besides their names and addresses.
    """

    run: EvalRun
    version: DatasetVersion | None
    specs: Mapping[str, MetricSpec] = field(default_factory=dict)
    prompts: Prompts = BUILT_IN
    files: Mapping[str, Path] = field(default_factory=dict)
    retrievers: Sequence[Json] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    model_config: Json | None = None


def take_snapshot(
    subject: Subject,
    loaded: LoadedSettings,
    *,
    now: datetime,
    directory: Path,
    environ: Mapping[str, str],
    keys: Iterable[str] = (),
) -> Json:
    """Return what a run runs on here and now, ready to be kept: secrets are left out already.

    It costs a few milliseconds and one `git status`; nothing is asked over the network.

    Args:
        loaded: The settings in effect.
        directory: Whose git tree it is about.
        environ: Variables of the process.
        keys: Further names whose values are left out.
    """
    redaction = Redaction(tuple(keys))
    taken = redaction.apply({**subject_facts(subject), **surrounding_facts(loaded, directory, environ)})
    return {"form": FORM, "taken_at": format_instant(now), **taken, "redacted": redaction.count}


def subject_facts(subject: Subject) -> Json:
    """What is run: the same wherever it is asked."""
    run, version = subject.run, subject.version
    return {
        "dataset": {
            "name": run.dataset,
            "version": None if version is None else version.number,
            "label": None if version is None else version.label,
            "content_hash": run.dataset_hash,
            "examples": None if version is None else version.example_count,
        },
        "metrics": [_metric(one, subject) for one in run.plan.metrics],
        "prompts": _prompts(subject.prompts),
        "plan": plan_json(run.plan),
        "models": _models(subject),
        "model_config": _model_config(subject),
        "retrievers": [*_own_retriever(run), *subject.retrievers],
        "command": command_again(
            run, None if version is None else version.number, sorted({*subject.files.values()})
        ),
    }


def surrounding_facts(loaded: LoadedSettings, directory: Path, environ: Mapping[str, str]) -> Json:
    """What this process runs on."""
    git = read_git(directory, environ)
    return {
        "pitwall": __version__,
        "git": None if git is None else git.view(),
        "python": python_facts(),
        "packages": installed_packages(),
        "settings": orjson.loads(orjson.dumps(_settings(loaded), default=str)),  # paths become texts
        "environment": own_variables(environ),
        "system": system_facts(),
    }


def digest_of(model: str | None, digests: Mapping[str, str]) -> str | None:
    """Return the digest of a model; without a tag it is the latest."""
    if model is None:
        return None
    return digests.get(model) or digests.get(f"{model}:latest")


def _settings(loaded: LoadedSettings) -> list[Json]:
    """Settings that are no defaults; where nobody knows who set one, its origin is `unknown`."""
    defaults = {row["setting"]: row["value"] for row in _default_rows()}
    found = []
    for row in describe(loaded):
        told = {name: row[name] for name in ("setting", "value", "source", "place")}
        if row["source"] != _DEFAULT:
            found.append(told)
        elif row["value"] != defaults[row["setting"]]:
            found.append({**told, "source": _UNKNOWN})
    return found


@cache
def _default_rows() -> Sequence[Json]:
    settings = Settings.model_validate({}, context={"environ": {}})
    return describe(LoadedSettings(settings, {}, None))


def _metric(planned: PlannedMetric, subject: Subject) -> Json:
    spec, file = subject.specs.get(planned.name), subject.files.get(planned.name)
    return {
        "name": planned.name,
        "identity": planned.identity,
        "threshold": planned.threshold,
        "prompts": None if spec is None else dict(spec.prompts),
        "source": None
        if file is None
        else {"file": str(file), "hash": content_hash(file.read_text("utf-8"))},
    }


def _prompts(prompts: Prompts) -> Json | None:
    """The texts that are not Pitwall's own, as `--prompts` takes them; None without any."""
    return None if prompts.hash is None else {"hash": prompts.hash, "texts": dict(prompts.own)}


def _models(subject: Subject) -> Json:
    plan, digests = subject.run.plan, subject.digests
    judge = plan.judge
    return {
        "judge": None
        if judge is None
        else {
            "model": judge.model,
            "api": judge.api,
            "digest": digest_of(judge.model, digests),
            "embedding_model": judge.embedding_model,
            "embedding_digest": digest_of(judge.embedding_model, digests),
            **judge.parameters,
        },
        "target": _target(plan.target, digests),
    }


def _model_config(subject: Subject) -> Json:
    """How models are asked, besides their names."""
    plan = subject.run.plan
    judge = None if plan.judge is None else asdict(plan.judge)
    target = dict(plan.target)
    return {"profile": plan.profile, "judge": judge, "target": target, "options": subject.model_config}


def _own_retriever(run: EvalRun) -> list[Json]:
    """The retriever of a plan, in the form of searches that were observed."""
    retriever, judge = RetrieverPlan.of(run.plan.target), run.plan.judge
    if retriever is None:
        return []
    parameters = retriever.parameters(None if judge is None else judge.embedding_model)
    return [{"from": "plan", "stage": "retriever", "name": None, "uses": None, "parameters": parameters}]


def _target(target: Mapping[str, Any], digests: Mapping[str, str]) -> Json:
    """Who answers; a body that names a model says which one."""
    body = target.get("body")
    named = body.get("model") if isinstance(body, Mapping) else None
    model = named if isinstance(named, str) else None
    return {
        "kind": target.get("kind"),
        "url": target.get("url"),
        "function": target.get("function"),
        "model": model,
        "digest": digest_of(model, digests),
    }
