"""Boards as YAML: those of packs, and texts that people and strangers write."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.boards.errors import BoardInvalid, BoardPackInvalid
from pitwall.boards.pack_files import load_boards, parse_board
from pitwall.boards.types import Last
from pitwall.boards.wire import board_view, board_yaml, read_board
from pitwall.signals.catalogue import core_pack, load_catalogue

CATALOGUE = load_catalogue([core_pack()])
CORE = {one.board.name: one.board for one in load_boards([core_pack()], CATALOGUE)}
SOUND = """\
name: mine
title: {en: Mine, ko: 내 보드}
tiles:
  - signal: llm.success_rate
    last: 5m
    where: model = 'gpt-4o'
charts:
  - title: {en: Calls, ko: 호출}
    kind: lines
    signals: [llm.requests,
              llm.errors]
    by: [model]
"""


def test_boards_that_teams_drew_are_there() -> None:
    """Real time, quality and cost, in this order, with every number that the teams asked for."""
    assert list(CORE) == ["real_time", "quality", "cost"]
    tiles = {name: [(tile.signal, tile.last) for tile in board.tiles] for name, board in CORE.items()}
    assert tiles["real_time"][:4] == [
        ("requests.p95_latency_ms", None),
        ("requests.per_minute", None),
        ("requests.error_rate", None),
        ("llm.tokens", Last.TODAY),
    ]
    lately = ["requests.count", "requests.succeeded", "requests.failed", "llm.retries", "llm.timeouts"]
    assert tiles["real_time"][4:] == [(name, Last.FIVE_MINUTES) for name in lately]
    shown = {
        name: {tile.signal for tile in board.tiles} | {one for chart in board.charts for one in chart.signals}
        for name, board in CORE.items()
    }
    assert shown["quality"] >= {
        "quality.mean_confidence", "quality.match_rate", "parse.success_rate", "requests.fallback_rate",
        "quality.framework_share",
    }  # fmt: skip
    assert shown["cost"] >= {
        "cost.projected_month_usd", "cost.usd_per_month", "llm.input_tokens_per_call",
        "llm.output_tokens_per_call", "llm.token_efficiency",
        "cost.caching_saving_usd_per_month", "cost.shorter_prompts_saving_usd_per_month",
    }  # fmt: skip


def test_words_of_the_boards_are_in_both_languages() -> None:
    """Every Korean title has Korean letters or is the name of a unit that Korean writes the same."""
    for board in CORE.values():
        titles = [board.title, board.description, *(chart.title for chart in board.charts)]
        titles += [tile.title for tile in board.tiles if tile.title is not None]
        assert all(any("가" <= letter <= "힣" for letter in title.ko) for title in titles)


@pytest.mark.parametrize("name", CORE)
def test_board_survives_being_written(name: str) -> None:
    """YAML and JSON give the same board back."""
    board = CORE[name]
    assert parse_board(board_yaml(board), CATALOGUE) == board
    assert read_board(board_view(board)) == board


@pytest.mark.parametrize(
    ("change", "line", "complaint"),
    [
        (("llm.success_rate", "llm.sucess_rate"), 4, "Did you mean llm.success_rate"),
        (("llm.success_rate", "rag.hits_distribution"), 4, "put it in a chart"),
        (("last: 5m", "last: 6m"), 5, "tiles.0.last"),
        (("model = 'gpt-4o'", "modle = 'gpt-4o'"), 4, "Did you mean model"),
        (("model = 'gpt-4o'", "model ="), 4, "does not fit llm.success_rate"),
        (("kind: lines", "kind: pie"), 9, "charts.0.kind"),
        (("llm.errors", "llm.erors"), 11, "Chart 1: There is no signal llm.erors"),
        (("by: [model]", "by: [modle]"), 10, "cannot be split by all of modle"),
        (("by: [model]", "colour: red"), 12, "colour"),
        (("name: mine", "name: My Board"), 1, "name"),
        (("{en: Mine, ko: 내 보드}", "{en: Mine}"), 2, "title.ko"),
        (("en: Mine", 'en: "Mi\\nne"'), 2, "line breaks"),
        (("en: Mine", f"en: {'M' * 101}"), 2, "at most 100"),
        (("name: mine", "name: mine\nname: other"), 2, "here twice"),
        (("tiles:", "tiles: ["), 4, "not valid YAML"),
    ],
)
def test_mistake_is_told_with_its_line(change: tuple[str, str], line: int, complaint: str) -> None:
    """Whoever writes a board learns where it is wrong, and what was meant."""
    with pytest.raises(BoardInvalid) as caught:
        parse_board(SOUND.replace(*change), CATALOGUE)
    assert caught.value.details["line"] == line
    assert complaint in caught.value.message
    assert caught.value.details["problems"][0]["line"] == line


def test_every_mistake_is_told_at_once() -> None:
    """Not one per try."""
    text = SOUND.replace("llm.success_rate", "llm.x").replace("llm.errors", "llm.y")
    with pytest.raises(BoardInvalid) as caught:
        parse_board(text, CATALOGUE)
    assert [problem["where"] for problem in caught.value.details["problems"]] == [
        "tiles.0",
        "charts.0.signals.1",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "42",
        "[" * 100_000,
        "a: &a [x]\nb: [*a, *a]",
        "a: &a {b: *a}",
        "? [a]\n: b",
        "a: !!python/object/apply:os.system [ls]",
        "a: 2026-13-40",
        "a: \x00",
        "a: \ud800",
        "<<: {a: 1}",
        "name: mine\n---\nname: other",
    ],
)
def test_text_of_a_stranger_is_refused_unharmed(text: str) -> None:
    """No text makes more of itself than it is, runs anything or ends in a traceback."""
    with pytest.raises(BoardInvalid):
        parse_board(text, CATALOGUE)


@pytest.mark.parametrize(("part", "limit"), [("tiles", 48), ("charts", 24)])
def test_board_has_room_for_so_much(part: str, limit: int) -> None:
    """A board that no screen could show is refused."""
    one = "  - {title: {en: A, ko: 가}, kind: bars, signals: [llm.requests]}\n"
    one = "  - {signal: llm.requests}\n" if part == "tiles" else one
    head = f"name: mine\ntitle: {{en: A, ko: 가}}\n{part}:\n"
    assert len(getattr(parse_board(head + one * limit, CATALOGUE), part)) == limit
    with pytest.raises(BoardInvalid, match=f"at most {limit}"):
        parse_board(head + one * (limit + 1), CATALOGUE)


def test_pack_with_a_mistake_names_file_and_line(tmp_path: Path) -> None:
    """All mistakes of all files, each where it stands."""
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "a.yaml").write_text(SOUND, "utf-8")
    (tmp_path / "boards" / "b.yaml").write_text(SOUND, "utf-8")
    (tmp_path / "boards" / "c.yaml").write_text(SOUND.replace("llm.errors", "llm.erors"), "utf-8")
    (tmp_path / "boards" / "d.yaml").write_text("{", "utf-8")
    with pytest.raises(BoardPackInvalid) as caught:
        load_boards([tmp_path], CATALOGUE)
    assert [problem.rpartition("/")[2][:9] for problem in caught.value.details["problems"]] == [
        "b.yaml:1:",
        "c.yaml:11",
        "c.yaml:1:",
        "d.yaml:2:",
    ]
