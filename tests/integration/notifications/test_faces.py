"""The command line and the API of a real server: made, tried, tested, seen, deleted; roles and audit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from pitwall.cli.main import root
from pitwall.stores.state import AuditLog, StateStore
from tests.support.alert_events import make_event, tell
from tests.support.pitwall_process import PitwallServer
from tests.support.webhooks import Receiver, running_receiver

API = "/api/v1/notifications"
TREE = "route:\n  receivers: [ops]\n  routes:\n    - matchers: [team=bank]\n      receivers: []\n"


@dataclass
class Face:
    """A server, what it tells, and a command line that talks to it."""

    server: PitwallServer
    receiver: Receiver

    def run(self, *arguments: str, text: str | None = None, language: str = "en") -> Result:
        environ = {"PITWALL_LANG": language, "COLUMNS": "250"}
        command = ["notifications", *arguments, "--url", self.server.url]
        return CliRunner().invoke(root, command, input=text, env=environ)

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--output", "json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def sent(self) -> list[dict[str, Any]]:
        """The deliveries, once none of them is under way: a receiver has one before it is noted."""
        found: list[dict[str, Any]] = []

        def is_over() -> bool:
            found[:] = self.json("deliveries", "list")["deliveries"]
            return not any(one["state"] == "sending" for one in found)

        self.server.wait_for(is_over)
        return found

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        address = self.server.url + API + path
        return httpx.request(method, address, timeout=60, trust_env=False, **options)


@contextmanager
def _running(data_dir: Path) -> Iterator[Face]:
    with running_receiver() as receiver:
        environ = {"HOOK": receiver.url, "PITWALL_SERVER__PUBLIC_URL": "https://pit.example/"}
        with PitwallServer(data_dir, environ) as server:
            yield Face(server.start(), receiver)


@pytest.fixture
def new_face(tmp_path: Path) -> Iterator[Face]:
    """A server that nobody set up."""
    with _running(tmp_path / "data") as face:
        yield face


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    """A server with a channel `ops` and routes; tests leave those as they are."""
    with _running(tmp_path_factory.mktemp("faces") / "data") as face:
        assert face.run("channels", "save", "ops", "--to", "secret://env/HOOK").exit_code == 0
        assert face.run("routes", "import", "-", text=TREE).exit_code == 0
        yield face


def _state(face: Face) -> StateStore:
    return StateStore.in_directory(face.server.data_dir).open()


def test_from_no_channel_to_a_message(new_face: Face) -> None:
    """A channel by reference, a test, a tree, an alert, and the log that has all of it."""
    assert "nobody is told" in new_face.run("channels", "list").stderr
    made = new_face.run(
        "channels", "save", "ops", "--to", "secret://env/HOOK", "--secret", "s3cret", "--language", "ko"
    )
    assert "pitwall notifications test ops" in made.stderr
    assert new_face.run("test", "ops").exit_code == 0
    assert new_face.receiver.received[-1].document["status"] == "test"
    assert new_face.run("routes", "import", "-", text=TREE).exit_code == 0
    assert new_face.run("routes", "export").stdout.startswith("route:\n  receivers:\n  - ops\n")
    state = _state(new_face)
    tell(
        state,
        make_event(at=datetime.now(UTC)),
        make_event(at=datetime.now(UTC), rule="b", labels={"team": "bank"}),
    )
    state.close()
    new_face.receiver.wait(2)
    document = new_face.receiver.received[1].document
    assert document["title"] == "[경고] 오류율: 12.4 % · model=gpt-4o"
    assert document["alerts"][0]["links"]["alert"].startswith("https://pit.example/alerts/")
    listed = new_face.sent()
    assert [(one["kind"], one["state"], one["reason"]) for one in listed] == [
        ("alerts", "delivered", "first"),
        ("test", "delivered", "test"),
    ]
    shown = new_face.run("deliveries", "show", listed[0]["id"]).stdout
    assert "발송 사유" in shown
    assert "delivered" in shown


def test_secrets_are_never_shown(face: Face) -> None:
    """Neither the address in clear nor the secret comes back, from any face."""
    url = f"{face.receiver.url}/T0KEN?key=T0KEN"
    face.run("channels", "save", "clear", "--to", "-", "--secret", "s3cret", text=f"{url}\n")
    answers = [
        face.run("channels", "list", "--output", "json").stdout,
        face.run("channels", "show", "clear").stdout,
        face.ask("GET", "/channels/clear").text,
        face.ask("POST", "/channels/clear/test").text,
        face.ask("GET", "/deliveries").text,
    ]
    assert not [one for one in answers if "T0KEN" in one or "s3cret" in one]
    assert face.json("channels", "show", "clear")["has_secret"] is True
    face.run("channels", "save", "clear", "--per-minute", "5")
    assert face.receiver.received[-1].path.endswith("/T0KEN?key=T0KEN")
    assert face.run("test", "clear").exit_code == 0
    assert "x-pitwall-signature" in face.receiver.received[-1].headers
    assert face.run("channels", "delete", "clear", "--yes").exit_code == 0


def test_test_that_is_not_taken_fails_the_command(face: Face) -> None:
    """Exit code 3 and the reason, so that a script notices."""
    face.run("channels", "save", "gone", "--to", "http://127.0.0.1:1/")
    done = face.run("test", "gone", language="ko")
    assert done.exit_code == 3
    assert "테스트를 받지 못했습니다" in done.stderr
    assert face.run("channels", "delete", "gone", "--yes").exit_code == 0


def test_silence_is_made_seen_and_ended(face: Face) -> None:
    """It keeps the alert that fires quiet, says so, and can be ended once."""
    made = face.json(
        "silences", "add", "--match", "model=~gpt.*", "--for", "2h", "--reason", "provider is down"
    )
    assert made["state"] == "active"
    trial = face.json("routes", "test", "--label", "model=gpt-4o")
    assert trial["silenced_by"] == [made["id"]]
    assert "silenced by" in face.run("routes", "test", "--label", "model=gpt-4o").stderr
    assert "provider is down" in face.run("silences", "list").stdout
    assert face.run("silences", "end", made["id"]).exit_code == 0
    assert face.ask("DELETE", f"/silences/{made['id']}").status_code == 409
    assert face.json("silences", "list")["silences"] == []
    ended = next(one for one in face.json("silences", "list", "--all")["silences"] if one["id"] == made["id"])
    assert (ended["state"], ended["ended_by"]) == ("ended", "anonymous")


def test_lists_go_on_where_they_ended(face: Face) -> None:
    """Page by page nothing is left out and nothing comes twice."""
    for number in range(3):
        body = {"matchers": ["rule=none"], "reason": f"r{number}", "duration": f"{number + 1}h"}
        assert face.ask("POST", "/silences", json=body).status_code == 201
    for path, key in (("/silences?open=true", "silences"), ("/deliveries?channel=ops", "deliveries")):
        everything = [one["id"] for one in face.ask("GET", path).json()[key]]
        assert _ids_of_pages(face, path, key) == everything
    for silence in face.ask("GET", "/silences?open=true").json()["silences"]:
        face.ask("DELETE", f"/silences/{silence['id']}")


def _ids_of_pages(face: Face, path: str, key: str) -> list[str]:
    seen: list[str] = []
    address = f"{path}&limit=1"
    while True:
        page = face.ask("GET", address).json()
        seen += [one["id"] for one in page[key]]
        if page["next_cursor"] is None:
            return seen
        address = f"{path}&limit=1&cursor={page['next_cursor']}"


def test_maintenance_once_and_weekly(face: Face) -> None:
    """Both kinds are read back as they were written; what is neither is refused with the way to write it."""
    weekly = ["--days", "sat,sun", "--begins", "02:00", "--ends", "04:00", "--time-zone", "Asia/Seoul"]
    assert face.run("maintenance", "save", "backup", *weekly, "--reason", "backup").exit_code == 0
    once = ["--from", "now-1h", "--until", "now+1h", "--match", "rule=none"]
    assert face.run("maintenance", "save", "move", *once, "--reason", "moving").exit_code == 0
    table = face.run("maintenance", "list").stdout
    assert "sat,sun 02:00–04:00 Asia/Seoul" in table
    assert face.ask("GET", "/maintenance/move").json()["is_open"] is True
    refused = face.run("maintenance", "save", "x", "--days", "sat", "--reason", "r")
    assert "give starts_at and ends_at, or days, begins and ends" in str(refused.exception)
    for name in ("backup", "move"):
        assert face.run("maintenance", "delete", name).exit_code == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "/channels/x", {"kind": "webhook"}, "notification.channel_invalid"),
        ("PUT", "/channels/x", {"kind": "webhook", "url": "ftp://a"}, "notification.channel_invalid"),
        ("PUT", "/channels/x", {"kind": "webhook", "url": "secret://x"}, "notification.channel_invalid"),
        ("PUT", "/channels/X!", {"kind": "webhook", "url": "http://a"}, "notification.channel_invalid"),
        (
            "PUT",
            "/channels/x",
            {"kind": "webhook", "url": "http://a", "template": {"body": "$nothing"}},
            "notification.template_invalid",
        ),
        (
            "PUT",
            "/channels/x",
            {"kind": "webhook", "url": "http://a", "fallback": "x"},
            "notification.channel_invalid",
        ),
        ("PUT", "/routes", {"route": {"receivers": ["nobody"]}}, "notification.routes_invalid"),
        ("PUT", "/routes/yaml", {"yaml": "route: ["}, "notification.routes_invalid"),
        ("GET", "/channels/nobody", None, "notification.channel_not_found"),
        ("POST", "/channels/nobody/test", None, "notification.channel_not_found"),
        ("DELETE", "/channels/ops", None, "notification.channel_in_use"),
        ("DELETE", "/silences/none", None, "notification.silence_not_found"),
        ("DELETE", "/maintenance/none", None, "notification.maintenance_not_found"),
        ("GET", "/deliveries/none", None, "notification.delivery_not_found"),
        ("GET", "/deliveries?cursor=x", None, "notification.bad_cursor"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(
    face: Face, method: str, path: str, body: dict[str, Any] | None, code: str
) -> None:
    """A problem with its code; nothing was saved."""
    answer = face.ask(method, path, json=body) if body else face.ask(method, path)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["code"] == code


def test_somebody_else_saved_the_routes(face: Face) -> None:
    """A save that names the revision it edited does not overwrite another one's work."""
    seen = face.ask("GET", "/routes").json()
    body = {"route": seen["route"], "inhibit": [], "revision": seen["revision"]}
    changed = {**body, "route": {"receivers": ["ops"], "group_by": ["rule", "model"]}}
    assert face.ask("PUT", "/routes", json=changed).status_code == 200
    answer = face.ask("PUT", "/routes", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "notification.routes_changed")


def test_every_change_is_in_the_audit_log(face: Face) -> None:
    """Who did what to which object, without any secret."""
    url = f"{face.receiver.url}/T0KEN"
    assert face.run("channels", "save", "told", "--to", "-", "--secret", "s3cret", text=url).exit_code == 0
    assert face.run("test", "told").exit_code == 0
    assert face.run("channels", "delete", "told", "--yes").exit_code == 0
    silence = face.json("silences", "add", "--match", "rule=none", "--for", "1h", "--reason", "r")
    assert face.run("silences", "end", silence["id"]).exit_code == 0
    once = ["--from", "now-1h", "--until", "now+1h", "--reason", "r"]
    assert face.run("maintenance", "save", "told", *once).exit_code == 0
    assert face.run("maintenance", "delete", "told").exit_code == 0
    state = _state(face)
    with state.session(read_only=True) as connection:
        entries = AuditLog(connection).list(project_id="default", limit=500)
    state.close()
    assert {entry.action for entry in entries} >= {
        "channel.saved",
        "channel.tested",
        "channel.deleted",
        "routes.saved",
        "silence.created",
        "silence.ended",
        "maintenance.saved",
        "maintenance.deleted",
    }
    assert "T0KEN" not in str(entries)
    assert "s3cret" not in str(entries)


def test_without_a_server_the_data_directory_itself_is_changed(tmp_path: Path) -> None:
    """What needs no server works without one."""
    _notifications(tmp_path, "channels", "save", "ops", "--to", "http://127.0.0.1:1/")
    listed = _notifications(tmp_path, "channels", "list", "--output", "json")
    assert [one["name"] for one in json.loads(listed)["channels"]] == ["ops"]


def _notifications(data_dir: Path, *arguments: str) -> str:
    """Run a command in a process of its own: one process opens one telemetry store."""
    program = "from pitwall.cli.main import main; main()"
    command = [sys.executable, "-c", program, "notifications", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
