"""Asking the model of a profile for a summary, in the process of a command.

Calls are kept where the state store is: not beside a server elsewhere, and not in a base install, which has
no package for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pitwall.evals.analysis.report.brief import make_brief
from pitwall.evals.analysis.report.writing import ModelText, write_text
from pitwall.evals.analysis.simulated import register_rule
from pitwall.kit.cli_options import Target
from pitwall.kit.clock import SystemClock
from pitwall.kit.i18n import Language
from pitwall.llm.models import ModelsPlan, open_models
from pitwall.llm.profiles import chosen_profile
from pitwall.settings import Settings, load_settings

if TYPE_CHECKING:
    from pitwall.stores.state import StateStore

_DEFAULT_PROJECT = "default"


def ask_for_text(target: Target, profile: str, analysis: Mapping[str, Any], language: Language) -> ModelText:
    """Let a model write a summary of an analysis.

    Raises:
        ProfileUnknown: There is no such profile.
        ProfileUnusable: A secret or an address is missing.
    """
    register_rule()
    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    judge = chosen_profile(settings, target.environ, profile, config=target.config).judge
    project = target.project or _DEFAULT_PROJECT
    plan = ModelsPlan(judge, project_id=project, run_id=analysis["run"]["id"])

    async def ask(store: StateStore | None) -> ModelText:
        async with open_models(plan, store) as models:
            return await write_text(models, make_brief(analysis), language)

    with _call_store(target, settings) as store:
        return asyncio.run(ask(store))


@contextmanager
def _call_store(target: Target, settings: Settings) -> Iterator[StateStore | None]:
    """Yield where calls are kept; None if they are not."""
    make_store = None if target.url else _state_store()
    if make_store is None:
        yield None
        return
    store = make_store(settings.state_url, clock=SystemClock()).open()
    try:
        yield store
    finally:
        store.close()


def _state_store() -> type[StateStore] | None:
    """The state store, if its packages are installed."""
    try:
        from pitwall.stores.state import StateStore
    except ModuleNotFoundError:
        return None
    return StateStore
