"""The prices that ship with Pitwall: the data of the `genai-prices` package, read offline.

Not covered, because spans do not say enough: batch, flex and priority tiers, prices by time of day (the one
outside the special hours is used), audio, images, searches and pages. A one-hour cache write without a price
of its own costs what a five-minute one does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from importlib.metadata import version
from typing import Any, Final

from pitwall.ingest.pricing.book import LAST_DAY, Pattern, Price, Rates, lookup_name, pico_per_token

# Our provider name -> the package's. A provider that is in neither column has no packaged prices.
PROVIDERS: Final[dict[str, str]] = {
    "aws.bedrock": "aws",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "mistral_ai": "mistral",
    "x_ai": "x-ai",
    "moonshot_ai": "moonshotai",
    "together_ai": "together",
    "together-ai": "together",
    "fireworks_ai": "fireworks",
    "voyage": "voyageai",
}
# Clients of OpenAI-compatible gateways say "openai" whoever answers, and some say nothing: for these two a
# model that only one company makes is priced as that company's. Everywhere else an unknown name stays
# unpriced.
ANY_MAKER: Final = ("openai", "")
# How names begin that the package knows under their maker only, and that no other company gives its models.
MAKERS: Final[dict[str, tuple[str, ...]]] = {
    "openai": (
        "text-embedding-",
        "text-davinci-",
        "chatgpt-",
        "codex-",
        "davinci-002",
        "babbage-002",
        "ft:gpt-",
    ),
    "cohere": ("embed-v", "embed-english", "embed-multilingual", "rerank-", "c4ai-"),
    "aws": ("amazon.",),
    "perplexity": ("sonar-",),
}
# Names with a size or tag after a colon are how local servers call their models; they are never a maker's
# API.
_LOCAL_NAME: Final = r"^(?:openai)? .*:(?:latest|[0-9.]+[bm])"


@dataclass(frozen=True, slots=True)
class PackagedPrices:
    """Names, patterns and prices of the package; the ids start at 1."""

    names: dict[str, int]
    patterns: list[Pattern]
    prices: dict[int, list[Price]]


def packaged_version() -> str:
    """Version of the data, without reading it."""
    return f"genai-prices {version('genai-prices')}"


def load_packaged_prices() -> PackagedPrices:
    """Read the package's data; takes a few hundred milliseconds."""
    # The data module is large; only a store whose prices are out of date needs it.
    from genai_prices.data import providers

    return _Builder(list(providers)).build()


class _Builder:
    """Walks the package's providers and models once."""

    def __init__(self, providers: list[Any]) -> None:
        self._providers = {provider.id: provider for provider in providers}
        self._ids: dict[tuple[str, str], int] = {}
        self._prices: dict[int, list[Price]] = {}
        self._source = packaged_version()

    def build(self) -> PackagedPrices:
        for provider in self._providers.values():
            for model in provider.models:
                self._add_prices(provider, model)
        names: dict[str, int] = {}
        patterns = [Pattern(_LOCAL_NAME, 0)]
        for alias, provider in self._aliases():
            self._add_provider(alias, provider, names, patterns)
        for alias in ANY_MAKER:
            self._add_any_maker(alias, names, patterns)
        return PackagedPrices(names, patterns, self._prices)

    def _aliases(self) -> Iterator[tuple[str, Any]]:
        for name, provider in self._providers.items():
            yield name, provider
        for alias, name in PROVIDERS.items():
            if name in self._providers:
                yield alias, self._providers[name]

    def _add_prices(self, provider: Any, model: Any) -> None:
        prices = list(_model_prices(model, self._source))
        if prices:
            model_id = len(self._ids) + 1
            self._ids[provider.id, model.id] = model_id
            self._prices[model_id] = prices

    def _add_provider(
        self, alias: str, provider: Any, names: dict[str, int], patterns: list[Pattern]
    ) -> None:
        guests = [
            self._providers[name]
            for name in provider.fallback_model_providers or ()
            if name in self._providers
        ]
        for owner in (provider, *guests):
            for model in owner.models:
                if model_id := self._ids.get((owner.id, model.id)):
                    self._add_model(alias, model, model_id, names, patterns)

    def _add_any_maker(self, alias: str, names: dict[str, int], patterns: list[Pattern]) -> None:
        for provider in self._providers.values():
            if provider.id == alias:
                continue
            for model in provider.models:
                model_id = self._ids.get((provider.id, model.id))
                if model_id and _is_maker(provider, model.id):
                    self._add_model(alias, model, model_id, names, patterns)

    @staticmethod
    def _add_model(
        alias: str, model: Any, model_id: int, names: dict[str, int], patterns: list[Pattern]
    ) -> None:
        for clause in _alternatives(model.match):
            if type(clause).__name__ == "ClauseEquals":
                names.setdefault(lookup_name(alias, clause.equals), model_id)
            else:
                patterns += _patterns(alias, clause, model_id)


def _is_maker(provider: Any, model: str) -> bool:
    """Whether the model's name says that this provider made it."""
    is_known = provider.model_match is not None and provider.model_match.is_match(model)
    return is_known or model.startswith(MAKERS.get(provider.id, ()))


def _alternatives(clause: Any) -> Iterator[Any]:
    if type(clause).__name__ == "ClauseOr":
        for inner in clause.or_:
            yield from _alternatives(inner)
    else:
        yield clause


def _patterns(alias: str, clause: Any, model_id: int) -> Iterator[Pattern]:
    head = f"^{re.escape(alias)} "
    match type(clause).__name__:
        case "ClauseStartsWith":
            yield Pattern(head + re.escape(clause.starts_with.lower()), model_id)
        case "ClauseEndsWith":
            yield Pattern(f"{head}.*{re.escape(clause.ends_with.lower())}$", model_id)
        case "ClauseContains":
            yield Pattern(f"{head}.*{re.escape(clause.contains.lower())}", model_id)
        case "ClauseRegex" if "(?" not in clause.regex.replace("(?:", ""):
            yield Pattern(_anchored(head, clause.regex), model_id)
        case "ClauseAnd":
            yield from _start_without(head, clause, model_id)


def _anchored(head: str, regex: str) -> str:
    return head + regex[1:] if regex.startswith("^") else f"{head}.*(?:{regex})"


def _start_without(head: str, clause: Any, model_id: int) -> Iterator[Pattern]:
    """ "Starts with this and nowhere contains that", the only conjunction the data has; the engine has no
    look-ahead.
    """
    start = next((c.starts_with.lower() for c in clause.and_ if type(c).__name__ == "ClauseStartsWith"), None)
    without = next((c.regex for c in clause.and_ if type(c).__name__ == "ClauseRegex"), "")
    found = re.fullmatch(r"\^\(\?!\.\*(.*)\)", without)
    if start is not None and found:
        yield Pattern(f"{head}{re.escape(start)}.*{found[1].lower()}", 0)
        yield Pattern(f"{head}{re.escape(start)}", model_id)


def _model_prices(model: Any, source: str) -> Iterator[Price]:
    """Prices of a model by day, oldest first; none if it is not priced by tokens or requests."""
    if not isinstance(model.prices, list):
        dated = [(date(1970, 1, 1), model.prices)]
    else:
        dated = sorted(_dated(model.prices), key=lambda pair: pair[0])
    for (start, prices), end in zip(dated, [*(day for day, _ in dated[1:]), None], strict=True):
        price = _price(prices)
        if price is not None:
            last = LAST_DAY if end is None else end - timedelta(days=1)
            yield replace(price, valid_from=start, valid_to=last, source=source)


def _dated(conditional: Iterable[Any]) -> Iterator[tuple[date, Any]]:
    for number, entry in enumerate(conditional):
        constraint = type(entry.constraint).__name__
        if constraint == "StartDateConstraint":
            yield entry.constraint.start_date, entry.prices
        elif number == 0:
            yield date(1970, 1, 1), entry.prices


def _price(prices: Any) -> Price | None:
    priced = {name: value for name, value in vars(prices).items() if value is not None}
    per_request = priced.get("requests_kcount")
    if "input_mtok" not in priced and "output_mtok" not in priced and per_request is None:
        return None
    starts = sorted({tier.start for value in priced.values() for tier in getattr(value, "tiers", ())})
    levels = [None, *starts]
    return Price(
        rates=tuple(_rates(priced, level) for level in levels),
        tier_starts=tuple(starts),
        per_request=pico_per_token(per_request * 1000) if isinstance(per_request, Decimal) else 0,
    )


def _rates(priced: dict[str, Any], level: int | None) -> Rates:
    def at(name: str, default: int) -> int:
        value = priced.get(name)
        if value is None:
            return default
        if isinstance(value, Decimal):
            return pico_per_token(value)
        reached = [tier.price for tier in value.tiers if level is not None and tier.start <= level]
        return pico_per_token(reached[-1] if reached else value.base)

    plain, output = at("input_mtok", 0), at("output_mtok", 0)
    cache_write = at("cache_write_mtok", plain)
    return Rates(
        input=plain,
        cache_read=at("cache_read_mtok", plain),
        cache_write=cache_write,
        cache_write_1h=at("cache_write_1h_mtok", cache_write),
        output=output,
        reasoning=at("output_reasoning_mtok", output),
    )
