"""What a run may use: calls, money, time. Checked before each call; and what it is expected to use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from pitwall.core.errors import InvalidInput
from pitwall.kit.money import format_usd
from pitwall.llm.tokens import cost_usd
from pitwall.llm.types import CallFailed, CallFailure, ModelEndpoint, Usage

_SECONDS_PER_MINUTE = 60.0


class BudgetUnkeepable(InvalidInput):
    """A limit in US dollars is set for a model whose price nobody knows."""

    default_code = "llm.unpriced"


@dataclass(frozen=True, slots=True)
class BudgetLimits:
    """What may be used; None for no limit.

    Attributes:
        max_calls: Calls made, retries within a call not counted; answers from the store cost nothing.
        max_cost_usd: US dollars.
        max_minutes: From the first moment of the run.
    """

    max_calls: int | None = None
    max_cost_usd: Decimal | None = None
    max_minutes: float | None = None


class Budget:
    """Counts what a run uses and refuses the call that would be too much.

    A call reserves itself and its expected cost before it begins, so calls under way count. The number of
    calls is never exceeded; money is exceeded at most by what calls under way cost beyond expectation.
    """

    def __init__(self, limits: BudgetLimits, now: Callable[[], float]) -> None:
        self.limits = limits
        self._now = now
        self._started_at = now()
        self._calls = 0
        self._spent = Decimal(0)
        self._reserved = Decimal(0)

    @property
    def calls(self) -> int:
        """Calls made or under way."""
        return self._calls

    @property
    def spent_usd(self) -> Decimal:
        """What finished calls cost, as far as they have a price."""
        return self._spent

    def check_priced(self, endpoint: ModelEndpoint, usage: Usage) -> None:
        """Refuse a limit of money that cannot be kept.

        Args:
            usage: Tokens of the kinds that calls to the model have.

        Raises:
            BudgetUnkeepable: The model has no price.
        """
        if self.limits.max_cost_usd is None or cost_usd(endpoint, usage) is not None:
            return
        raise BudgetUnkeepable(
            f"The cost cannot be limited to {format_usd(self.limits.max_cost_usd)}: "
            f"the model {endpoint.model!r} has no price.",
            hint="Give its profile input_usd_per_million and output_usd_per_million, or limit calls.",
        )

    def reserve(self, expected_usd: Decimal | None) -> Decimal:
        """Count a call that is about to begin; returns what `settle` has to be given.

        Raises:
            CallFailed: It would be too much; with the failure `budget`.
        """
        self.check_time()
        limits, expected = self.limits, expected_usd or Decimal(0)
        if limits.max_calls is not None and self._calls >= limits.max_calls:
            raise _exhausted(f"{limits.max_calls} calls were made", "--max-calls")
        if limits.max_cost_usd is not None and (
            self._spent + self._reserved + expected > limits.max_cost_usd
        ):
            raise _exhausted(
                f"{format_usd(self._spent)} of {format_usd(limits.max_cost_usd)} are spent and the next call "
                "would be too much",
                "--max-cost",
            )
        self._calls += 1
        self._reserved += expected
        return expected

    def settle(self, reserved: Decimal, cost: Decimal | None) -> None:
        """Replace what a call was expected to cost by what it did."""
        self._reserved -= reserved
        self._spent += cost or Decimal(0)

    def check_time(self) -> None:
        """Refuse to go on after the last minute.

        Raises:
            CallFailed: Time is up; with the failure `budget`.
        """
        limit = self.limits.max_minutes
        if limit is not None and self._now() - self._started_at >= limit * _SECONDS_PER_MINUTE:
            raise _exhausted(f"{limit:g} minutes are over", "--max-minutes")


def _exhausted(what: str, option: str) -> CallFailed:
    return CallFailed(
        f"The budget is used up: {what}.",
        failure=CallFailure.BUDGET,
        hint=f"Go on with a larger {option}; what is finished is kept and not asked again.",
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What calls are expected to use, before the first one.

    Attributes:
        cost_usd: None where the model has no price.
    """

    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None


def estimate(endpoint: ModelEndpoint, prompts: Iterable[int], output_tokens_each: int) -> Estimate:
    """Estimate calls to a model.

    Args:
        prompts: Tokens of each prompt, as `tokens.prompt_tokens` estimates them.
        output_tokens_each: Tokens that a reply is expected to have.
    """
    sizes = list(prompts)
    usage = Usage(sum(sizes), len(sizes) * min(output_tokens_each, endpoint.max_tokens))
    return Estimate(len(sizes), usage.input_tokens or 0, usage.output_tokens or 0, cost_usd(endpoint, usage))
