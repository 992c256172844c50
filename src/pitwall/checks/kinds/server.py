"""The server itself: its settings, its stores, its faces."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pitwall.access.client import ApiClient
from pitwall.checks.findings import error, passed, skipped, warning, wrong
from pitwall.checks.items import (
    OneDatabaseItem,
    RetentionItem,
    RunFindableItem,
    SanitiserItem,
    SettingsItem,
)
from pitwall.checks.settings_text import setting_texts
from pitwall.checks.surroundings import Looking
from pitwall.checks.types import Finding
from pitwall.ingest.mapping.masking import mask_text
from pitwall.kit.i18n import Text
from pitwall.probes.kinds.asking import Question, put_question
from pitwall.settings import check_production
from pitwall.settings.fields import MaskingMode
from pitwall.settings.groups import Settings
from pitwall.settings.store_groups import RetentionSettings
from pitwall.stores.data_dir import discover
from pitwall.stores.telemetry.retention import RETENTION_TABLES, current_retention
from pitwall.traces.filters import make_filter
from pitwall.traces.types import ListQuery, Selection

# Flags of `pitwall up`: a difference there is what somebody wanted.
_FLAGS = frozenset({"data_dir", "server.host", "server.port", "server.otlp_port", "server.grpc_port"})
_DIFFERS = Text(
    "the server runs with other values than the environment and file here: {names}",
    "서버가 쓰는 값이 지금 환경 변수·설정 파일과 다릅니다: {names}",
)
_UNSAFE = Text("not safe for production: {problems}", "운영 환경에 안전하지 않습니다: {problems}")
_UNEXPECTED = Text("not as expected: {names}", "기대한 값과 다릅니다: {names}")
_IN_FORCE = Text("{count} settings are in force as given", "설정 {count}개가 지정한 대로 적용되어 있습니다")
_NOT_TOLD = Text(
    "run it with `pitwall checks` on the machine of the server, which tells what should be in force",
    "무엇이 적용되어야 하는지 알려면 서버가 있는 기기에서 `pitwall checks`로 실행하세요",
)
_RETENTION = Text("every class is kept as the settings say", "모든 데이터가 설정한 기간대로 보관됩니다")
_KEPT_OTHERWISE = Text("kept otherwise than the settings say: {names}", "설정과 다르게 보관 중: {names}")
_NO_SERVER = Text(
    "no server runs on {path}, so there are no faces to compare",
    "{path}에서 실행 중인 서버가 없어 비교할 화면과 API가 없습니다",
)
_OTHER_DATA = Text(
    "the command line works on {theirs}, the server on {ours}",
    "명령줄은 {theirs}, 서버는 {ours} 데이터를 보고 있습니다",
)
_COUNTS = Text(
    "the API counts {api} spans, the store holds {store}",
    "API가 센 스팬은 {api}개인데 저장소에는 {store}개가 있습니다",
)
_NO_UI = Text("{url} serves no UI", "{url}에서 UI가 열리지 않습니다")
_ONE = Text(
    "command line, API and UI at {url} look at the same {count} spans",
    "명령줄, API, UI({url})가 같은 스팬 {count}개를 보고 있습니다",
)
_NO_RUN = Text("no telemetry names a run", "run_id가 있는 텔레메트리가 없습니다")
_NOT_FOUND = Text("run {run} is not found", "{run} 실행을 찾을 수 없습니다")
_FOUND = Text(
    "run {run} is found: {count} traces or more", "{run} 실행을 찾았습니다: 트레이스 {count}개 이상"
)
_OFF = Text("masking is off (masking.mode)", "마스킹이 꺼져 있습니다(masking.mode)")
_NOT_MASKED = Text("not masked: {names} (masking.rules)", "마스킹하지 않는 항목: {names}(masking.rules)")
_MASKS = Text("masked before storing: {names}", "저장 전에 마스킹하는 항목: {names}")
_LEAKS = Text("a secret passes the masking rules", "비밀 값이 마스킹 규칙을 통과합니다")
_SAMPLE = "api_key=" + "Zq81" * 6  # no secret; looks like one
_TIMEOUT_SECONDS = 10.0
_AS_BROWSER = {"Accept": "text/html"}
_UI_MARK = 'id="root"'  # of `ui/index.html`; the page that says that the UI is not built lacks it
# The API may tell a total that is so old.
_CACHED_SECONDS = 1.1


def look_settings(item: SettingsItem, looking: Looking) -> Finding:
    """Compare what the server runs with against what the caller sees, what is safe and what is expected."""
    settings = looking.around.settings
    ours = setting_texts(settings)
    unexpected = [
        f"{name}={ours.get(name, '?')}" for name, value in item.expect.items() if ours.get(name) != value
    ]
    if unexpected:
        return wrong(item, _UNEXPECTED, names=", ".join(unexpected))
    if problems := check_production(settings):
        return wrong(item, _UNSAFE, problems="; ".join(f"{one.setting} {one.message}" for one in problems))
    if not looking.settings:
        return skipped(_NOT_TOLD) if not item.expect else passed(_IN_FORCE, count=len(item.expect))
    theirs = {name: value for name, value in looking.settings.items() if name in ours and name not in _FLAGS}
    differing = [name for name, value in theirs.items() if ours[name] != value]
    if differing:
        return wrong(item, _DIFFERS, names=", ".join(differing))
    return passed(_IN_FORCE, count=len(theirs))


def look_retention(item: RetentionItem, looking: Looking) -> Finding:
    """Compare the limits of the tables with the settings."""
    found = current_retention(looking.around.engine)
    differing = [
        f"{table} {found[table]}d ({days}d)"
        for table, days in _wanted_days(looking.around.settings)
        if found[table] != days
    ]
    return wrong(item, _KEPT_OTHERWISE, names=", ".join(differing)) if differing else passed(_RETENTION)


def _wanted_days(settings: Settings) -> Iterator[tuple[str, int]]:
    retention: RetentionSettings = settings.telemetry_store.retention
    names = {"minute_rollups": "rollups_minute_days", "hour_rollups": "rollups_hour_days"}
    for name, table in RETENTION_TABLES.items():
        yield table, getattr(retention, names.get(name, f"{name}_days"))


def look_one_database(item: OneDatabaseItem, looking: Looking) -> Finding:
    """Ask the server that runs on the data directory through its own address, as CLI and UI do."""
    around = looking.around
    ours = around.settings.data_dir
    theirs = looking.settings.get("data_dir", str(ours))
    running = discover(ours)
    if running is None:
        return skipped(_NO_SERVER, path=ours)
    if theirs != str(ours):
        return wrong(item, _OTHER_DATA, theirs=theirs, ours=ours)
    least = around.count_spans()
    time.sleep(_CACHED_SECONDS)
    with ApiClient(running.url, running.token) as client:
        counted = client.get("/api/v1/status")["spans_total"]
    most = around.count_spans()
    if counted is None:
        return error(_COUNTS, api=counted, store=most)
    if not least <= counted <= most:
        return wrong(item, _COUNTS, api=counted, store=most)
    page = put_question(Question(running.url, _TIMEOUT_SECONDS, headers=_AS_BROWSER))
    if not page.is_ok or _UI_MARK not in page.text:
        return warning(_NO_UI, url=running.url)
    return passed(_ONE, url=running.url, count=counted)


def look_run(item: RunFindableItem, looking: Looking) -> Finding:
    """Search the traces of a run by its id."""
    run_id = item.run_id or looking.variables.get("run_id") or _newest_run(looking)
    if run_id is None:
        return skipped(_NO_RUN)
    by_id = make_filter("run_id", "eq", [run_id], now=looking.around.clock.now())
    selection = Selection(project=looking.project, filters=(by_id,))
    found = looking.around.traces.list_traces(ListQuery(selection=selection, limit=10))
    if not found.items:
        return wrong(item, _NOT_FOUND, run=run_id)
    return passed(_FOUND, run=run_id, count=len(found.items), value=float(len(found.items)), unit="traces")


def _newest_run(looking: Looking) -> str | None:
    rows = looking.around.engine.query(
        "SELECT run_id FROM spans WHERE project = {project:String} AND run_id != '' "
        "ORDER BY started_at DESC LIMIT 1",
        {"project": looking.project},
    ).rows
    return str(rows[0][0]) if rows else None


def look_sanitiser(item: SanitiserItem, looking: Looking) -> Finding:
    """See that masking is on, has the rules, and masks."""
    masking = looking.around.settings.masking
    if masking.mode is MaskingMode.OFF:
        return wrong(item, _OFF)
    in_force = [rule.value for rule in masking.rules]
    missing = [name for name in item.rules if name not in in_force]
    if missing:
        return wrong(item, _NOT_MASKED, names=", ".join(missing))
    if "secrets" in item.rules and mask_text(_SAMPLE, in_force) == _SAMPLE:
        return wrong(item, _LEAKS)
    return passed(_MASKS, names=", ".join(in_force))
