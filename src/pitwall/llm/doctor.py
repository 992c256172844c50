"""Finds out what a model at an endpoint can do: which ways of asking work, how often they fail, how fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

from pitwall.kit.clock import Clock
from pitwall.llm.abilities import ALL_MODES, Abilities, AbilityMemory
from pitwall.llm.asking import Asker, Tried
from pitwall.llm.budget import Budget, BudgetLimits
from pitwall.llm.calling import Caller, is_simulated
from pitwall.llm.client import WIRES, AttemptFailed, ModelClient
from pitwall.llm.counters import CallCounters
from pitwall.llm.doctor_questions import (
    SENTENCE_QUESTION,
    Probe,
    ProbeKind,
    Sentence,
    StatedVerdicts,
    probe,
)
from pitwall.llm.types import CallFailed, CallFailure, ModelEndpoint
from pitwall.llm.wire import Mode

# With these the endpoint itself is out of reach; another mode changes nothing.
_HOPELESS: Final = frozenset({CallFailure.AUTH, CallFailure.NETWORK})
_KINDS: Final = tuple(ProbeKind)
_REPEATS: Final = 3
_WARM: Final = 1.0
_A_SEED: Final = 20_231


@dataclass(slots=True)
class ModeFinding:
    """What a mode gave.

    Attributes:
        mode: None for the simulated judge.
        asked: Probes sent.
        valid: Replies that had the shape.
        complete: Of those, with every id exactly once.
        verdicts: Verdicts on ids that were asked for, by kind of probe.
        right: Of those, the ones that are known to be right.
        failures: What went wrong with the others.
        is_refused: The endpoint does not know this way of asking.
    """

    mode: Mode | None
    asked: int = 0
    valid: int = 0
    complete: int = 0
    verdicts: Counter[ProbeKind] = field(default_factory=Counter)
    right: Counter[ProbeKind] = field(default_factory=Counter)
    failures: Counter[CallFailure] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    is_refused: bool = False
    problem: str | None = None

    @property
    def failure_rate(self) -> float | None:
        """Share of probes without a complete reply; None if none was sent."""
        return 1 - self.complete / self.asked if self.asked else None

    @property
    def latency_ms(self) -> float | None:
        """Median of the replies that came."""
        return median(self.latencies_ms) if self.latencies_ms else None


@dataclass(frozen=True, slots=True)
class Findings:
    """What the doctor found.

    Attributes:
        models: Names that the endpoint lists; None if it does not.
        modes: In the order in which they are tried by default.
        abilities: What to ask with from now on; None if nothing works.
        repeats: Whether a question that is asked again gets the same reply; None if that could not be seen.
        seed_repeats: Whether it does at a temperature above 0 with a seed.
    """

    endpoint: ModelEndpoint
    models: tuple[str, ...] | None
    modes: tuple[ModeFinding, ...]
    abilities: Abilities | None
    repeats: bool | None = None
    seed_repeats: bool | None = None


class Doctor:
    """Examines one endpoint; asks the model itself, takes nothing from the store and keeps no calls.

    Args:
        client: Shared by all probes.
        endpoint: Whom to examine.
        told: Called with a mode before its probes.
    """

    def __init__(
        self,
        client: ModelClient,
        endpoint: ModelEndpoint,
        clock: Clock,
        told: Callable[[Mode | None], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._told = told
        self._abilities = AbilityMemory()
        self._caller = Caller(client, clock, Budget(BudgetLimits(), clock.monotonic), CallCounters())
        self._asker = Asker(self._caller, endpoint, self._abilities)

    async def examine(self, probes: int) -> Findings:
        """Send a number of probes in every mode, and look at repetition in the best one.

        Raises:
            CallFailed: The endpoint cannot be reached, or does not let this key in.
        """
        models = await self._models()
        modes = (None,) if is_simulated(self._endpoint) else ALL_MODES
        found = [await self._examine_mode(mode, probes) for mode in modes]
        best = _order(found)
        if not best:
            return Findings(self._endpoint, models, tuple(found), None)
        known = tuple(one.mode for one in best if one.mode is not None)
        quirks = self._abilities.get(self._endpoint).quirks
        abilities = Abilities(known or ALL_MODES, quirks, is_proven=bool(known))
        repeats = await self._repeats(self._endpoint, best[0].mode)
        warm = replace(self._endpoint, temperature=_WARM, seed=_A_SEED)
        can_be_warm = not quirks.left_out & {"temperature", "seed"} and not is_simulated(self._endpoint)
        seed_repeats = await self._repeats(warm, best[0].mode) if can_be_warm else None
        return Findings(self._endpoint, models, tuple(found), abilities, repeats, seed_repeats)

    async def _models(self) -> tuple[str, ...] | None:
        """Names of the models there; an endpoint need not tell."""
        if is_simulated(self._endpoint):
            return (self._endpoint.model,)
        wire = WIRES[self._endpoint.api]
        try:
            body = await self._client.request(self._endpoint, wire.models_request())
        except AttemptFailed as error:
            failure = error.failure
            if failure.failure in _HOPELESS:
                raise _out_of_reach(self._endpoint, failure.failure, failure.message) from error
            return None
        return tuple(wire.read_models(body))

    async def _examine_mode(self, mode: Mode | None, probes: int) -> ModeFinding:
        self._told(mode)
        finding = ModeFinding(mode)
        for number in range(probes):
            question = probe(_KINDS[number % len(_KINDS)])
            tried = await self._ask(question, mode, number)
            call = tried.call
            if call.failure in _HOPELESS:
                raise _out_of_reach(self._endpoint, call.failure, call.error or "")
            _note(finding, question, tried)
            if call.failure is CallFailure.REJECTED:
                finding.is_refused = True
                break
        return finding

    async def _ask(self, question: Probe, mode: Mode | None, sample: int) -> Tried[StatedVerdicts]:
        asked = self._asker.question(question.messages, StatedVerdicts, sample)
        return await self._asker.in_mode(asked, mode)

    async def _repeats(self, endpoint: ModelEndpoint, mode: Mode | None) -> bool | None:
        """Whether the same request gets the same reply; None if a reply did not come."""
        asker = Asker(self._caller, endpoint, self._abilities)
        question = asker.question(SENTENCE_QUESTION, Sentence)
        replies = []
        for _ in range(_REPEATS):
            tried = await asker.in_mode(question, mode)
            if tried.value is None:
                return None
            replies.append(tried.value.sentence)
        return len(set(replies)) == 1


def _note(finding: ModeFinding, question: Probe, tried: Tried[StatedVerdicts]) -> None:
    finding.asked += 1
    if tried.call.failure is not None:
        finding.failures[tried.call.failure] += 1
        finding.problem = tried.call.error
        return
    finding.latencies_ms.append(tried.call.latency_ms)
    if tried.value is None:
        return
    finding.valid += 1
    given = [(one.id, one.verdict) for one in tried.value.verdicts]
    finding.complete += sorted(number for number, _ in given) == sorted(question.expected)
    for number, verdict in dict(given).items():
        if number in question.expected:
            finding.verdicts[question.kind] += 1
            finding.right[question.kind] += verdict is question.expected[number]


def _order(found: list[ModeFinding]) -> list[ModeFinding]:
    """The modes that work, the one that fails least often first; the default order where they are equal."""
    working = [one for one in found if one.complete and not one.is_refused]
    return sorted(working, key=lambda one: one.failure_rate or 0.0)


def _out_of_reach(endpoint: ModelEndpoint, failure: CallFailure, message: str) -> CallFailed:
    where = endpoint.base_url or "this process"
    return CallFailed(f"{endpoint.model} at {where} cannot be examined: {message}", failure=failure)
