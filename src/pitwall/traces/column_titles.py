"""What columns of spans are called for people, in both languages and in groups."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from pitwall.kit.i18n import Text


class ColumnTitle(NamedTuple):
    """A column as people see it; `unit` of a number, None if it is a plain count or no number."""

    group: str
    text: Text
    unit: str | None = None


GROUPS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "what": Text("What", "무엇을"),
        "where": Text("Where", "어디서"),
        "who": Text("Who", "누가"),
        "outcome": Text("Outcome", "결과"),
        "time": Text("Time", "시간"),
        "model": Text("Model", "모델"),
        "usage": Text("Tokens and cost", "토큰과 비용"),
        "retrieval": Text("Retrieval", "검색"),
        "text": Text("Texts", "텍스트"),
        "ids": Text("Ids", "ID"),
        "origin": Text("Origin", "수집"),
    }
)

_TITLES: Final = (
    ("name", "what", "Name", "이름"),
    ("kind", "what", "Kind", "종류"),
    ("operation", "what", "Operation", "작업"),
    ("component", "what", "Component", "구성 요소"),
    ("agent", "what", "Agent", "에이전트"),
    ("workflow", "what", "Workflow", "워크플로"),
    ("tool_name", "what", "Tool", "도구"),
    ("prompt_name", "what", "Prompt", "프롬프트"),
    ("prompt_version", "what", "Prompt version", "프롬프트 버전"),
    ("event_names", "what", "Events", "이벤트"),
    ("is_root", "what", "Is the root", "루트 여부"),
    ("environment", "where", "Environment", "환경"),
    ("service", "where", "Service", "서비스"),
    ("version", "where", "Version", "버전"),
    ("experiment", "where", "Experiment", "실험"),
    ("variant", "where", "Variant", "실험군"),
    ("run_id", "where", "Run", "실행"),
    ("session_id", "who", "Session", "세션"),
    ("user_id", "who", "User", "사용자"),
    ("company", "who", "Company", "회사"),
    ("status", "outcome", "Status", "상태"),
    ("error_class", "outcome", "Error class", "오류 분류"),
    ("error_type", "outcome", "Error type", "오류 유형"),
    ("status_message", "outcome", "Error message", "오류 메시지"),
    ("http_status", "outcome", "HTTP status", "HTTP 상태 코드"),
    ("finish_reason", "outcome", "Finish reason", "종료 이유"),
    ("retry_count", "outcome", "Retries", "재시도 횟수"),
    ("is_fallback", "outcome", "Is a fallback", "폴백 여부"),
    ("parse_ok", "outcome", "Parsed", "파싱 성공"),
    ("cache_hit", "outcome", "Cache hit", "캐시 적중"),
    ("started_at", "time", "Started", "시작 시각"),
    ("duration_ms", "time", "Duration", "소요 시간", "ms"),
    ("ttft_ms", "time", "Time to first token", "첫 토큰까지 시간", "ms"),
    ("received_at", "time", "Received", "수신 시각"),
    ("model", "model", "Model", "모델"),
    ("request_model", "model", "Requested model", "요청한 모델"),
    ("response_model", "model", "Answering model", "응답한 모델"),
    ("provider", "model", "Provider", "제공자"),
    ("input_tokens", "usage", "Input tokens", "입력 토큰", "token"),
    ("output_tokens", "usage", "Output tokens", "출력 토큰", "token"),
    ("uncached_input_tokens", "usage", "Uncached input tokens", "캐시되지 않은 입력 토큰", "token"),
    ("cache_read_tokens", "usage", "Cache read tokens", "캐시 읽기 토큰", "token"),
    ("cache_write_tokens", "usage", "Cache write tokens", "캐시 쓰기 토큰", "token"),
    ("cache_write_1h_tokens", "usage", "One-hour cache write tokens", "1시간 캐시 쓰기 토큰", "token"),
    ("reasoning_tokens", "usage", "Reasoning tokens", "추론 토큰", "token"),
    ("token_source", "usage", "Token source", "토큰 출처"),
    ("cost_usd", "usage", "Cost", "비용", "usd"),
    ("cost_source", "usage", "Cost source", "비용 출처"),
    ("reported_cost_usd", "usage", "Reported cost", "보고된 비용", "usd"),
    ("price_version", "usage", "Price version", "가격표 버전"),
    ("is_usage_rollup", "usage", "Repeats usage below it", "하위 사용량 합계 여부"),
    ("top_k", "retrieval", "Top k", "요청 문서 수(top k)"),
    ("document_count", "retrieval", "Documents", "문서 수"),
    ("document_ids", "retrieval", "Document ids", "문서 ID"),
    ("document_scores", "retrieval", "Document scores", "문서 점수"),
    ("rerank_enabled", "retrieval", "Reranked", "리랭크 여부"),
    ("rerank_input_count", "retrieval", "Documents to rerank", "리랭크 입력 문서 수"),
    ("embedding_count", "retrieval", "Embeddings", "임베딩 수"),
    ("embedding_dimensions", "retrieval", "Embedding dimensions", "임베딩 차원"),
    ("input_preview", "text", "Input, beginning", "입력 앞부분"),
    ("output_preview", "text", "Output, beginning", "출력 앞부분"),
    ("input_bytes", "text", "Input size", "입력 크기", "byte"),
    ("output_bytes", "text", "Output size", "출력 크기", "byte"),
    ("masked_count", "text", "Masked values", "마스킹된 값"),
    ("trace_id", "ids", "Trace", "트레이스"),
    ("span_id", "ids", "Span", "스팬"),
    ("parent_span_id", "ids", "Parent span", "상위 스팬"),
    ("request_id", "ids", "Request", "요청"),
    ("response_id", "ids", "Response", "응답"),
    ("tool_call_id", "ids", "Tool call", "도구 호출"),
    ("linked_trace_ids", "ids", "Linked traces", "연결된 트레이스"),
    ("scope_name", "origin", "Instrumentation", "계측 라이브러리"),
    ("scope_version", "origin", "Instrumentation version", "계측 라이브러리 버전"),
    ("dialect", "origin", "Dialect", "방언"),
    ("mapping_version", "origin", "Mapping version", "매핑 버전"),
    ("log_position", "origin", "Log position", "로그 위치"),
)
TITLES: Final[Mapping[str, ColumnTitle]] = MappingProxyType(
    {name: ColumnTitle(group, Text(en, ko), *unit) for name, group, en, ko, *unit in _TITLES}
)
