"""The stage tables: what a write-ahead log segment looks like to the engine.

A segment is a sequence of length-delimited messages, each an OTLP request preceded by a header whose field
numbers lie above 1000. `STAGES` names, for each telemetry type, the Null table that receives it, the message
and the schema text that `INSERT ... FORMAT Protobuf` needs; `STAGE_TABLES` has the DDL of those tables.
Members of a oneof are Nullable, because 0, false and "" are values.

`AnyValue` is recursive and a schema cannot be: nested lists and maps stay as protobuf bytes (see `values`).
Only span attributes, log bodies and log attributes decode the first level of a list; elsewhere a list is
bytes too. A log body is declared as repeated, which reads the same bytes and makes it an array like
everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.sink import Stage

_HEADER_PROTO: Final = (
    "string project = 1000; uint64 log_position = 1001; fixed64 received_unix_nano = 1002; "
    "string door = 1006;"
)
_HEADER_COLUMNS: Final = "project String, log_position UInt64, received_unix_nano UInt64, door String"

_COMMON_PROTO: Final = """
message Leaf { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3;
  double double_value = 4; bytes array_value = 5; bytes kvlist_value = 6; bytes bytes_value = 7; } }
message Leaves { repeated Leaf values = 1; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3;
  double double_value = 4; Leaves array_value = 5; bytes kvlist_value = 6; bytes bytes_value = 7; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message KeyLeaf { string key = 1; Leaf value = 2; }
message Resource { repeated KeyLeaf attributes = 1; }
message Scope { string name = 1; string version = 2; }
"""

_TRACES_PROTO: Final = (
    'syntax = "proto3";'
    f"message StageTraces {{ repeated ResourceSpans resource_spans = 1; {_HEADER_PROTO} }}"
    + _COMMON_PROTO
    + """
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyLeaf attributes = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; }
message Status { string message = 2; int32 code = 3; }
message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5;
  int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; repeated Event events = 11; repeated Link links = 13;
  Status status = 15; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
"""
)

_METRICS_PROTO: Final = (
    'syntax = "proto3";'
    f"message StageMetrics {{ repeated ResourceMetrics resource_metrics = 1; {_HEADER_PROTO} }}"
    + _COMMON_PROTO
    + """
message Exemplar { fixed64 time_unix_nano = 2; oneof value { double as_double = 3; sfixed64 as_int = 6;
  } bytes span_id = 4; bytes trace_id = 5; }
message Number { repeated KeyLeaf attributes = 7; fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3; oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated Exemplar exemplars = 5; uint32 flags = 8; }
message Histogram { repeated KeyLeaf attributes = 9; fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
  repeated Exemplar exemplars = 8; uint32 flags = 10; optional double min = 11;
  optional double max = 12; }
message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
message Exponential { repeated KeyLeaf attributes = 1; fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5; sint32 scale = 6;
  fixed64 zero_count = 7; Buckets positive = 8; Buckets negative = 9; uint32 flags = 10;
  repeated Exemplar exemplars = 11; optional double min = 12; optional double max = 13; }
message Quantile { double quantile = 1; double value = 2; }
message Summary { repeated KeyLeaf attributes = 7; fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5; repeated Quantile quantile_values = 6;
  uint32 flags = 8; }
message GaugeData { repeated Number data_points = 1; }
message SumData { repeated Number data_points = 1; int32 aggregation_temporality = 2;
  bool is_monotonic = 3; }
message HistogramData { repeated Histogram data_points = 1; int32 aggregation_temporality = 2; }
message ExponentialData { repeated Exponential data_points = 1; int32 aggregation_temporality = 2; }
message SummaryData { repeated Summary data_points = 1; }
message Metric { string name = 1; string description = 2; string unit = 3; GaugeData gauge = 5;
  SumData sum = 7; HistogramData histogram = 9; ExponentialData exponential_histogram = 10;
  SummaryData summary = 11; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
"""
)

_LOGS_PROTO: Final = (
    'syntax = "proto3";'
    f"message StageLogs {{ repeated ResourceLogs resource_logs = 1; {_HEADER_PROTO} }}"
    + _COMMON_PROTO
    + """
message LogRecord { fixed64 time_unix_nano = 1; fixed64 observed_time_unix_nano = 11;
  int32 severity_number = 2; string severity_text = 3; repeated AnyValue body = 5;
  repeated KeyValue attributes = 6; bytes trace_id = 9; bytes span_id = 10; string event_name = 12; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
"""
)

_SCORES_PROTO: Final = (
    'syntax = "proto3";'
    f"message StageScores {{ repeated Score records = 1; {_HEADER_PROTO} }}"
    """
message Pair { string key = 1; string value = 2; }
message Score { string score_id = 1; string name = 2; fixed64 time_unix_nano = 3; bytes trace_id = 4;
  bytes span_id = 5; string session_id = 6; string run_id = 7; optional double value = 8;
  string label = 9; string explanation = 10; string source = 11; string evaluator = 12;
  string error_type = 13; string environment = 14; string service = 15; repeated Pair attributes = 16; }
"""
)

_DEAD_LETTERS_PROTO: Final = (
    'syntax = "proto3";'
    f"message StageDeadLetters {{ repeated Letter records = 1; {_HEADER_PROTO} }}"
    """
message Letter { string dead_letter_id = 1; string telemetry_type = 2; string reason = 3;
  string message = 4; uint32 record_index = 5; string record_name = 6; string content_type = 7;
  bytes body = 8; uint64 body_bytes = 9; string door = 10; }
"""
)

_LEAF: Final = (
    "Tuple(string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64), "
    "double_value Nullable(Float64), array_value Nullable(String), kvlist_value Nullable(String), "
    "bytes_value Nullable(String))"
)
_ANY: Final = _LEAF.replace("array_value Nullable(String)", f"array_value Tuple(values Array({_LEAF}))")
_KEY_VALUES: Final = f"Array(Tuple(key String, value {_ANY}))"
_KEY_LEAVES: Final = f"Array(Tuple(key String, value {_LEAF}))"
_RESOURCE: Final = f"resource Tuple(attributes {_KEY_LEAVES})"
_SCOPE: Final = "scope Tuple(name String, version String)"


def _create(table: str, column: str, type_: str) -> str:
    return f"CREATE TABLE {table} ({column} {type_}, {_HEADER_COLUMNS}) ENGINE = Null"


def _nested(inner: str, records: str, record_type: str) -> str:
    return f"Array(Tuple({_RESOURCE}, {inner} Array(Tuple({_SCOPE}, {records} Array({record_type})))))"


_SPAN: Final = (
    "Tuple(trace_id String, span_id String, parent_span_id String, name String, kind Int32, "
    "start_time_unix_nano UInt64, end_time_unix_nano UInt64, "
    f"attributes {_KEY_VALUES}, "
    f"events Array(Tuple(time_unix_nano UInt64, name String, attributes {_KEY_LEAVES})), "
    "links Array(Tuple(trace_id String, span_id String)), status Tuple(message String, code Int32))"
)
_EXEMPLARS: Final = (
    "exemplars Array(Tuple(time_unix_nano UInt64, as_double Nullable(Float64), as_int Nullable(Int64), "
    "span_id String, trace_id String))"
)
_POINT: Final = f"attributes {_KEY_LEAVES}, start_time_unix_nano UInt64, time_unix_nano UInt64"
_NUMBER: Final = f"Array(Tuple({_POINT}, as_double Nullable(Float64), as_int Nullable(Int64), {_EXEMPLARS}))"
_HISTOGRAM: Final = (
    f"Array(Tuple({_POINT}, count UInt64, sum Nullable(Float64), min Nullable(Float64), max "
    f"Nullable(Float64), "
    f"bucket_counts Array(UInt64), explicit_bounds Array(Float64), {_EXEMPLARS}))"
)
_BUCKETS: Final = "Tuple(offset Int32, bucket_counts Array(UInt64))"
_EXPONENTIAL: Final = (
    f"Array(Tuple({_POINT}, count UInt64, sum Nullable(Float64), min Nullable(Float64), max "
    f"Nullable(Float64), "
    f"scale Int32, zero_count UInt64, positive {_BUCKETS}, negative {_BUCKETS}, {_EXEMPLARS}))"
)
_SUMMARY: Final = (
    f"Array(Tuple({_POINT}, count UInt64, sum Float64, "
    "quantile_values Array(Tuple(quantile Float64, value Float64))))"
)
_METRIC: Final = (
    "Tuple(name String, description String, unit String, "
    f"gauge Tuple(data_points {_NUMBER}), "
    f"sum Tuple(data_points {_NUMBER}, aggregation_temporality Int32, is_monotonic Bool), "
    f"histogram Tuple(data_points {_HISTOGRAM}, aggregation_temporality Int32), "
    f"exponential_histogram Tuple(data_points {_EXPONENTIAL}, aggregation_temporality Int32), "
    f"summary Tuple(data_points {_SUMMARY}))"
)
_LOG: Final = (
    "Tuple(time_unix_nano UInt64, observed_time_unix_nano UInt64, severity_number Int32, "
    "severity_text String, "
    f"body Array({_ANY}), attributes {_KEY_VALUES}, trace_id String, span_id String, event_name String)"
)
_SCORE: Final = (
    "Tuple(score_id String, name String, time_unix_nano UInt64, trace_id String, span_id String, "
    "session_id String, "
    "run_id String, value Nullable(Float64), label String, explanation String, source String, "
    "evaluator String, "
    "error_type String, environment String, service String, attributes Array(Tuple(key String, value "
    "String)))"
)
_LETTER: Final = (
    "Tuple(dead_letter_id String, telemetry_type String, reason String, message String, record_index UInt32, "
    "record_name String, content_type String, body String, body_bytes UInt64, door String)"
)

STAGES: Final[Mapping[TelemetryType, Stage]] = MappingProxyType(
    {
        TelemetryType.TRACES: Stage("stage_traces", "StageTraces", _TRACES_PROTO),
        TelemetryType.METRICS: Stage("stage_metrics", "StageMetrics", _METRICS_PROTO),
        TelemetryType.LOGS: Stage("stage_logs", "StageLogs", _LOGS_PROTO),
        TelemetryType.SCORES: Stage("stage_scores", "StageScores", _SCORES_PROTO),
        TelemetryType.DEAD_LETTERS: Stage("stage_dead_letters", "StageDeadLetters", _DEAD_LETTERS_PROTO),
    }
)

STAGE_TABLES: Final[Mapping[TelemetryType, str]] = MappingProxyType(
    {
        TelemetryType.TRACES: _create(
            "stage_traces", "resource_spans", _nested("scope_spans", "spans", _SPAN)
        ),
        TelemetryType.METRICS: _create(
            "stage_metrics", "resource_metrics", _nested("scope_metrics", "metrics", _METRIC)
        ),
        TelemetryType.LOGS: _create(
            "stage_logs", "resource_logs", _nested("scope_logs", "log_records", _LOG)
        ),
        TelemetryType.SCORES: _create("stage_scores", "records", f"Array({_SCORE})"),
        TelemetryType.DEAD_LETTERS: _create("stage_dead_letters", "records", f"Array({_LETTER})"),
    }
)
