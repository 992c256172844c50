"""From the dialects of instrumentation to the normal form: declared as tables, run by the engine as views.

`tables`, `kinds`, `tokens`, `errors`, `providers` and `masking` say what is meant; `flatten`, `normal`,
`documents`, `messages`, `escapes`, `feedback`, `points`, `logs` and `records` turn it into SQL; `views`
installs that; `oracle` does the same in Python, for the tests.

Decisions that readers of `spans` rely on:

- `model` is the model that was asked for, else the one that answered; `price_version` says where its price
  comes from. A call whose attributes name none has the `model` of its invocation parameters or its input.
- `duration_ms` NULL is unknown: a record of a file or an SDK that says when it began, and not how long it
  took. A span needs an end, so doors mark such records with `pitwall.duration.known`.
- `service` is `service.name`, unless nobody chose it and OpenInference names a project.
- `component` is the tool's name for tools, the cache's name for caches, the agent's name for agents, the
  collection or data source for retrievers, else `pitwall.stage`, else empty.
- `environment` and `version` come from the resource, else from what Langfuse writes on spans.
- `status` is `error` when the span says so, when Langfuse's level is ERROR, or when `error.type` is set or
  the finish reason is `error` and the status is not OK. Only then there is an `error_class`.
- Tokens are disjoint classes (see `tokens`). `is_usage_rollup` marks spans that repeat what calls inside them
  used: any kind that is no model call, and a model call with a descendant (up to three levels down, in the
  same request) that carries usage too. Sums leave them out, and they have no cost. Wrapper and call that
  arrive in different requests are told apart afterwards (`ingest/recompute/wrappers`).
- A reported cost of 0 on a call that failed and has no tokens is no cost.
- `document_count` and `retry_count` NULL are unknown; `embedding_count` 0 is unknown.
- JSON texts are stored with their characters instead of `\\uXXXX` escapes of them (see `escapes`).
- An attribute value longer than 256 bytes stands in `texts` and, by its hash, in `attributes`.
"""
