"""What is sent to a target, how its reply is read, and what is refused before anything is asked."""

from __future__ import annotations

from typing import Any

import pytest

from pitwall.evals.metrics.types import Needs
from pitwall.evals.runs.errors import TargetInvalid
from pitwall.evals.runs.targets.opening import check_server_target, fields_given, open_target, target_plan
from pitwall.evals.runs.targets.reply import ReplyUnreadable, answer_of_result, read_contexts, read_text
from pitwall.evals.runs.targets.template import check_template, fill
from pitwall.evals.types import Answer, Context, ToolCall, Turn
from tests.support.eval_runs import make_example

OPTIONS: dict[str, Any] = {
    "body": '{"question": "{question}"}',
    "answer": "answer",
    "contexts": None,
    "tool_calls": None,
    "usage": None,
    "headers": (),
    "timeout_seconds": 60.0,
    "retries": 2,
    "concurrency": 8,
}


def test_template_is_filled_with_the_values_of_an_example() -> None:
    """A text that is one field alone becomes its value, whatever its type; braces of JSON stay."""
    example = make_example(1, metadata={"top_k": 5, "company": "한빛"}, language="ko")
    template = {
        "messages": [{"role": "user", "content": "[{language}] {question}"}],
        "k": "{metadata.top_k}",
        "who": "{metadata.company}",
        "none": "{metadata.missing}",
        "stream": False,
    }
    assert fill(template, example) == {
        "messages": [{"role": "user", "content": "[ko] Question 1?"}],
        "k": 5,
        "who": "한빛",
        "none": None,
        "stream": False,
    }


@pytest.mark.parametrize(
    ("template", "said"),
    [({"q": "{query}"}, "names {query}"), ({"q": "always the same"}, "no {question}")],
)
def test_template_that_cannot_work_is_refused(template: Any, said: str) -> None:
    with pytest.raises(TargetInvalid, match=said) as refused:
        check_template(template)
    assert [one["where"] for one in refused.value.details["errors"]] == ["target.body"]


def test_reply_is_read_at_its_places() -> None:
    """Contexts may be texts or objects, under the names that services use."""
    reply = {
        "choices": [{"message": {"content": "42"}}],
        "sources": ["one", {"content": "two", "id": 7, "score": 0.5}, {"page_content": "three"}],
    }
    assert read_text(reply, "choices.0.message.content") == "42"
    assert read_contexts(reply, "sources") == (Context("one"), Context("two", "7", 0.5), Context("three"))


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({"output": "x"}, "nothing at 'answer'; it has output"),
        ({"answer": None}, "null at 'answer'"),
        (["x"], "it has list"),
    ],
)
def test_reply_without_an_answer_says_what_it_has(reply: Any, said: str) -> None:
    with pytest.raises(ReplyUnreadable, match=said):
        read_text(reply, "answer")


def test_result_of_a_function_may_have_three_forms() -> None:
    """A text, a mapping, or an answer as it is."""
    whole = Answer(text="a", latency_ms=3.0)
    assert answer_of_result("a") == Answer(text="a")
    assert answer_of_result(whole) is whole
    found = answer_of_result({"answer": "a", "contexts": ["c"], "cost_usd": 0.1})
    assert (found.contexts, found.cost_usd) == ((Context("c"),), 0.1)
    with pytest.raises(ReplyUnreadable, match="returned int"):
        answer_of_result(3)


def test_result_of_a_function_keeps_everything_that_it_says() -> None:
    """Tool calls and turns as datasets have them; one text is one context; numbers are checked."""
    found = answer_of_result(
        {
            "answer": "a",
            "contexts": "one text",
            "tool_calls": [{"name": "search", "args": {"q": "x"}}, {"function": {"name": "open"}}],
            "turns": [{"question": "q", "answer": "a"}],
            "input_tokens": 7,
        }
    )
    assert found.contexts == (Context("one text"),)
    assert found.tool_calls == (ToolCall("search", {"q": "x"}), ToolCall("open"))
    assert (found.turns, found.input_tokens) == ((Turn("q", "a"),), 7)
    for wrong in ({"tool_calls": 3}, {"turns": ["q"]}, {"cost_usd": "much"}):
        with pytest.raises(ReplyUnreadable):
            answer_of_result({"answer": "a", **wrong})


def test_secret_of_a_header_is_kept_as_a_reference_only() -> None:
    """In clear it would lie in the plan, which everybody may read."""
    with pytest.raises(TargetInvalid, match="'Authorization' would be kept with the run in clear"):
        target_plan("http://127.0.0.1:1/ask", {**OPTIONS, "headers": ("Authorization=Bearer abc",)})
    given = ("Authorization=Bearer secret://env/TOKEN", "X-Team=voc")
    plan = target_plan("http://127.0.0.1:1/ask", {**OPTIONS, "headers": given})
    assert plan["headers"] == {"Authorization": "Bearer secret://env/TOKEN", "X-Team": "voc"}


async def test_missing_secret_of_a_header_is_named() -> None:
    plan = target_plan(
        "http://127.0.0.1:1/ask", {**OPTIONS, "headers": ("Authorization=Bearer secret://env/TOKEN",)}
    )
    with pytest.raises(TargetInvalid, match="environment variable TOKEN is not set"):
        open_target(plan, "run_1", {})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ftp://host/x", "no address that can be asked"),
        ("http://user:secret@host/x", "no address that can be asked"),
        ("not a target", "is no target"),
        ("module", "is no target"),
    ],
)
def test_target_that_is_none_is_refused(name: str, said: str) -> None:
    with pytest.raises(TargetInvalid, match=said) as refused:
        target_plan(name, OPTIONS)
    assert "secret@" not in str(refused.value)


def test_server_runs_no_code_and_sends_no_secret_of_its_own() -> None:
    """Whoever may begin a run could otherwise read the server's environment through a header."""
    with pytest.raises(TargetInvalid, match="which the server does not run"):
        check_server_target({"kind": "python", "function": "os:system"})
    for reference in ("secret://env/OPENAI_API_KEY", "secret://file/etc/passwd"):
        with pytest.raises(TargetInvalid, match="does not send to targets"):
            check_server_target({"kind": "http", "headers": {"X-Key": f"Bearer {reference}"}})
    check_server_target({"kind": "http", "headers": {"X-Key": "secret://env/EVAL_TARGET_KEY"}})


def test_what_a_target_gives_is_known_before_it_is_asked() -> None:
    """So that metrics that need contexts are refused where the reply tells none."""
    assert fields_given({"kind": "stored"}) == frozenset()
    assert Needs.CONTEXTS not in fields_given(target_plan("http://h/x", OPTIONS))
    assert Needs.CONTEXTS in fields_given(target_plan("http://h/x", {**OPTIONS, "contexts": "sources"}))
    assert Needs.REFERENCE not in fields_given({"kind": "python", "function": "a:b"})
