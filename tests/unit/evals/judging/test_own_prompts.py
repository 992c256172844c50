"""Prompts of somebody's own: what they replace, and every way in which they can be wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pitwall.access.dependencies import current_principal
from pitwall.access.types import Principal, PrincipalKind, Role
from pitwall.core.vocabulary import Scope
from pitwall.evals.judging.commands import prompts as command
from pitwall.evals.judging.endpoints import eval_prompts_router
from pitwall.evals.judging.errors import PromptsInvalid
from pitwall.evals.judging.judge import LONGEST_PROMPT
from pitwall.evals.judging.own_prompts import check_prompts, read_prompts
from pitwall.evals.judging.prompt_problems import LONGEST_TEXT
from pitwall.evals.judging.prompts import BUILT_IN, COMMON, NAMES, content_of, messages
from pitwall.evals.judging.showing import differences, shown
from pitwall.evals.judging.windows import BATCH_ITEMS, WINDOW_CHARACTERS
from pitwall.evals.judging.wire import metrics_asking, prompt_view, prompts_view
from pitwall.evals.metrics.registry import Registry, built_in, identity
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Answer, Case, Context, Example
from pitwall.kit.i18n import Language
from pitwall.llm.shapes import shape_of
from pitwall.llm.simulated import reply
from pitwall.llm.types import Answered, Message

ALL = Registry(built_in(), {}, ())
ENGLISH = {"system": "Judge by my rules.", "user": "Judge these: {ids}."}
OWN = {"claim_support": {"version": 2, "en": ENGLISH}}


def with_user(text: str, **fields: Any) -> dict[str, Any]:
    return {"claim_support": {"version": 1, "en": {**ENGLISH, "user": text, **fields}}}


def test_what_show_writes_can_be_given_back_and_replaces_nothing() -> None:
    """Every prompt, in both languages or one; the same words are the same ruler."""
    for language in (None, *Language):
        written = "".join(shown(name, language) for name in NAMES)
        given = yaml.safe_load(written)
        assert check_prompts(given) == BUILT_IN
        assert all(set(one) == {"version", *([language] if language else Language)} for one in given.values())


def test_one_language_is_replaced_and_the_other_one_stays() -> None:
    """The hash is another one for both: a ruler has one name."""
    own = check_prompts(OWN)
    asked = {
        tag: messages("claim_support", tag, [], {"ids": "1, 2"}, prompts=own) for tag in ("en", "ko", "de")
    }
    assert asked["en"][0].content.startswith("Judge by my rules.\n\nEverything between a mark")
    assert asked["en"][1].content == asked["de"][1].content == "Judge these: 1, 2."
    assert asked["ko"] == messages("claim_support", "ko", [], {"ids": "1, 2"})
    assert own.get("claim_support").digest != BUILT_IN.get("claim_support").digest
    assert own.get("claims") is BUILT_IN.get("claims")


def test_edges_of_texts_and_the_order_of_a_file_are_no_other_ruler() -> None:
    """Only words count."""
    loose = {"claim_support": {"en": {part: f"\n{text}  \n" for part, text in ENGLISH.items()}, "version": 2}}
    assert check_prompts(loose) == check_prompts(OWN)
    assert check_prompts({**OWN, "claims": content_of("claims")}) == check_prompts(OWN)


@pytest.mark.parametrize("name", NAMES)
def test_exactly_the_metrics_that_ask_with_a_prompt_are_others_by_it(name: str) -> None:
    """And the registry that it was made of is as it was."""
    before = {metric.spec.name: identity(metric, "j", "e") for metric in ALL}
    own = check_prompts({name: {**content_of(name), "version": 9}})
    after = {metric.spec.name: identity(metric, "j", "e") for metric in ALL.with_prompts(own)}
    assert {metric for metric in before if before[metric] != after[metric]} == set(metrics_asking(name, ALL))
    assert before == {metric.spec.name: identity(metric, "j", "e") for metric in ALL}


class Recording:
    """Models that answer as the simulated judge and keep what they were asked."""

    def __init__(self) -> None:
        self.systems: list[str] = []

    async def ask(self, asked: Sequence[Message], shape: Any, *, sample: int = 0) -> Answered[Any]:
        self.systems.append(asked[0].content)
        return Answered(shape.model_validate_json(reply(asked, shape_of(shape))), ())

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise NotImplementedError


@pytest.mark.parametrize("name", ["faithfulness", "faithfulness:unknown=excluded", "unsupported_rate"])
def test_metrics_ask_with_their_own_prompts_beside_each_other(name: str) -> None:
    """Two wordings in one process, at the same time; options keep the wording."""
    example = Example("1", "How long?", "en")
    case = Case(example, Answer("It is 30 days.", (Context("It is 30 days."),)))
    other = {"claim_support": {"version": 3, "en": {**ENGLISH, "system": "Other rules."}}}
    found = [ALL.with_prompts(check_prompts(own)).find(name) for own in (OWN, other)]
    asked = [Recording(), Recording()]

    async def judge() -> None:
        await asyncio.gather(
            *(score_case(metric, case, models) for metric, models in zip(found, asked, strict=True))
        )

    asyncio.run(judge())
    assert [models.systems[-1].splitlines()[0] for models in asked] == ["Judge by my rules.", "Other rules."]
    for metric, own in zip(found, (OWN, other), strict=True):
        assert dict(metric.spec.prompts)["claim_support"] == check_prompts(own).get("claim_support").digest


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "prompts: prompts stand below their names, as in `claims: {version: 1"),
        ({}, "prompts: it has no prompt"),
        ({"version": 1, "en": ENGLISH}, "a prompt without its name; put it below the name"),
        ({"claim_suport": OWN["claim_support"]}, "no prompt 'claim_suport' (do you mean 'claim_support'?)"),
        ({COMMON: content_of(COMMON)}, "prompts: common: it cannot be replaced"),
        ({"claims": "Be kind."}, "claims: it has to be a mapping with version, en, ko"),
        ({"claims": {"en": ENGLISH}}, "claims: it has no version"),
        ({"claims": {"version": "1", "en": ENGLISH}}, "claims, version: it is '1'; give a whole number"),
        ({"claims": {"version": 1}}, "claims: it says nothing in any language; give it `en`, `ko` or both"),
        ({"claims": {"version": 1, "eng": ENGLISH}}, "there is no 'eng' here (do you mean 'en'?)"),
        ({"claims": {"version": 1, "en": "x"}}, "claims, en: it has to be a mapping with system, user"),
        (with_user("Judge {ids}.", sistem="x"), "claim_support, en, sistem: there is no 'sistem' here"),
        (with_user(" \n"), "claim_support, en, user: it is empty"),
        (
            {"claim_support": {"version": 1, "ko": {"user": "{ids}"}}},
            "claim_support, ko, system: it is empty",
        ),
        (with_user("{ids}", system=["x"]), "claim_support, en, system: it has to be a text"),
        (with_user("{ids}" + "x" * LONGEST_TEXT), "it has 20,005 characters; shorten it to 20,000"),
        (with_user("{ids} \ud800"), "claim_support, en, user: it has a character that cannot be stored"),
        (with_user("Judge {ids} and {."), "claim_support, en, user: a brace stands alone; write it twice"),
        (with_user("Judge {ids} of {text}."), "there is no place {text}; its places are {ids}, {language}"),
        (with_user("Judge {ids.__class__}."), "there is no place {ids.__class__}"),
        (with_user("Judge {ids!r:>9}."), "there is no place {ids!r:>9}"),
        (with_user("Judge {}."), "there is no place {};"),
        (with_user("Judge all."), "claim_support, en, user: the place {ids} is missing"),
        (with_user("{ids}", system="Judge {ids}."), "the place {ids} is filled in in `user` only"),
    ],
)
def test_wrong_prompts_are_named_with_the_way_out(content: Any, said: str) -> None:
    """Prompt, language, text and place; in Korean, too."""
    with pytest.raises(PromptsInvalid) as caught:
        check_prompts(content)
    texts = [one["text"] for one in caught.value.details["problems"]]
    assert any(said in text["en"] for text in texts), texts
    assert all(any("가" <= character <= "힣" for character in text["ko"]) for text in texts)
    assert "pitwall eval prompts" in str(caught.value.hint)


def test_braces_as_text_and_the_language_may_stand_in_a_prompt() -> None:
    own = check_prompts(with_user("Answer in {language}, as {{}}: {ids}"))
    said = messages("claim_support", "ja", [], {"ids": "1"}, prompts=own)[1].content
    assert said == "Answer in Japanese, as {}: 1"


def test_longest_prompt_leaves_room_for_what_is_judged() -> None:
    """A window of sources with a batch of long claims is never too long."""
    assert WINDOW_CHARACTERS + BATCH_ITEMS * 2000 + 2 * LONGEST_TEXT < LONGEST_PROMPT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claims: {version: 1\n", "own.yaml:2: not valid YAML"),
        ("claims: {}\nclaims: {}\n", "own.yaml:2: "),
        (
            "claim_support:\n  version: 1\n  en:\n    system: x\n    user: 'all'\n",
            "own.yaml:5: claim_support, en",
        ),
        (b"\xff\xfe", "own.yaml is not UTF-8 text"),
    ],
)
def test_problem_of_a_file_has_its_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PromptsInvalid) as caught:
        read_prompts(file)
    assert said in caught.value.message


def _run(*arguments: str, code: int = 0) -> Result:
    found = CliRunner().invoke(command, list(arguments), env={"PITWALL_LANG": "en"})
    assert found.exit_code == code, found.output
    return found


def test_file_that_was_edited_is_checked_and_compared(tmp_path: Path) -> None:
    """From `show -o` to what `check` says it replaces and `diff` says it changes."""
    file = tmp_path / "own.yaml"
    _run("show", "claim_support", "claims", "--language", "ko", "-o", str(file))
    assert "replaces nothing" in _run("check", str(file)).stderr
    assert _run("diff", str(file)).stdout == ""
    file.write_text(file.read_text("utf-8").replace("판정하십시오", "판정해 주세요"), "utf-8")
    first, second = json.loads(_run("check", str(file), "--output", "json").stdout)["prompts"]
    assert (first["name"], first["languages"], first["is_same"]) == ("claim_support", ["ko"], False)
    assert first["digest"] != first["built_in_digest"]
    assert "faithfulness" in first["metrics"]
    assert second["is_same"]
    changed = _run("diff", str(file), code=1).stdout.splitlines()
    assert changed[:2] == ["--- Pitwall/claim_support", f"+++ {file}/claim_support"]
    assert [line[0] for line in changed[3:] if line[0] in "+-"] == ["-", "+"]
    assert not differences({"claims": content_of("claims")}, "x")
    unknown = _run("show", "claim", code=1)
    assert "There is no prompt 'claim' (do you mean 'claims'?)" in str(unknown.exception)


def test_check_says_which_verdicts_a_prompt_does_not_speak_of(tmp_path: Path) -> None:
    """The judge can answer by the form of the reply, which nobody replaces."""
    file = tmp_path / "own.yaml"
    system = {"system": "Say supported if a source says it, else not_stated.", "user": "{ids}"}
    file.write_text(json.dumps({"claim_support": {"version": 1, "en": system}}))
    assert "claim_support, en: it does not speak of contradicted," in _run("check", str(file)).stderr


def test_endpoints_say_what_the_commands_say() -> None:
    """One function writes both; what is shown can be sent with a run."""
    api = FastAPI()
    api.include_router(eval_prompts_router(lambda: ALL))
    reader = Principal(PrincipalKind.LOCAL, "test", "default", frozenset({Scope.READ}), Role.VIEWER)
    api.dependency_overrides[current_principal] = lambda: reader
    client = TestClient(api)
    listed = json.loads(_run("list", "--output", "json").stdout)
    assert client.get("/api/v1/evals/prompts").json() == prompts_view(ALL) == listed
    assert [one["name"] for one in listed["prompts"]] == [*NAMES, COMMON]
    one = client.get("/api/v1/evals/prompts/claim_support").json()
    assert one.items() >= prompt_view("claim_support", ALL).items()
    assert one["places"] == ["ids"]
    assert check_prompts({"claim_support": one["content"]}) == BUILT_IN
    assert one["yaml"] == _run("show", "claim_support").stdout
