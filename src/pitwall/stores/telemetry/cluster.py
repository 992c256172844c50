"""The same statements on a ClickHouse cluster, rewritten from their one-node form.

Every MergeTree table `x` becomes `x_local` (Replicated) and `x` (Distributed over the shards), so that
readers keep their SQL; what changes a table goes to `x_local` on every node. Stage tables (engine Null;
`stage_*` and `*_in`) exist on every node and keep their name. Views read and write what is on their own node:
a segment inserted there is normalised and stored there. Its deduplication token is known within that shard,
so a server that inserts keeps to one shard.
"""

from __future__ import annotations

import re

from pitwall.core.errors import InvalidInput

_CREATE_TABLE = re.compile(
    r"^CREATE TABLE (?P<guard>IF NOT EXISTS )?(?P<name>\w+)(?P<body>.*?)"
    r"\bENGINE = (?P<engine>\w+)(?:\((?P<arguments>.*?)\))?(?P<tail>.*)$",
    re.DOTALL,
)
_CREATE_VIEW = re.compile(
    r"^CREATE MATERIALIZED VIEW (?P<guard>IF NOT EXISTS )?(?P<name>\w+) TO (?P<target>\w+)(?P<body>.*)$",
    re.DOTALL,
)
_CHANGE_TABLE = re.compile(
    r"^(?P<verb>ALTER TABLE|TRUNCATE TABLE|OPTIMIZE TABLE|DELETE FROM) (?P<name>\w+)(?P<tail>.*)$", re.DOTALL
)
_DROP_TABLE = re.compile(r"^DROP TABLE (?P<guard>IF EXISTS )?(?P<name>\w+)$")
_CLUSTER_WIDE = re.compile(
    r"^(?P<head>CREATE (?:OR REPLACE )?DICTIONARY (?:IF NOT EXISTS )?\w+"
    r"|DROP (?:VIEW|DICTIONARY) (?:IF EXISTS )?\w+"
    r"|SYSTEM RELOAD DICTIONARY)(?P<tail>.*)$",
    re.DOTALL,
)
# Changes of columns; a Distributed table must know of them too.
_COLUMN_CHANGE = re.compile(r"^\s*(?:ADD|DROP|MODIFY|RENAME|CLEAR) COLUMN\b")
_CLUSTER_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]*$")

# Read by a view: the local part only, the other nodes' views read theirs.
_VIEW_SOURCES = ("spans_by_minute",)


def rewrite(statement: str, cluster: str) -> list[str]:
    """Turn a one-node statement into what a cluster needs; others (INSERT, SELECT) come back as they are.

    Args:
        statement: DDL, ALTER, TRUNCATE, OPTIMIZE, DELETE or SYSTEM RELOAD DICTIONARY; no semicolon.
        cluster: Name of the cluster in the servers' `remote_servers`.

    Raises:
        InvalidInput: The cluster name is not an identifier.
    """
    if not _CLUSTER_NAME.match(cluster):
        raise InvalidInput(
            f"The cluster name {cluster!r} is not valid.", hint="Use the name in `remote_servers`."
        )
    statement = statement.strip()
    there = f"ON CLUSTER '{cluster}'"
    if match := _CREATE_TABLE.match(statement):
        return _tables(match, cluster)
    if match := _CREATE_VIEW.match(statement):
        return [_view(match, there)]
    if match := _CHANGE_TABLE.match(statement):
        return _changes(match, there)
    if match := _DROP_TABLE.match(statement):
        names = dict.fromkeys((match["name"], _local(match["name"])))
        return [f"DROP TABLE {match['guard'] or ''}{name} {there}" for name in names]
    if match := _CLUSTER_WIDE.match(statement):
        return [f"{match['head']} {there}{match['tail']}"]
    return [statement]


def _tables(match: re.Match[str], cluster: str) -> list[str]:
    name, engine, arguments = match["name"], match["engine"], match["arguments"]
    create = f"CREATE TABLE {match['guard'] or ''}"
    there = f"ON CLUSTER '{cluster}'"
    if not engine.endswith("MergeTree"):
        given = f"({arguments})" if arguments is not None else ""
        return [f"{create}{name} {there}{match['body']}ENGINE = {engine}{given}{match['tail']}"]
    path = f"'/clickhouse/tables/{{shard}}/{{database}}/{name}', '{{replica}}'"
    replicated = f"Replicated{engine}({path}{', ' + arguments if arguments else ''})"
    tail = match["tail"].replace("non_replicated_deduplication_window", "replicated_deduplication_window")
    local = f"{create}{_local(name)} {there}{match['body']}ENGINE = {replicated}{tail}"
    distributed = f"Distributed('{cluster}', currentDatabase(), '{_local(name)}', rand())"
    return [local, f"{create}{name} {there} AS {_local(name)} ENGINE = {distributed}"]


def _view(match: re.Match[str], there: str) -> str:
    body = match["body"]
    for source in _VIEW_SOURCES:
        body = re.sub(rf"\bFROM {source}\b", f"FROM {_local(source)}", body)
    create = f"CREATE MATERIALIZED VIEW {match['guard'] or ''}{match['name']}"
    return f"{create} {there} TO {_local(match['target'])}{body}"


def _changes(match: re.Match[str], there: str) -> list[str]:
    verb, name, tail = match["verb"], match["name"], match["tail"]
    names = [_local(name)]
    if verb == "ALTER TABLE" and _COLUMN_CHANGE.match(tail) and name not in names:
        names.append(name)
    return [f"{verb} {each} {there}{tail}" for each in names]


def _local(name: str) -> str:
    """The table that holds the rows on a node; a stage table is its own."""
    is_stage = name.startswith("stage_") or name.endswith("_in")
    return name if is_stage else f"{name}_local"
