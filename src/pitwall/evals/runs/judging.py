"""Whose models judge a run: the facts that a plan needs, and the models with what is left to spend."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from pitwall.evals.runs.errors import PlanInvalid
from pitwall.evals.runs.execution import Judge
from pitwall.evals.runs.planning import ProfileFacts
from pitwall.evals.runs.types import EvalRun, JudgeFacts, Progress, RunBudget
from pitwall.ingest.pricing.model_prices import priced
from pitwall.kit.clock import Clock
from pitwall.llm.budget import BudgetLimits
from pitwall.llm.keys import parameters_of
from pitwall.llm.models import ModelsPlan, open_models
from pitwall.llm.profiles import ModelProfile, ModelProfiles, load_profiles
from pitwall.llm.tokens import cost_usd
from pitwall.llm.types import ModelEndpoint, Usage
from pitwall.settings import Settings
from pitwall.stores.state import StateStore

_SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Judges:
    """The profiles of models, as runs use them.

    Attributes:
        config: The settings file; profiles may lie beside it.
    """

    settings: Settings
    environ: Mapping[str, str]
    state: StateStore
    clock: Clock
    config: Path | None = None

    def facts(self, name: str | None) -> ProfileFacts:
        """Return what a plan has to know of a profile; without a name of the one that settings choose.

        Raises:
            ProfileUnknown: There is none of that name.
            ProfileUnusable: A secret or an address is missing.
        """
        chosen = name or self._default()
        if chosen is None:
            return ProfileFacts()
        profile = self._profile(chosen)
        judge = profile.judge
        return ProfileFacts(
            name=profile.name,
            judge=JudgeFacts(
                model=judge.model,
                api=judge.api.value,
                base_url=judge.base_url,
                embedding_model=None if profile.embedding is None else profile.embedding.model,
                parameters=parameters_of(judge),
            ),
            cost=lambda input_tokens, output_tokens: _cost(profile, input_tokens, output_tokens),
            thresholds=profile.thresholds,
        )

    @asynccontextmanager
    async def open(self, run: EvalRun) -> AsyncIterator[Judge | None]:
        """Open the models of a run; None for a run that asks none.

        Raises:
            PlanInvalid: The profile names another model by now.
            ProfileUnknown: There is no such profile any more.
        """
        planned = run.plan.judge
        if planned is None or run.plan.profile is None:
            yield None
            return
        profile = self._profile(run.plan.profile)
        if profile.judge.model != planned.model:
            raise PlanInvalid(
                f"Profile {profile.name!r} has the judge {profile.judge.model!r} by now; the run was begun "
                f"with {planned.model!r}.",
                code="eval_plan.judge_changed",
                hint="Begin a new run: scores of two judges cannot be mixed.",
            )
        _refuse_other_parameters(profile, planned)
        plan = ModelsPlan(
            judge=profile.judge,
            embedding=profile.embedding,
            project_id=run.project_id,
            run_id=run.id,
            is_fresh=run.plan.is_fresh,
            budget=left_of(run.plan.budget, run.progress),
        )
        async with open_models(plan, self.state, clock=self.clock) as models:
            yield Judge(models, lambda: models.counts, profile.judge.concurrency)

    def profiles(self) -> ModelProfiles:
        """The profiles as they are now.

        Raises:
            ProfilesInvalid: Their file is wrong.
        """
        return load_profiles(self.settings, self.environ, config=self.config)

    def describe(self, run: EvalRun) -> dict[str, Any] | None:
        """How the models of a run are asked, without their keys; None for a run that asks none."""
        if run.plan.profile is None:
            return None
        profile = self._profile(run.plan.profile)
        parts = {"judge": profile.judge, "embedding": profile.embedding}
        return {name: None if one is None else _described(one) for name, one in parts.items()}

    def _default(self) -> str | None:
        """The profile that settings name, or if there is one, that called as the profile of the settings."""
        models = self.settings.models
        if models.profile is not None:
            return models.profile
        called = self.settings.profile.value
        return called if called in self.profiles().names else None

    def _profile(self, name: str) -> ModelProfile:
        today = self.clock.now().date()
        return priced(self.profiles().get(name), today, user_file=self.settings.prices.file)


def _refuse_other_parameters(profile: ModelProfile, planned: JudgeFacts) -> None:
    now = parameters_of(profile.judge)
    changed = [name for name, value in planned.parameters.items() if now.get(name) != value]
    if changed:
        raise PlanInvalid(
            f"Profile {profile.name!r} asks its judge with other parameters by now: {', '.join(changed)}.",
            code="eval_plan.judge_changed",
            hint="Begin a new run, or put the profile back as it was: scores of two judges cannot be mixed.",
        )


def _described(endpoint: ModelEndpoint) -> dict[str, Any]:
    """Everything a profile says of a model but its key; numbers of money as texts."""
    told = {one.name: getattr(endpoint, one.name) for one in fields(endpoint) if one.name != "api_key"}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in told.items()}


def left_of(budget: RunBudget, used: Progress) -> BudgetLimits:
    """What is left of a budget after what earlier attempts used."""
    calls, cost, minutes = budget.max_calls, budget.max_cost_usd, budget.max_minutes
    spent = Decimal(str(used.cost_usd or 0))
    return BudgetLimits(
        max_calls=None if calls is None else max(calls - used.calls_made, 0),
        max_cost_usd=None if cost is None else max(Decimal(str(cost)) - spent, Decimal(0)),
        max_minutes=None if minutes is None else max(minutes - used.seconds / _SECONDS_PER_MINUTE, 0.0),
    )


def _cost(profile: ModelProfile, input_tokens: int, output_tokens: int) -> float | None:
    amount = cost_usd(profile.judge, Usage(input_tokens, output_tokens))
    return None if amount is None else float(amount)
