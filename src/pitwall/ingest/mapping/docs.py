"""Writes the page of the dialects: `python -m pitwall.ingest.mapping.docs docs/reference/dialects.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pitwall.ingest.mapping.kinds import KIND_TABLE
from pitwall.ingest.mapping.logs import EVALUATION_EVENT
from pitwall.ingest.mapping.tables import (
    ANSWER_EVENT,
    DEFAULT_DIALECT,
    DIALECTS,
    DOCUMENT_EVENTS,
    ENVIRONMENT_KEYS,
    FIELDS,
    FIRST_TOKEN_EVENTS,
    INDEXED,
    INPUT_EVENT_KEYS,
    MESSAGE_ROLES,
    OUTPUT_EVENT_KEYS,
    PROJECT_KEYS,
    SERVICE_KEYS,
    VERSION_KEYS,
    dialect_rank,
)
from pitwall.ingest.mapping.tokens import ADDITIVE, NESTED_USAGE, USAGE_JSON_KEYS
from pitwall.kit.pages import write_page

_HEAD: Final = """# Dialects / 방언

Generated from the mapping tables by `python -m pitwall.ingest.mapping.docs`; do not edit.
매핑 테이블에서 생성한 문서입니다. 직접 고치지 마세요.

What an SDK writes on a span is read into one set of columns. Every raw attribute is kept, whether it is
read or not, and `pitwall telemetry remap` reads stored spans again after a change of the tables. A span's
`dialect` is the first below that owns one of its known attributes. Of several keys for one fact the first
with a value wins.
SDK가 스팬에 쓴 속성을 하나의 컬럼 집합으로 읽습니다. 읽지 않는 속성도 모두 원본 그대로 보관하며, 테이블이
바뀌면 `pitwall telemetry remap`으로 저장된 스팬을 다시 읽습니다. 스팬의 `dialect`는 아는 속성이 하나라도
있는 첫 방언입니다. 한 사실에 키가 여럿이면 값이 있는 첫 키를 씁니다.
"""
_TITLES: Final = {
    "pitwall": "Pitwall SDK and doors",
    "langfuse": "Langfuse",
    "openinference": "OpenInference (Phoenix, Arize)",
    "mlflow": "MLflow",
    "litellm": "LiteLLM",
    "traceloop": "OpenLLMetry / Traceloop",
    "vercel": "Vercel AI SDK",
    "laminar": "Laminar",
    "genkit": "Genkit",
    "pydantic_ai": "pydantic-ai / Logfire",
    "openlit": "OpenLIT",
    "adk": "Google ADK",
    "livekit": "LiveKit Agents",
    "codex": "Codex",
    "claude_code": "Claude Code",
    "weave": "Weave",
    "genai": "OpenTelemetry GenAI",
    DEFAULT_DIALECT: "OpenTelemetry, and keys that belong to nobody",
}
_NOTES: Final = """## Log records / 로그 기록

- Texts that come as events `gen_ai.client.inference.operation.details`, `gen_ai.*.message` or
  `gen_ai.choice` stand in their span when it is read; an evaluation event becomes a score.
- `claude_code.api_request` and `claude_code.api_error` outside a trace become spans of kind `llm` beside
  the record, those of one question in one trace. Other events of Claude Code stay log records, its
  metrics stay points.
- 프롬프트와 답변을 담은 로그 이벤트는 읽을 때 그 스팬에 함께 보이고, 평가 이벤트는 점수가 됩니다.
- 트레이스에 속하지 않은 `claude_code.api_request`와 `claude_code.api_error`는 기록과 함께 `llm` 스팬이
  됩니다. Claude Code의 다른 이벤트는 로그로, 지표는 포인트로 남습니다.

## Left out on purpose / 의도적으로 제외한 것

- **Tokens are not guessed.** A call whose stream ended without usage has `token_source` = `missing`, and
  `data.token_coverage` shows the share of such calls. The store sees one span at a time: wrapper and
  client often both tell of one call, one of them without usage, and a guess would count that call twice.
  What was sent is also not all in the texts (tool schemas, images, masked parts). Who can count says so:
  the SDK's `set_usage(..., estimated=True)`, or `pitwall.token.source` = `estimated` beside the counts.
- **No list of unmapped attributes.** It would repeat the keys that stand in `attributes` of the same row;
  what is not on this page is not mapped.
- **Reranked scores** have no column of their own: on a span of kind `reranker`, `document_count`,
  `document_ids` and `document_scores` are what came out, `rerank_input_count` is what went in.
- **Structures in attributes**: JSON texts are read; OTLP maps and lists of maps are kept but not searched
  for facts (`gen_ai.input.messages` as a list of maps is the input, but system instructions are not put
  before it).
- **References** (`gen_ai.*_ref`) are shown as they are and not followed.
- **Audio, image and video tokens** are part of the totals; their own splits stay attributes.
- **Thread ids** (`thread.id`) are no sessions: most writers mean a thread of the operating system.
- **Log events of Codex** stay log records, also those with token counts: its turns come as spans with the
  same counts.
- **Cost parts** (`gen_ai.cost.input_cost`, `llm.cost.prompt`) stay attributes; the total is compared with
  the price book.
- **Bedrock's cache writes in `ai.response.providerMetadata`** are not read; Anthropic's are.
- **토큰 수는 추측하지 않습니다.** 사용량 없이 끝난 스트림은 `token_source`가 `missing`이고, 그 비율은
  `data.token_coverage`에 보입니다. 저장소는 스팬을 하나씩 보므로, 같은 호출을 래퍼와 클라이언트가 함께
  보고하면 추정치가 두 번 더해집니다. 직접 셀 수 있으면 `estimated`로 표시해 보내세요.
- **매핑하지 않은 속성의 목록은 따로 두지 않습니다.** 같은 행의 `attributes`에 모두 있고, 이 문서에 없는
  키는 매핑하지 않습니다.
- **재정렬 점수**는 따로 두지 않습니다. `reranker` 스팬의 문서 컬럼이 결과이고 `rerank_input_count`가 입력
  수입니다.
- **구조화된 속성**(맵, 맵의 목록), **참조**(`*_ref`), **오디오·이미지·비디오 토큰 구분**,
  **`thread.id`**, **비용의 부분**, **Bedrock의 캐시 쓰기**, **Codex의 로그 이벤트**는 원본으로만
  보관합니다.
"""


def reference() -> str:
    """The page: a section per dialect, then what no dialect owns, and what is left out."""
    parts = [_HEAD]
    for rank, (name, _) in enumerate(DIALECTS):
        parts.append(_section(name, rank))
    parts += [_section(DEFAULT_DIALECT, len(DIALECTS)), _kinds(), _events(), _usage(), _NOTES]
    return "\n".join(parts)


def _section(name: str, rank: int) -> str:
    rows = [f"| {fact} | {_code(keys)} |" for fact, keys in _facts(rank)]
    return "\n".join(
        [f"## {_TITLES[name]} (`{name}`)\n", "| fact / 사실 | keys / 키 |", "|---|---|", *rows, ""]
    )


def _facts(rank: int) -> Iterator[tuple[str, list[str]]]:
    for entry in FIELDS:
        if keys := [key for key in entry.keys if dialect_rank(key) == rank]:
            yield entry.name, keys
    for indexed in INDEXED:
        if keys := [f"{prefix}.N.*" for prefix in indexed.prefixes if dialect_rank(prefix) == rank]:
            yield indexed.name, keys


def _kinds() -> str:
    rows = [
        f"| `{key}` | {'; '.join(f'{value} → {kind}' for value, kind in values.items())} |"
        for key, values in KIND_TABLE.items()
    ]
    return "\n".join(["## Kinds / 종류\n", "| key / 키 | value → kind / 값 → 종류 |", "|---|---|", *rows, ""])


def _events() -> str:
    rows = {
        "time to first token": FIRST_TOKEN_EVENTS,
        "documents": DOCUMENT_EVENTS,
        "input": (*MESSAGE_ROLES, *(f"attribute {key}" for key in INPUT_EVENT_KEYS)),
        "output": (ANSWER_EVENT, *(f"attribute {key}" for key in OUTPUT_EVENT_KEYS)),
        "error": ("attribute exception.type", "attribute exception.message"),
        "score": (EVALUATION_EVENT,),
    }
    resource = {
        "service": (*SERVICE_KEYS, *PROJECT_KEYS),
        "environment": ENVIRONMENT_KEYS,
        "version": VERSION_KEYS,
    }
    table = ["| fact / 사실 | source / 출처 |", "|---|---|"]
    return "\n".join(
        [
            "## Span events / 스팬 이벤트\n",
            *table,
            *(f"| {fact} | {_code(names)} |" for fact, names in rows.items()),
            "\n## Resources / 리소스\n",
            *table,
            *(f"| {fact} | {_code(names)} |" for fact, names in resource.items()),
            "",
        ]
    )


def _usage() -> str:
    nested = {name: ".".join(path) for name, path in NESTED_USAGE.items()}
    rows = [
        f"| {name} | {_code((*keys, *([nested[name]] if name in nested else [])))} |"
        for name, keys in USAGE_JSON_KEYS.items()
    ]
    additive = [
        ", ".join(
            f"{what} `{value}`"
            for what, value in (
                ("dialect", entry.dialect),
                ("provider", entry.provider),
                ("scope", entry.scope),
            )
            if value
        )
        for entry in ADDITIVE
    ]
    return "\n".join(
        [
            "## Usage objects / 사용량 객체\n",
            "Members of a usage object sent as JSON / JSON 사용량 객체의 멤버:\n",
            "| count / 수 | members / 멤버 |",
            "|---|---|",
            *rows,
            "\nInput counts contain cached tokens, except / 입력 토큰 수에는 캐시 토큰이 포함됩니다. 예외:\n",
            *(f"- {text}" for text in additive),
            "",
        ]
    )


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    write_page(reference())
