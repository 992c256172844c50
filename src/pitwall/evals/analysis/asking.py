"""Asking the model of a profile for a summary, in the process of a command; every call is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.analysis.report.brief import make_brief
from pitwall.evals.analysis.report.writing import ModelText, write_text
from pitwall.kit.cli_options import Target
from pitwall.kit.clock import SystemClock
from pitwall.kit.i18n import Language
from pitwall.llm.models import ModelsPlan, open_models
from pitwall.llm.profiles import chosen_profile
from pitwall.settings import Settings, load_settings
from pitwall.stores.state import StateStore


def ask_for_text(target: Target, profile: str, analysis: Mapping[str, Any], language: Language) -> ModelText:
    """Let a model write a summary of an analysis.

    Raises:
        ProfileUnknown: There is no such profile.
        ProfileUnusable: A secret or an address is missing.
    """
    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    judge = chosen_profile(settings, target.environ, profile, config=target.config).judge
    project = LOCAL_OPERATOR.on_project(target.project).project_id
    plan = ModelsPlan(judge, project_id=project, run_id=analysis["run"]["id"])

    async def ask(store: StateStore | None) -> ModelText:
        async with open_models(plan, store) as models:
            return await write_text(models, make_brief(analysis), language)

    with _call_store(target, settings) as store:
        return asyncio.run(ask(store))


@contextmanager
def _call_store(target: Target, settings: Settings) -> Iterator[StateStore | None]:
    """Yield where calls are kept; None beside a server elsewhere."""
    if target.url is not None:
        yield None
        return
    store = StateStore(settings.state_url, clock=SystemClock()).open()
    try:
        yield store
    finally:
        store.close()
