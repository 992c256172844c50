"""`/api/v1/probes`: looking at probes with the scope read, changing and running them with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.probes.errors import ProbeInvalid
from pitwall.probes.schemas import ProbeList, ProbeRemoval, ProbeView
from pitwall.probes.service import Probes
from pitwall.probes.types import AnyProbe, ProbeState

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


def probes_router(probes: Probes, clock: Clock) -> APIRouter:
    """Return the endpoints of probes; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/probes", tags=["probes"])
    _add_reading(router, probes, clock)
    _add_changing(router, probes, clock)
    return router


def _add_reading(router: APIRouter, probes: Probes, clock: Clock) -> None:
    @router.get("", summary="List probes")
    def list_probes(principal: Reader) -> ProbeList:
        """Return every probe with its last results and its uptime."""
        project_id = principal.project_id
        uptimes, now = probes.uptimes(project_id), clock.now()
        return ProbeList(probes=[ProbeView.of(state, uptimes, now) for state in probes.list(project_id)])

    @router.get("/{name}", summary="Show a probe")
    def get_probe(principal: Reader, name: str) -> ProbeView:
        """Return one probe with its last results and its uptime."""
        return _view(probes, clock, principal, probes.get(principal.project_id, name))


def _add_changing(router: APIRouter, probes: Probes, clock: Clock) -> None:
    @router.put("/{name}", summary="Save a probe")
    def save_probe(principal: Operator, name: str, body: AnyProbe) -> ProbeView:
        """Save a probe of the project, or its version of a pack's; it runs within seconds."""
        if body.name != name:
            raise ProbeInvalid(
                f"The probe in the body is called {body.name!r}, the one in the address {name!r}."
            )
        return _view(probes, clock, principal, probes.save(body, by=principal))

    @router.delete("/{name}", summary="Delete a probe")
    def delete_probe(principal: Operator, name: str) -> ProbeRemoval:
        """Forget what the team saved; a changed probe of a pack goes back to the pack's."""
        left = probes.delete(name, by=principal)
        return ProbeRemoval(probe=None if left is None else _view(probes, clock, principal, left))

    @router.post("/{name}/run", summary="Run a probe now")
    def run_probe(principal: Operator, name: str) -> ProbeView:
        """Ask the service now, with retries, record what comes of it and return it."""
        return _view(probes, clock, principal, probes.run(principal.project_id, name))


def _view(probes: Probes, clock: Clock, principal: Principal, state: ProbeState) -> ProbeView:
    return ProbeView.of(state, probes.uptimes(principal.project_id), clock.now())
