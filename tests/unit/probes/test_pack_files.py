"""Probes in YAML: what is right is loaded, what is wrong is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.core.errors import NotPermitted
from pitwall.probes.errors import ProbeInvalid, ProbePackInvalid
from pitwall.probes.pack_files import load_probes, parse_probe
from pitwall.probes.running import Runner
from pitwall.probes.types import HttpProbe, OllamaProbe, probe_view
from pitwall.signals.catalogue import core_pack


def test_core_pack_watches_pitwalls_own_disk_in_its_own_project() -> None:
    """Nothing is called that nobody configured, and no project of a user gets points it did not ask for."""
    loaded = load_probes([core_pack()])
    assert [(one.project_id, one.probe.kind) for one in loaded] == [("_pitwall", "disk")]


def test_probe_in_yaml_is_what_it_is_written_as() -> None:
    """What is written is kept, what is left out is the default, and it can be written again."""
    probe = parse_probe("name: api\nkind: http\nurl: http://h:1/health\njson: {path: status, equals: ok}\n")
    assert isinstance(probe, HttpProbe)
    assert probe.json_value is not None
    assert probe.retries == 1
    assert probe_view(probe) == {
        "name": "api",
        "kind": "http",
        "url": "http://h:1/health",
        "json": {"path": "status", "equals": "ok"},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: A\nkind: tcp\naddress: h:1", "line 1: name"),
        ("name: a\nkind: tcp\naddress: h:70000", "line 3: address"),
        ("name: a\nkind: http\nurl: file:///etc/passwd", "line 3: url: is no address"),
        ("name: a\nkind: redis\nurl: redis://:hunter2@h", "probes.secrets"),
        ("name: a\nkind: http\nurl: http://h\nevery_seconds: 1", "line 4: every_seconds"),
        ("name: a\nkind: http\nurl: http://h\ntimeout_seconds: 1000", "line 4: timeout_seconds"),
        ("name: a\nkind: http\nurl: http://h\nexpect: 200", "line 4: expect"),
        ("name: a\nkind: gopher", "kind"),
        ("name: a\nname: b\nkind: tcp", "Line 2"),
        ("- name: a", "line 1"),
    ],
)
def test_wrong_probe_is_refused_with_its_line(text: str, said: str) -> None:
    """A mistake is named where it stands, and a password never gets in."""
    with pytest.raises(ProbeInvalid) as refused:
        parse_probe(text)
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_file_of_the_user_adds_to_the_packs_and_names_every_problem(tmp_path: Path) -> None:
    """All problems of a file are told at once, with file and line."""
    file = tmp_path / "probes.yaml"
    file.write_text("- {name: models, kind: ollama, pulled: [bge-m3]}\n")
    added = load_probes([core_pack()], file)[-1]
    assert (added.pack, added.project_id) == (str(file), "default")
    assert isinstance(added.probe, OllamaProbe)
    file.write_text(
        "- {name: a, kind: nope}\n- {name: b, kind: disk}\n- {name: c, kind: disk, path: /, project: X}\n"
    )
    with pytest.raises(ProbePackInvalid) as refused:
        load_probes([], file)
    problems = refused.value.details["problems"]
    assert [problem.split(": ")[0] for problem in problems] == [f"{file}:{line}" for line in (1, 2, 3)]


def test_host_that_is_not_allowed_is_refused() -> None:
    """With `probes.allowed_hosts` only these are called; a disk is nobody's host."""
    runner = Runner({}, "/", ("localhost",))
    runner.check(parse_probe("name: a\nkind: disk\npath: /"))
    runner.check(parse_probe("name: a\nkind: tcp\naddress: LOCALHOST:1"))
    with pytest.raises(NotPermitted):
        runner.check(parse_probe("name: a\nkind: tcp\naddress: 127.0.0.1:1"))
