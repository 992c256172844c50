"""`pitwall prices`: what models cost, by the prices of a server or those that one would start with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import click

from pitwall.access.client import ApiClient
from pitwall.ingest.pricing.assemble import assemble
from pitwall.ingest.pricing.service import Prices
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.clock import SystemClock
from pitwall.settings import load_settings

_PRICES = "/api/v1/prices"
_RATE_COLUMNS = [
    Column("input_usd_per_mtok", "input $/Mtok", "right"),
    Column("cached_input_usd_per_mtok", "cached", "right"),
    Column("cache_write_usd_per_mtok", "cache write", "right"),
    Column("cache_write_1h_usd_per_mtok", "1h write", "right"),
    Column("output_usd_per_mtok", "output $/Mtok", "right"),
    Column("reasoning_usd_per_mtok", "reasoning", "right"),
    Column("usd_per_request", "$/request", "right"),
    Column("usd_per_second", "$/s", "right"),
]
_NO_NAME = "No listed name fits; models that a pattern covers are found by `pitwall prices show MODEL`."
_SOURCE = Column("source", "source")
_LIST_COLUMNS = [Column("provider", "provider"), Column("model", "model"), *_RATE_COLUMNS, _SOURCE]
_SHOW_COLUMNS = [
    Column("valid_from", "from"),
    Column("valid_to", "to"),
    Column("above_input_tokens", "above input tokens", "right"),
    *_RATE_COLUMNS,
    _SOURCE,
]


class _Answers(Protocol):
    """What the commands need, whoever knows; answers are in the API's shape."""

    def list(self, provider: str | None, contains: str) -> dict[str, Any]: ...

    def find(self, provider: str, model: str) -> dict[str, Any]: ...


@click.group()
def prices() -> None:
    """Look up what models cost.

    A server tells the prices it is working with; where none runs, these are the ones it would start with.

    \b
    Example:
      pitwall prices list --contains gpt-4o
      pitwall prices show gpt-4o-mini --provider openai
    """


@prices.command("list")
@click.option("--provider", help="Only of this provider.")
@click.option("--contains", default="", help="Only models whose name contains this text.")
@output_option
@target_options
def list_(target: Target, provider: str | None, contains: str, output: OutputFormat) -> None:
    """List today's prices of the models that are known by name; of tiered ones the lowest.

    \b
    Example:
      pitwall prices list --provider anthropic
      pitwall prices list --contains gpt-4o --output json
    """
    with _open_prices(target) as answers:
        answer = answers.list(provider, contains)
    emit(answer["prices"], _LIST_COLUMNS, output, payload=answer, empty=_NO_NAME)


@prices.command()
@click.argument("model")
@click.option("--provider", default="", help="As spans name it, such as openai or aws.bedrock.")
@output_option
@target_options
def show(target: Target, model: str, provider: str, output: OutputFormat) -> None:
    """Show what a call of MODEL costs, by day and tier, found as for a span.

    \b
    Example:
      pitwall prices show gpt-4o-mini --provider openai
      pitwall prices show qwen2.5:7b --provider ollama --output json
    """
    with _open_prices(target) as answers:
        answer = answers.find(provider, model)
    emit(answer["prices"], _SHOW_COLUMNS, output, payload=answer)


@contextmanager
def _open_prices(target: Target) -> Iterator[_Answers]:
    """Ask the server that runs there; without one no data directory is needed to tell its prices."""
    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    client = ApiClient.find(url=target.url, data_dir=settings.data_dir, api_key=target.api_key)
    if client is None:
        yield _LocalPrices(Prices(lambda: assemble(settings.prices.file), SystemClock()))
        return
    with client:
        yield _RemotePrices(client, target.project)


class _RemotePrices:
    """Prices through the API."""

    def __init__(self, client: ApiClient, project: str | None) -> None:
        self._client = client
        self._project = project

    def list(self, provider: str | None, contains: str) -> dict[str, Any]:
        return self._get(_PRICES, provider=provider, contains=contains)

    def find(self, provider: str, model: str) -> dict[str, Any]:
        return self._get(f"{_PRICES}/lookup", provider=provider, model=model)

    def _get(self, path: str, **parameters: str | None) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.get(path, {**parameters, "project": self._project})
        return answer


class _LocalPrices:
    """Prices of the packaged data and the user's file."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    def list(self, provider: str | None, contains: str) -> dict[str, Any]:
        return self._prices.list(provider, contains).model_dump(mode="json")

    def find(self, provider: str, model: str) -> dict[str, Any]:
        return self._prices.find(provider, model).model_dump(mode="json")
