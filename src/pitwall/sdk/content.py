"""Which attributes hold content, in the dialects of all instrumentations that may run beside the SDK.

With `init(capture_content=False)` they are left out, whoever set them, before anything leaves the process.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

_CONTENT = re.compile(
    r"""
      (input|output)\.value
    | (input|output)\.documents(\..*)?
    | gen_ai\.(input|output)\.messages
    | gen_ai\.system_instructions
    | gen_ai\.(prompt|completion)(\.\d.*)?
    | gen_ai\.tool\.(call\.arguments|call\.result|definitions)
    | gen_ai\.retrieval\.query\.text
    | gen_ai\.evaluation\.explanation
    | llm\.(input_messages|output_messages|prompts|choices|function_call|tools)(\..*)?
    | llm\.prompt_template\.(template|variables)
    | (retrieval|reranker)\..*\.document\.(content|metadata)
    | reranker\.query
    | embedding\.(text|vector)
    | embedding\.embeddings\..*
    | tool\.parameters
    | tool_call\..*arguments.*
    | traceloop\.entity\.(input|output)
    | traceloop\.prompt\.(template|template_variables)
    | mlflow\.span(Inputs|Outputs)
    | langfuse\.(observation|trace)\.(input|output)
    | ai\.(prompt|value|values|embedding|embeddings)(\..*)?
    | ai\.(response\.(text|object|toolCalls)|toolCall\.(args|result))(\..*)?
    | pydantic_ai\.all_messages
    | (all_messages_events|final_result|logfire\.msg)
    | db\.(query\.result|search\.result)\.document
    | (content|body|gen_ai\.event\.content)
    """,
    re.VERBOSE,
)


@functools.lru_cache(maxsize=4096)
def is_content(key: str) -> bool:
    """Whether an attribute of that name holds what people or models wrote."""
    return _CONTENT.fullmatch(key) is not None


def without_content(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that are not content."""
    return {key: value for key, value in attributes.items() if not is_content(str(key))}
