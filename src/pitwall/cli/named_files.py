"""The files that settings name, read as a server reads them, for `pitwall config check`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pitwall.alerts.pack_files import load_rules
from pitwall.boards.pack_files import load_boards
from pitwall.checks.pack_files import load_checklists
from pitwall.core.errors import PitwallError
from pitwall.costs.budgets.pack_files import load_budgets
from pitwall.evals.metrics.registry import load as load_metrics
from pitwall.evals.online.pack_files import load_online_rules
from pitwall.evals.stages.pack_files import load_rules as load_stage_rules
from pitwall.ingest.pricing.user_file import load_user_prices
from pitwall.kit.clock import SystemClock
from pitwall.llm.profile_file import read_profile_file
from pitwall.probes.pack_files import load_probes
from pitwall.settings import Problem, Settings
from pitwall.signals.catalogue import all_packs, core_pack, load_catalogue


def problems_of_files(settings: Settings) -> list[Problem]:
    """What is wrong with the files; empty if nothing is."""
    problems = []
    for setting, read in _readers(settings).items():
        try:
            read()
        except PitwallError as error:
            hint = error.hint or "Name an existing file, or none."
            problems.append(Problem(setting, error.message, hint))
    return problems


def _readers(settings: Settings) -> Mapping[str, Callable[[], object]]:
    prices, probes, checks = settings.prices.file, settings.probes.file, settings.checks.file
    readers: dict[str, Callable[[], object]] = {}
    if prices is not None:
        readers["prices.file"] = lambda: load_user_prices(prices)
    if probes is not None:
        readers["probes.file"] = lambda: load_probes([], probes)
    if checks is not None:
        core = [core_pack()]
        readers["checks.file"] = lambda: load_checklists(core, checks, load_catalogue(core))
    models = settings.models.file
    if models is not None:
        readers["models.file"] = lambda: read_profile_file(models)
    if settings.packs:
        readers["packs"] = lambda: _read_packs(settings)
    return readers


def _read_packs(settings: Settings) -> None:
    packs = all_packs(settings.packs)
    catalogue = load_catalogue(packs)
    load_boards(packs, catalogue)
    load_rules(packs, catalogue)
    load_budgets(packs)
    load_probes(packs)
    load_checklists(packs, None, catalogue)
    load_stage_rules(packs)
    load_online_rules(packs, load_metrics, SystemClock().now())
