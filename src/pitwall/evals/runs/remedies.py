"""What helps when a score failed, by the code of its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pitwall.kit.i18n import Language, Text

_REMEDIES: Final[Mapping[str, Text]] = {
    "judge_auth": Text(
        "the judge does not accept the key; check `api_key` of the profile",
        "판정 모델이 키를 받아들이지 않습니다. 프로필의 `api_key`를 확인하세요",
    ),
    "judge_rejected": Text(
        "the endpoint does not take the request; check `base_url` and `model`, or see `pitwall judge doctor`",
        "엔드포인트가 요청을 받지 않습니다. `base_url`과 `model`을 확인하세요(`pitwall judge doctor`)",
    ),
    "judge_network": Text(
        "nobody answers at the address of the judge; check `base_url`, and that it runs",
        "판정 모델의 주소에서 응답이 없습니다. `base_url`과 서버가 떠 있는지 확인하세요",
    ),
    "judge_unavailable": Text(
        "the endpoint of the judge fails; look at its log, then go on with the run",
        "판정 모델의 엔드포인트가 실패합니다. 그 로그를 확인한 뒤 실행을 이어 가세요",
    ),
    "judge_timeout": Text(
        "the judge does not answer in time; raise `timeout_seconds` or lower `concurrency`",
        "판정 모델이 제때 답하지 않습니다. `timeout_seconds`를 늘리거나 `concurrency`를 줄이세요",
    ),
    "judge_rate_limited": Text(
        "the judge refuses for load; set `requests_per_minute` and `tokens_per_minute` of your account",
        "판정 모델이 호출 한도로 거절합니다. 계정의 `requests_per_minute`와 `tokens_per_minute`를 설정하세요",
    ),
    "judge_truncated": Text(
        "the replies of the judge are cut off; raise `max_tokens`",
        "판정 모델의 응답이 잘립니다. `max_tokens`를 늘리세요",
    ),
    "judge_refused": Text(
        "the judge refuses to answer; see what it was asked with `pitwall judge calls --failed`",
        "판정 모델이 답을 거부합니다. `pitwall judge calls --failed`로 무엇을 물었는지 보세요",
    ),
    "judge_invalid_json": Text(
        "the replies of the judge are no JSON; see what it can do with `pitwall judge doctor`",
        "판정 모델의 응답이 JSON이 아닙니다. `pitwall judge doctor`로 모델이 할 수 있는 것을 확인하세요",
    ),
    "judge_wrong_shape": Text(
        "the replies of the judge have not the shape; see what it can do with `pitwall judge doctor`",
        "판정 모델의 응답 형식이 다릅니다. `pitwall judge doctor`로 모델이 할 수 있는 것을 확인하세요",
    ),
    "low_coverage": Text(
        "the judge leaves verdicts out; see what it can do with `pitwall judge doctor`",
        "판정 모델이 판정을 빠뜨립니다. `pitwall judge doctor`로 모델이 할 수 있는 것을 확인하세요",
    ),
    "target_failed": Text(
        "no answer came; `pitwall eval show RUN --failed` has the cases and `--case N` the reason",
        "답변을 받지 못했습니다. `pitwall eval show RUN --failed`로 케이스를, `--case N`으로 이유를 보세요",
    ),
    "too_long": Text(
        "there is more to read than a judge can be given; shorten the contexts or the answer",
        "판정 모델에 줄 수 있는 길이를 넘습니다. 컨텍스트나 답변을 줄이세요",
    ),
    "empty_answer": Text(
        "the answer is a text without a letter; where there is no answer, give none instead",
        "답변이 빈 텍스트입니다. 답변이 없는 것이면 빈 텍스트 대신 값을 두지 마세요",
    ),
}


def remedies(reasons: Iterable[str], language: Language) -> list[str]:
    """Return a line for each reason that something can be done about."""
    known = dict.fromkeys(reason for reason in reasons if reason in _REMEDIES)
    return [f"{reason}: {_REMEDIES[reason].say(language)}." for reason in known]
