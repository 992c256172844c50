"""What the people and models of the world say, in both languages: enough to fill a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Talk:
    """A question and what is answered."""

    question: str
    answer: str


TALKS: Final = (
    Talk(
        "배터리가 하루를 못 가는데 무상 교체가 되나요?",
        "구입 후 2년 안이고 최대 용량이 80% 아래라면 무상으로 교체해 드립니다. 서비스 센터를 예약해 주세요.",
    ),
    Talk(
        "Can I return the headphones after I opened the box?",
        "Yes, within 14 days, as long as the ear pads are unused. Refunds take three to five days.",
    ),
    Talk(
        "주문한 세탁기 배송이 두 번이나 미뤄졌어요. 정확히 언제 오나요?",
        "불편을 드려 죄송합니다. 물류 센터에 재고가 확보되어 이번 주 목요일 오전에 설치 기사님이 방문합니다.",
    ),
    Talk(
        "Why was I charged twice for order 20418?",
        "The first charge was a hold that was never captured. "
        "It disappears from your statement within two days.",
    ),
    Talk(
        "환불 규정 알려 주세요",
        "단순 변심은 수령 후 7일, 제품 하자는 30일 안에 환불할 수 있습니다.",
    ),
    Talk(
        "The app logs me out every time I switch to mobile data, and the order I was filling in is gone. "
        "I have reinstalled it twice. Is there anything that keeps the basket?",
        "Sign in once on Wi-Fi and turn on 'Keep me signed in'. Baskets are then kept for thirty days.",
    ),
    Talk(
        "냉장고에서 '웅' 하는 소리가 나고 문을 닫아도 온도가 내려가지 않습니다. 어제 이사하면서 옮겼고, "
        "전원은 바로 꽂았습니다. 점검을 받아야 하나요, 아니면 기다려 보면 되나요?",
        "운반 뒤에는 여섯 시간쯤 세워 둔 다음 전원을 넣으세요. 내일까지 그대로면 점검을 신청해 주세요.",
    ),
    Talk("Do you ship to Jeju island?", "Yes. Jeju takes one more day and costs 3,000 won extra."),
)

SYSTEM: Final = (
    "You answer questions of customers from the documents below, in the language of the question. "
    "If the documents do not say it, say so and offer a colleague."
)

DOCUMENTS: Final = (
    ("warranty-2025", "보증 기간과 무상 교체 기준", "최대 용량이 80% 아래인 배터리는 무상 교체합니다."),
    ("returns-policy", "Returns and refunds", "Opened goods may be returned within 14 days if unused."),
    ("delivery-large", "대형 가전 배송 안내", "설치 기사가 방문하며, 제주와 도서 지역은 하루가 더 걸립니다."),
    ("billing-holds", "Card holds and captures", "A hold that is not captured is released in two days."),
    ("app-sessions", "How long the app remembers you", "Sessions end when the network changes unless kept."),
    ("moving-fridge", "냉장고를 옮긴 뒤", "운반한 냉장고는 여섯 시간쯤 세워 둔 다음 전원을 넣어 주세요."),
)  # fmt: skip

STACK: Final = """Traceback (most recent call last):
  File "/srv/voc/app/chat.py", line 88, in answer
    reply = await client.chat.completions.create(model=model, messages=messages, timeout=20)
  File "/srv/voc/.venv/lib/site-packages/openai/resources/chat/completions.py", line 2024, in create
    return await self._post("/chat/completions", body=body, cast_to=ChatCompletion)
  File "/srv/voc/.venv/lib/site-packages/openai/_base_client.py", line 1512, in request
    raise APITimeoutError(request=request) from err
openai.APITimeoutError: Request timed out."""
