"""Chroma answers, and a collection holds what it should."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from pydantic import SecretStr

from pitwall.kit.i18n import Text
from pitwall.probes.findings import degraded, down, said, up
from pitwall.probes.kinds.asking import Question, Reply, put_question
from pitwall.probes.kinds.secrets import reveal
from pitwall.probes.types import ChromaProbe, Outcome

_REFUSED = Text("HTTP {status} to the heartbeat", "상태 확인 요청에 HTTP {status} 응답")
_NO_COLLECTION = Text("collection {name}: HTTP {status}", "컬렉션 {name}: HTTP {status}")
_NO_SIZE = Text("collection {name} did not tell its size", "컬렉션 {name}의 크기를 알 수 없습니다")
_SMALL = Text(
    "collection {name} has {count:,} records, fewer than {least:,}",
    "컬렉션 {name}의 레코드가 {count:,}건으로 {least:,}건보다 적습니다",
)


def ask_chroma(probe: ChromaProbe, secrets: Mapping[str, SecretStr]) -> Outcome:
    """Ask Chroma once; see `kinds.ask`."""
    token = reveal(probe.secret, secrets)
    headers = {} if token is None else {"authorization": f"Bearer {token}"}

    def get(path: str) -> Reply:
        url = f"{probe.url.rstrip('/')}/api/v2{path}"
        return put_question(Question(url, probe.timeout_seconds, headers=headers))

    beat = get("/heartbeat")
    if not beat.is_ok:
        return down(said(_REFUSED, status=beat.status))
    if probe.collection is None:
        return up()
    collections = f"/tenants/{quote(probe.tenant, '')}/databases/{quote(probe.database, '')}/collections"
    found = get(f"{collections}/{quote(probe.collection, '')}")
    if not found.is_ok:
        return down(said(_NO_COLLECTION, name=probe.collection, status=found.status))
    count = get(f"{collections}/{quote(str(found.member('id')), '')}/count").json()
    return _judge(probe, probe.collection, count)


def _judge(probe: ChromaProbe, name: str, count: object) -> Outcome:
    if not isinstance(count, int) or isinstance(count, bool):
        return down(said(_NO_SIZE, name=name))
    measures = {"collection_size": float(count)}
    if count < probe.min_count:
        text = said(_SMALL, name=name, count=count, least=probe.min_count)
        return degraded(text, measures=measures, count=count)
    return up(measures=measures, count=count)
