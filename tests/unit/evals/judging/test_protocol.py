"""The verdict protocol: what a bad judge says is never counted as something that it did not say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pitwall.evals.judging.protocol import ask_for_all, merge, read_verdicts
from pitwall.evals.judging.shapes import ClaimVerdict, ClaimVerdicts, Support
from pitwall.llm.types import CallFailed, CallFailure


def item(number: int, said: str = "supported") -> ClaimVerdict:
    return ClaimVerdict(id=number, reason="r", verdict=Support(said), sources=[1])


def test_one_verdict_for_each_id_is_read_as_it_is() -> None:
    """In the order that was asked for, whatever the order of the reply."""
    reading = read_verdicts([1, 2, 3], [item(3), item(1), item(2, "not_stated")])
    assert list(reading.verdicts) == [1, 2, 3]
    assert (reading.missing, reading.irregularities()) == ((), {})


def test_too_few_too_many_and_doubled_verdicts_are_told_apart() -> None:
    """Unknown ids are counted; duplicates that contradict each other are no verdict, equal ones are one."""
    reply = [item(1), item(1), item(2), item(2, "contradicted"), item(9), item(0)]
    reading = read_verdicts([1, 2, 3], reply)
    assert list(reading.verdicts) == [1]
    assert (reading.missing, reading.conflicting, reading.unknown_ids) == ((3,), (2,), 2)


def test_second_reply_cannot_change_the_first() -> None:
    """Only what was missing is taken from it."""
    first = read_verdicts([1, 2], [item(1)])
    merged = merge(first, read_verdicts([2], [item(1, "contradicted"), item(2)]))
    assert {number: one.verdict for number, one in merged.verdicts.items()} == {
        1: "supported",
        2: "supported",
    }
    assert merged.irregularities() == {"unknown_ids": 1, "asked_again": 1}


@given(
    n_items=st.integers(0, 6),
    replies=st.lists(
        st.lists(st.tuples(st.integers(-1, 8), st.sampled_from(list(Support)))), min_size=2, max_size=2
    ),
)
async def test_whatever_a_judge_replies_every_id_is_accounted_for(
    n_items: int, replies: list[list[tuple[int, Support]]]
) -> None:
    """Each is judged, missing or conflicting, exactly one of them; at most one more question is asked."""
    asked: list[Sequence[int]] = []

    async def ask(numbers: Sequence[int], is_again: bool) -> list[ClaimVerdict]:
        assert is_again is bool(asked)
        asked.append(numbers)
        return [item(number, said) for number, said in replies[len(asked) - 1]]

    numbers = list(range(1, n_items + 1))
    reading = await ask_for_all(numbers, ask)
    accounted = [*reading.verdicts, *reading.missing, *reading.conflicting]
    assert sorted(accounted) == numbers
    assert len(asked) <= 2


async def test_reply_that_was_cut_off_is_asked_for_in_halves() -> None:
    """More verdicts than a reply can hold are no reason to have none."""
    asked: list[Sequence[int]] = []

    async def ask(numbers: Sequence[int], is_again: bool) -> list[ClaimVerdict]:
        asked.append(numbers)
        if len(numbers) > 2:
            raise CallFailed("cut off", failure=CallFailure.TRUNCATED)
        return [item(number) for number in numbers]

    reading = await ask_for_all([1, 2, 3, 4, 5], ask)
    assert list(reading.verdicts) == [1, 2, 3, 4, 5]
    assert reading.irregularities() == {}
    assert asked == [[1, 2, 3, 4, 5], [1, 2], [3, 4, 5], [3], [4, 5]]


@pytest.mark.parametrize("failure", [CallFailure.TRUNCATED, CallFailure.TIMEOUT])
async def test_single_verdict_that_fails_is_a_failure(failure: CallFailure) -> None:
    """There is nothing left to halve; and other failures are no matter of size."""

    async def ask(numbers: Sequence[int], is_again: bool) -> list[ClaimVerdict]:
        raise CallFailed("no", failure=failure)

    with pytest.raises(CallFailed):
        await ask_for_all([1], ask)


@pytest.mark.parametrize(
    "text",
    [
        "1. Yes. 2. Yes. 3. Yes. 4. Yes. 5. Yes.",
        "Yes, No, Yes",
        "No, the context never mentions yes. No.",
        '{"verdicts": ["yes", "no"]}',
        '{"verdicts": [{"id": 1, "reason": "r", "verdict": "yes, supported"}]}',
        '{"verdicts": [{"reason": "supported", "verdict": "supported"}]}',
        '{"verdicts": [{"id": 1, "reason": "cut off',
        "I cannot help with that.",
    ],
)
def test_text_is_never_searched_for_a_verdict(text: str) -> None:
    """A reply is in the shape, with an id and one of the words, or it is none: no substring decides."""
    with pytest.raises(ValidationError):
        ClaimVerdicts.model_validate_json(text)


def test_reason_comes_before_the_verdict_in_every_shape() -> None:
    """A judge that has to name the verdict first finds reasons for it afterwards."""
    from pitwall.evals.judging import shapes

    found = 0
    for shape in vars(shapes).values():
        fields = list(getattr(shape, "model_fields", {}))
        if "verdict" in fields:
            found += 1
            assert fields.index("reason") < fields.index("verdict"), shape
    assert found == 7
