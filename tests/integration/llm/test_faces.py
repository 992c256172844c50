"""What was asked of models over HTTP and from the command line; the doctor and the profiles."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

from pitwall.access.service import AccessService
from pitwall.cli.main import run
from pitwall.kit.clock import ManualClock
from pitwall.llm.doctor_questions import ProbeKind, probe
from pitwall.llm.embedding_questions import TRIPLES
from pitwall.llm.endpoints import ModelDesk, llm_router
from pitwall.llm.profiles import load_profiles
from pitwall.llm.service import StoredCalls
from pitwall.llm.types import Api, CallFailed
from pitwall.server.app import WebParts, create_app
from pitwall.settings import Settings, load_settings
from pitwall.stores.state import AuditLog, StateStore
from tests.integration.llm.asking import Verdicts, models_of, question
from tests.support import judge_server
from tests.support.in_process import InProcess, run_command
from tests.support.judge_server import Act, Asked, JudgeServer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path).open()
    yield store
    store.close()


@pytest.fixture
def transport(store: StateStore) -> InProcess:
    """The API over the store."""
    return transport_of(store, load_settings(environ={}))


def transport_of(store: StateStore, settings: Settings) -> InProcess:
    access = AccessService(store, ManualClock(), allow_anonymous=True)
    desk = ModelDesk(StoredCalls(store), lambda: load_profiles(settings, {}), store, ManualClock())
    routers = [llm_router(desk)]
    app = create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    return InProcess(app)


def ask_and_fail(judge: JudgeServer, store: StateStore) -> None:
    """Two questions of run_1, the second cut off once; one of run_2."""

    async def ask() -> None:
        async with models_of(judge, store, run_id="run_1") as models:
            await models.ask(question("가"), Verdicts)
            judge.script = [Act(finish="length")]
            with pytest.raises(CallFailed):
                await models.ask(question("b"), Verdicts)
            await models.ask(question("b"), Verdicts)
        async with models_of(judge, store, run_id="run_2") as models:
            await models.ask(question("c"), Verdicts)

    asyncio.run(ask())


def get(transport: InProcess, path: str, **parameters: Any) -> httpx.Response:
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
        return client.get(f"/api/v1/llm{path}", params=parameters)


def test_calls_are_listed_by_run_and_page(
    judge: JudgeServer, store: StateStore, transport: InProcess
) -> None:
    """Newest first, each once over all pages, without their texts."""
    ask_and_fail(judge, store)
    assert [call["run_id"] for call in get(transport, "/calls").json()["calls"]] == ["run_2", *["run_1"] * 3]
    first = get(transport, "/calls", run_id="run_1", limit=2).json()
    rest = get(transport, "/calls", run_id="run_1", limit=2, cursor=first["next_cursor"]).json()
    failures = [call["failure"] for call in (*first["calls"], *rest["calls"])]
    assert (failures, rest["next_cursor"]) == ([None, "truncated", None], None)
    assert "request" not in first["calls"][0]
    failed = get(transport, "/calls", failed=True).json()["calls"]
    assert [call["failure"] for call in failed] == ["truncated"]
    assert get(transport, "/calls", cursor="x").json()["code"] == "cursor.invalid"


def test_a_call_is_shown_with_its_texts_and_its_earlier_tries(
    judge: JudgeServer, store: StateStore, transport: InProcess
) -> None:
    """The call that answered the question stands for it; what failed before is beside it."""
    ask_and_fail(judge, store)
    failed = get(transport, "/calls", failed=True).json()["calls"][0]
    shown = get(transport, f"/calls/{failed['key']}").json()
    assert (shown["failure"], [other["id"] for other in shown["others"]]) == (None, [failed["id"]])
    assert shown["request"]["messages"][-1]["content"] == "1: b"
    assert json.loads(shown["reply"]) == {"verdicts": [{"id": 1, "verdict": "yes"}]}
    assert shown["cost_usd"] is None


def test_an_unknown_call_is_named(transport: InProcess) -> None:
    """With a way to the calls that there are."""
    answer = get(transport, "/calls/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "llm.call_not_found")
    assert "pitwall judge calls" in answer.json()["hint"]


def test_the_command_lists_what_the_api_does(
    judge: JudgeServer, store: StateStore, transport: InProcess
) -> None:
    """In the API's shape; a table for people says in Korean that there is nothing."""
    empty = run_command(transport, "judge", "calls", language="ko")
    assert "보관된 모델 호출이 없습니다" in empty.stderr
    ask_and_fail(judge, store)
    listed = run_command(transport, "judge", "calls", "--failed", "--output", "json")
    assert json.loads(listed.stdout) == get(transport, "/calls", failed=True, limit=50).json()
    assert "truncated" in run_command(transport, "judge", "calls").stdout


def honest(asked: Asked) -> Act:
    """Know the doctor's answers by heart."""
    claims = re.findall(r"^(\d+): (.+)$", asked.text, re.MULTILINE)
    if not claims:
        return Act('{"sentence": "The sea is salt."}')
    kind = ProbeKind.KOREAN if "보험" in asked.text else ProbeKind.SHORT
    known = probe(kind).expected
    return Act(json.dumps({"verdicts": [{"id": int(n), "verdict": known[int(n)]} for n, _ in claims]}))


def only_tools(asked: Asked) -> Act:
    """A server that knows tools, and forgets the last claim if asked for a plain JSON object."""
    if asked.mode == "json_schema":
        return Act(status=400, body={"error": {"message": "response_format is not supported"}})
    act = honest(asked)
    content = json.loads(act.content)
    if asked.mode == "json_object" and "verdicts" in content:
        return Act(json.dumps({"verdicts": content["verdicts"][:-1]}))
    return Act("I would rather talk.") if asked.mode == "fenced" else act


@pytest.mark.parametrize("api", [Api.OPENAI, Api.OLLAMA])
def test_the_doctor_finds_what_works_and_runs_use_it(
    judge: JudgeServer, tmp_path: Path, transport: InProcess, api: Api
) -> None:
    """A refused mode, one that loses ids and one that is ignored are told apart; the other is asked first."""
    judge.rule = only_tools
    url = judge.openai_url if api is Api.OPENAI else judge.url
    whom = ["--url", url, "--api", api.value, "--model", "judge", "--probes", "3"]
    result = run_command(transport, "judge", "doctor", *whom, "--data-dir", str(tmp_path), "--output", "json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    modes = {one["mode"]: one for one in found["modes"]}
    assert modes["json_schema"]["is_refused"]
    assert (modes["json_object"]["valid"], modes["json_object"]["complete"]) == (3, 0)
    assert modes["fenced"]["failures"] == {"invalid_json": 3}
    assert modes["tools"]["right"] == {"short": 1.0, "korean": 1.0, "long": 1.0}
    assert (found["best_mode"], found["same_question_same_reply"]) == ("tools", True)
    asyncio.run(_ask_after_the_doctor(judge, tmp_path, api))
    assert judge.chats[-1].mode == "tools"


async def _ask_after_the_doctor(judge: JudgeServer, tmp_path: Path, api: Api) -> None:
    state = StateStore.in_directory(tmp_path).open()
    judge.rule = lambda asked: Act('{"verdicts": [{"id": 1, "verdict": "yes"}]}')
    with state.session(read_only=True) as session:
        [entry] = AuditLog(session).list()
    assert (entry.action, entry.details["modes"]) == ("model.examine", ["tools"])
    async with models_of(judge, state, api=api) as models:
        await models.ask(question("a"), Verdicts)
    state.close()


def _examine_embeddings(
    judge: JudgeServer, folder: Path, transport: InProcess, language: str = "en"
) -> tuple[Result, Any]:
    """The doctor with a profile whose embedding model is the server's; its findings in JSON."""
    judge.rule = honest
    model = {"provider": "vllm", "model": "judge", "base_url": judge.openai_url}
    (folder / "models.yaml").write_text(json.dumps({"profiles": {"dev": {"llm": model, "embedding": model}}}))
    whom = ["--profile", "dev", "--config", str(folder / "pitwall.yaml"), "--data-dir", str(folder)]
    (folder / "pitwall.yaml").write_text("profile: dev\n")
    options = [*whom, "--probes", "1"]
    result = run_command(transport, "judge", "doctor", *options, "--output", "json", language=language)
    return result, json.loads(result.stdout)["embedding"]


def test_the_doctor_examines_the_embeddings_of_a_profile(
    judge: JudgeServer, tmp_path: Path, transport: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that knows English and no Korean, and takes no more than 64 texts."""
    places = {text: n for n, one in enumerate(TRIPLES) for text in (one.sentence, one.same)}

    def vector(text: str) -> list[float]:
        angle = places.get(text, 40 + len(text)) * 0.07
        known = text.isascii() and text in places
        return [math.cos(angle), math.sin(angle)] if known else [math.cos(len(text)), math.sin(len(text))]

    def other(asked: Asked) -> Act | None:
        too_many = asked.path == "/v1/embeddings" and len(asked.body["input"]) > 64
        return Act(status=413) if too_many else answer_other(asked)

    answer_other = judge_server._other
    monkeypatch.setattr(judge_server, "_vector", vector)
    monkeypatch.setattr(judge_server, "_other", other)
    result, found = _examine_embeddings(judge, tmp_path, transport, language="ko")
    assert result.exit_code == 0, result.stderr
    assert (found["dimension"], found["is_normalised"], found["same_text_same_vector"]) == (2, True, True)
    assert found["right"]["english"] == 1.0
    assert found["right"]["korean"] < 1.0
    assert (found["batch_keeps_order"], found["largest_batch"], found["refused_batch"]) == (True, 64, 256)
    assert "256개는 거부했습니다" in result.stderr


def test_the_doctor_tells_vectors_that_cannot_be_relied_on(
    judge: JudgeServer, tmp_path: Path, transport: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ones that differ from time to time and come in another order than their texts."""
    turn = itertools.count(1)
    monkeypatch.setattr(judge_server, "_vector", lambda _text: [1.0, float(next(turn))])
    result, found = _examine_embeddings(judge, tmp_path, transport)
    assert (found["same_text_same_vector"], found["is_normalised"]) == (False, False)
    assert found["batch_keeps_order"] is False
    assert "Vectors of a batch are not those of its texts" in result.stderr
    monkeypatch.setattr(judge_server, "_vector", lambda _text: [])
    result, found = _examine_embeddings(judge, tmp_path, transport)
    assert found["dimension"] is None
    assert "gave no vectors" in result.stderr


def test_the_doctor_over_http(store: StateStore, judge: JudgeServer, tmp_path: Path) -> None:
    """What it finds is kept for the project of the caller, and noted."""
    judge.rule = only_tools
    model = {"provider": "vllm", "model": "judge", "base_url": judge.openai_url}
    (tmp_path / "models.yaml").write_text(json.dumps({"profiles": {"dev": {"llm": model}}}))
    settings = load_settings(environ={"PITWALL_MODELS__FILE": str(tmp_path / "models.yaml")})
    with httpx.Client(transport=transport_of(store, settings), base_url="http://127.0.0.1") as client:
        answer = client.post("/api/v1/llm/examine", json={"profile": "dev", "probes": 1})
        unknown = client.post("/api/v1/llm/examine", json={"profile": "none"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["best_mode"], found["is_kept"], found["embedding"]) == ("tools", True, None)
    with store.session(read_only=True) as session:
        assert AuditLog(session).list()[0].action == "model.examine"
    assert unknown.status_code == 404


def test_the_doctor_says_so_where_nothing_works(
    judge: JudgeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, and nothing is kept."""
    judge.rule = lambda asked: Act("I would rather talk.")
    whom = ["--url", judge.openai_url, "--model", "judge", "--probes", "1", "--data-dir", str(tmp_path)]
    monkeypatch.setenv("PITWALL_LANG", "ko")
    assert run(["judge", "doctor", *whom]) == 3
    told = capsys.readouterr()
    assert "저장하지 않았습니다" in told.err
    assert "invalid_json" in told.out
    assert not (tmp_path / "state.db").exists()


def test_the_doctor_names_a_model_that_is_not_there_and_prompts_that_are_cut(
    judge: JudgeServer, tmp_path: Path, transport: InProcess
) -> None:
    """Both are found before a run wastes its calls."""

    def cut(asked: Asked) -> Act:
        act = honest(asked)
        content = json.loads(act.content)
        if "Entry 200" in asked.text:
            for one in content["verdicts"]:
                one["verdict"] = "not_stated"
        return Act(json.dumps(content))

    judge.rule = cut
    whom = ["--url", judge.openai_url, "--model", "other", "--probes", "3", "--data-dir", str(tmp_path)]
    result = run_command(transport, "judge", "doctor", *whom)
    assert "does not list other. It lists: judge." in result.stderr
    assert "long prompts may be cut" in result.stderr


def test_the_doctor_cannot_examine_who_is_not_there(
    judge: JudgeServer, tmp_path: Path, transport: InProcess
) -> None:
    """A wrong key is a failure of the endpoint, not of a mode."""
    judge.rule = lambda asked: Act(status=401)
    whom = ["--url", judge.openai_url, "--model", "judge", "--data-dir", str(tmp_path)]
    result = run_command(transport, "judge", "doctor", *whom)
    assert isinstance(result.exception, CallFailed)
    assert len(judge.chats) == 1


def test_a_key_does_not_stand_on_the_command_line(
    judge: JudgeServer, tmp_path: Path, transport: InProcess
) -> None:
    """It is named by reference, and reaches the endpoint."""
    judge.rule = honest
    whom = ["--url", judge.openai_url, "--model", "judge", "--probes", "1", "--data-dir", str(tmp_path)]
    assert run_command(transport, "judge", "doctor", *whom, "--key", "sk-1").exit_code == 2
    environ = {"JUDGE_KEY": "sk-1"}
    named = [*whom, "--key", "secret://env/JUDGE_KEY"]
    assert run_command(transport, "judge", "doctor", *named, environ=environ).exit_code == 0
    assert judge.chats[-1].headers["authorization"] == "Bearer sk-1"


def test_the_simulated_judge_passes_and_says_what_it_is(tmp_path: Path, transport: InProcess) -> None:
    """Nobody takes it for a model."""
    options = ["--profile", "simulated", "--data-dir", str(tmp_path)]
    result = run_command(transport, "judge", "doctor", *options, language="ko")
    assert result.exit_code == 0
    assert "시뮬레이션" in result.stderr
    found = json.loads(run_command(transport, "judge", "doctor", *options, "--output", "json").stdout)
    assert (found["is_simulated"], found["best_mode"]) == (True, None)


def test_profiles_are_listed_with_what_keeps_them_from_being_used(
    tmp_path: Path, transport: InProcess
) -> None:
    """A profile without its secret does not hide the others."""
    (tmp_path / "models.yaml").write_text(
        "profiles:\n  dev: {llm: {provider: ollama, model: m}, embedding: {provider: ollama, model: e}}\n"
        "  paid: {llm: {provider: openai, model: m, api_key: 'secret://env/PAID_KEY'}}\n"
    )
    (tmp_path / "pitwall.yaml").write_text("profile: dev\n")
    options = ["--config", str(tmp_path / "pitwall.yaml"), "--output", "json"]
    found = json.loads(run_command(transport, "judge", "profiles", *options).stdout)
    assert found["file"] == str(tmp_path / "models.yaml")
    rows = found["profiles"]
    by_name = {row["profile"]: row for row in rows}
    assert (by_name["dev"]["judge"], by_name["dev"]["embedding"]) == ("m", "e")
    assert "PAID_KEY" in by_name["paid"]["problem"]
    assert by_name["simulated"]["origin"] == "built-in"
    assert by_name["dev"]["origin"] == "models.yaml"


def test_profiles_of_the_server_are_listed_over_http(transport: InProcess) -> None:
    """So that nobody has to know their names by heart."""
    listed = get(transport, "/profiles").json()["profiles"]
    assert [(one["profile"], one["judge"], one["problem"]) for one in listed] == [
        ("simulated", "simulated", None)
    ]
