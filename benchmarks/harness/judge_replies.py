"""What the slow judge says: every claim is supported, in the shape that each product asks for.

Pitwall sends a JSON schema. Ragas and DeepEval describe what they want in the prompt.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

CLAIMS: Final = ("The fee is 3,000 won.", "It is paid once.", "It is refunded.")
_RAGAS_INPUT: Final = re.compile(r"\ninput: (\{.*\})\nOutput: ", re.DOTALL)
_DEEPEVAL_KEY: Final = re.compile(r'"(truths|claims|verdicts|reason)": ')


def reply(body: dict[str, Any]) -> str:
    """Answer the body of a chat completion.

    Raises:
        ValueError: The question is of none of the three.
    """
    content = body["messages"][-1]["content"]
    wanted = body.get("response_format", {})
    if "json_schema" in wanted:
        answer = _pitwall(wanted["json_schema"]["schema"]["properties"], content)
    elif asked := _RAGAS_INPUT.search(content):
        answer = _ragas(json.loads(asked[1]))
    elif key := _DEEPEVAL_KEY.search(content):
        answer = _deepeval(key[1])
    else:
        raise ValueError(f"a question of no known shape: {content[:200]}")
    return json.dumps(answer)


def _pitwall(properties: dict[str, Any], content: str) -> dict[str, Any]:
    if "claims" in properties:
        return {"claims": CLAIMS}
    numbers = re.findall(r"^(\d+): ", content, re.MULTILINE)
    return {
        "verdicts": [
            {"id": int(number), "reason": "Stated.", "verdict": "supported", "sources": [1]}
            for number in numbers
        ]
    }


def _ragas(asked: dict[str, Any]) -> dict[str, Any]:
    if "statements" not in asked:
        return {"statements": CLAIMS}
    return {
        "statements": [{"statement": one, "reason": "Stated.", "verdict": 1} for one in asked["statements"]]
    }


def _deepeval(key: str) -> dict[str, Any]:
    if key == "reason":
        return {"reason": "Everything is stated."}
    return {key: [{"verdict": "yes"}] * len(CLAIMS) if key == "verdicts" else CLAIMS}
