"""Changes: what appears by itself is one, what comes up with its service or environment is none."""

from __future__ import annotations

from pitwall.traces.changes import all_changes
from pitwall.traces.seen import Combination, Dimensions, Prompt, Seen, dimensions

MINUTE = 60_000_000_000


def make_combination(
    version: str = "", model: str = "", service: str = "chat", env: str = "prod"
) -> Combination:
    return Combination(env, service, version, model)


def _told(firsts: dict[Combination, int], prompts: list[Prompt] | None = None) -> list[tuple[object, ...]]:
    changes = all_changes({what: at * MINUTE for what, at in firsts.items()}, prompts or [])
    return sorted(
        (
            one.at_nano // MINUTE,
            one.kind.value,
            one.environment,
            one.service,
            one.subject,
            one.before,
            one.after,
        )
        for one in changes
    )


def test_first_day_of_an_environment_is_one_change() -> None:
    """Not one for each service, version and model that come up with it."""
    firsts = {make_combination("1.0", "qwen"): 100, make_combination("1.0", service="api"): 105}
    assert _told(firsts) == [(100, "environment", "prod", None, "prod", None, "prod")]


def test_next_version_names_the_one_before() -> None:
    """The version that had appeared last, not one that was older or came later."""
    firsts = {make_combination("1.0"): 0, make_combination("1.1"): 100, make_combination("1.2"): 200}
    assert _told(firsts)[1:] == [
        (100, "version", "prod", "chat", "chat", "1.0", "1.1"),
        (200, "version", "prod", "chat", "chat", "1.1", "1.2"),
    ]


def test_version_that_reaches_another_environment_is_a_change_there() -> None:
    """A deployment to production of what was staged."""
    firsts = {
        make_combination("1.0"): 0,
        make_combination("1.0", env="staging"): 0,
        make_combination("1.1", env="staging"): 50,
        make_combination("1.1"): 90,
    }
    assert [row[:3] for row in _told(firsts)][2:] == [(50, "version", "staging"), (90, "version", "prod")]


def test_model_and_service_that_appear_later_are_changes() -> None:
    """With the service's own models and versions left out."""
    firsts = {
        make_combination("1.0", "qwen"): 0,
        make_combination("1.0", "gpt-4o"): 70,
        make_combination("2.0", "qwen", service="search"): 80,
    }
    assert _told(firsts)[1:] == [
        (70, "model", "prod", "chat", "gpt-4o", None, "gpt-4o"),
        (80, "service", "prod", "search", "search", None, "search"),
    ]


def test_first_version_of_a_service_that_had_none() -> None:
    """It appeared, after nothing."""
    assert _told({make_combination(): 0, make_combination("1.0"): 60})[1:] == [
        (60, "version", "prod", "chat", "chat", None, "1.0")
    ]


def test_prompt_of_a_service() -> None:
    """A new version after an old one, and a prompt that was not there before."""
    prompts = [
        Prompt("prod", "chat", "answer", "3", 0),
        Prompt("prod", "chat", "answer", "4", 30 * MINUTE),
        Prompt("prod", "chat", "rewrite", "", 40 * MINUTE),
    ]
    assert _told({make_combination(): 0}, prompts)[1:] == [
        (30, "prompt", "prod", "chat", "answer", "3", "4"),
        (40, "prompt", "prod", "chat", "rewrite", None, "rewrite"),
    ]


def test_spans_that_do_not_say_where_they_are_from() -> None:
    """Absent stays absent."""
    firsts = {Combination("", "", "1.0", ""): 0, Combination("", "", "1.1", ""): 60}
    assert _told(firsts) == [(60, "version", None, None, "", "1.0", "1.1")]


def test_dimensions_run_from_the_newest() -> None:
    """By the last hour seen, then by the first; absent values are no values."""
    seen = [
        Seen(make_combination("1.0", "qwen"), 1, 9),
        Seen(make_combination("1.1", "qwen"), 5, 9),
        Seen(make_combination("0.9", ""), 0, 4),
        Seen(make_combination("1.1", "gpt-4o", env=""), 6, 8),
    ]
    assert dimensions(seen) == Dimensions(["prod"], ["chat"], ["qwen", "gpt-4o"], ["1.1", "1.0", "0.9"])
