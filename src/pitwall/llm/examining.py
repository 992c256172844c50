"""Examining the models of a profile, and keeping what is found: for the command and the API alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pitwall.access.types import Principal
from pitwall.kit.clock import Clock
from pitwall.llm.abilities import abilities_view
from pitwall.llm.client import ModelClient
from pitwall.llm.doctor import Doctor, Findings
from pitwall.llm.doctor_report import embedding_view, findings_view
from pitwall.llm.embedding_doctor import EmbeddingDoctor, EmbeddingFindings
from pitwall.llm.types import Api, ModelEndpoint

if TYPE_CHECKING:
    from pitwall.stores.state import StateStore


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found about a judge, and about the embedding model beside it if there is one."""

    findings: Findings
    vectors: EmbeddingFindings | None

    def view(self) -> dict[str, Any]:
        """As JSON."""
        vectors = None if self.vectors is None else embedding_view(self.vectors)
        return {**findings_view(self.findings), "embedding": vectors}


async def examine(
    judge: ModelEndpoint,
    embedding: ModelEndpoint | None,
    probes: int,
    clock: Clock,
    told: Callable[[str | None], None] = lambda _: None,
) -> Examined:
    """Ask models questions whose answers are known.

    Args:
        probes: Questions in each mode.
        told: Hears the mode or the model that is examined next; None of the simulated judge.

    Raises:
        CallFailed: The judge is out of reach.
    """
    client = ModelClient(clock)
    try:
        findings = await Doctor(client, judge, clock, told).examine(probes)
        if embedding is None:
            return Examined(findings, None)
        told(embedding.model)
        return Examined(findings, await EmbeddingDoctor(client, embedding, clock).examine())
    finally:
        await client.aclose()


def keep(state: StateStore, findings: Findings, clock: Clock, *, by: Principal) -> bool:
    """Let runs ask the judge in the best mode first from now on; False if there is nothing to keep."""
    from pitwall.llm.repository import FoundAbilities  # the packages of the state store are an extra
    from pitwall.stores.state import AuditEntry, AuditLog, Projects

    endpoint, abilities = findings.endpoint, findings.abilities
    if endpoint.api is Api.SIMULATED or abilities is None:
        return False
    with state.session() as session:
        project_id, now = Projects(session).get(by.project_id).id, clock.now()
        FoundAbilities(session, project_id).save(endpoint, abilities, at=now)
        AuditLog(session).record(
            AuditEntry(
                at=now,
                actor=by.actor,
                action="model.examine",
                object=f"model:{endpoint.model} at {endpoint.base_url}",
                project_id=project_id,
                details=dict(abilities_view(abilities)),
            )
        )
    return True
