"""Which pages are scraped: those of the settings and those that teams added."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httpx

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.ingest.scrape.errors import TargetFromSettings, TargetNotFound
from pitwall.ingest.scrape.repository import StoredTargets
from pitwall.ingest.scrape.scraper import Scraper
from pitwall.ingest.scrape.types import ScrapeReport, Target, TargetState
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import Clock
from pitwall.stores.state import DEFAULT_PROJECT, AuditEntry, AuditLog, Projects, StateStore

MAX_TARGETS = 200

Key = tuple[str, str]
"""Project and name of a target."""


class Scraping:
    """Looks at targets, changes them and scrapes them; calls block except `scrape`.

    Args:
        state: Keeps what teams add.
        settings_targets: Those of the settings; they belong to the project `default`.
        ingest: Where points go.
        clock: Time of points and changes.
    """

    def __init__(
        self, state: StateStore, settings_targets: Sequence[Target], ingest: IngestService, clock: Clock
    ) -> None:
        self._state = state
        self._fixed = {(DEFAULT_PROJECT, target.name): target for target in settings_targets}
        self._ingest = ingest
        self._clock = clock
        self._scrapers: dict[Key, Scraper] = {}
        self._reports: dict[Key, ScrapeReport] = {}
        self.on_change: Callable[[], None] = lambda: None
        """Called when the targets are others than before."""

    def targets(self) -> dict[Key, Target]:
        """Return every target of every project; one of the settings stands before a team's of its name."""
        with self._state.session(read_only=True) as session:
            stored = {
                (project, target.name): target for project, target in StoredTargets(session).by_project()
            }
        return {**stored, **self._fixed}

    def list(self, project_id: str) -> list[TargetState]:
        """Return the targets of a project by name, with what came of their latest scrape by this process."""
        mine = {key: target for key, target in self.targets().items() if key[0] == project_id}
        return [TargetState(mine[key], self._reports.get(key)) for key in sorted(mine)]

    def get(self, project_id: str, name: str) -> TargetState:
        """Return one target.

        Raises:
            TargetNotFound: The project has none of that name.
        """
        for state in self.list(project_id):
            if state.target.name == name:
                return state
        raise TargetNotFound(f"There is no target {name!r}.", hint="See `pitwall scrape list`.")

    def put(self, target: Target, *, by: Principal) -> TargetState:
        """Add a target to the caller's project, or change it.

        Raises:
            NotPermitted: The caller may not act.
            TargetFromSettings: The settings name this target.
            InvalidInput: The project has as many as it may.
        """
        require(by, Scope.ACT)
        self._check_is_ours(by.project_id, target.name)
        with self._state.session() as session:
            project = Projects(session).get(by.project_id)
            stored = StoredTargets(session)
            others = [
                name for owner, one in stored.by_project() if owner == project.id for name in [one.name]
            ]
            if target.name not in others and len(others) >= MAX_TARGETS:
                raise InvalidInput(f"A project has at most {MAX_TARGETS} targets.", code="scrape.too_many")
            stored.put(project.id, target)
            details = {"url": target.url, "every_seconds": target.every_seconds}
            AuditLog(session).record(self._audit("scrape_target.saved", target.name, by, details))
        self.on_change()
        return self.get(by.project_id, target.name)

    def remove(self, name: str, *, by: Principal) -> None:
        """Scrape a page no longer; its points stay.

        Raises:
            NotPermitted: The caller may not act.
            TargetFromSettings: The settings name this target.
            TargetNotFound: The project has none of that name.
        """
        require(by, Scope.ACT)
        self._check_is_ours(by.project_id, name)
        with self._state.session() as session:
            if not StoredTargets(session).remove(by.project_id, name):
                raise TargetNotFound(f"There is no target {name!r}.", hint="See `pitwall scrape list`.")
            AuditLog(session).record(self._audit("scrape_target.removed", name, by, {}))
        for known in (self._scrapers, self._reports):
            known.pop((by.project_id, name), None)
        self.on_change()

    async def run(self, project_id: str, target: Target) -> ScrapeReport:
        """Scrape a target now, beside the schedule."""
        async with new_client() as client:
            return await self.scrape(client, (project_id, target.name), target)

    async def scrape(self, client: httpx.AsyncClient, key: Key, target: Target) -> ScrapeReport:
        """Scrape a target once and remember what came of it."""
        report = await self._scraper(key, target).scrape(client)
        self._reports[key] = report
        return report

    def _scraper(self, key: Key, target: Target) -> Scraper:
        scraper = self._scrapers.get(key)
        if scraper is None or scraper.target != target:
            scraper = self._scrapers[key] = Scraper(target, key[0], self._ingest, self._clock)
        return scraper

    def _check_is_ours(self, project_id: str, name: str) -> None:
        if (project_id, name) in self._fixed:
            raise TargetFromSettings(
                f"The settings name the target {name!r}.",
                hint="Change `scrape.targets` of the settings file.",
            )

    def _audit(self, action: str, name: str, by: Principal, details: dict[str, object]) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=f"scrape_target:{name}",
            project_id=by.project_id,
            details=details,
        )


def new_client() -> httpx.AsyncClient:
    """A client that goes where the address says and nowhere else."""
    return httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=None)  # noqa: S113 - `fetch` bounds it
