"""The same DDL on a ClickHouse cluster, rewritten from the one-node statements.

Every MergeTree table `x` becomes `x_local` (Replicated) and `x` (Distributed over the
shards), so that readers keep their SQL. Views read and write the local tables: a segment inserted on any node
is normalised and stored there, in the same insert, and its deduplication token keeps its meaning.
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
_CREATE_DICTIONARY = re.compile(
    r"^CREATE (?P<replace>OR REPLACE )?DICTIONARY (?P<guard>IF NOT EXISTS )?(?P<name>\w+)"
)
_ALTER = re.compile(r"^ALTER TABLE (?P<name>\w+) ")
_DROP = re.compile(r"^DROP (?P<what>TABLE|VIEW|DICTIONARY) (?P<guard>IF EXISTS )?(?P<name>\w+)")
_CLUSTER_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]*$")

# Read by a view: the local part only, the other nodes' views read theirs.
_VIEW_SOURCES = ("spans_by_minute",)


def rewrite(statement: str, cluster: str) -> list[str]:
    """Turn a one-node DDL statement into what a cluster needs; other statements come back as they are.

    Args:
        statement: CREATE TABLE / MATERIALIZED VIEW / DICTIONARY, ALTER TABLE or DROP; no semicolon.
        cluster: Name of the cluster in the servers' `remote_servers`.

    Raises:
        InvalidInput: The cluster name is not an identifier.
    """
    if not _CLUSTER_NAME.match(cluster):
        raise InvalidInput(
            f"The cluster name {cluster!r} is not valid.", hint="Use the name in `remote_servers`."
        )
    statement = statement.strip()
    if match := _CREATE_TABLE.match(statement):
        return _tables(match, cluster)
    if match := _CREATE_VIEW.match(statement):
        return [_view(match, cluster)]
    if match := _CREATE_DICTIONARY.match(statement):
        return [f"{match[0]} ON CLUSTER '{cluster}'{statement[match.end() :]}"]
    if match := _ALTER.match(statement):
        return [f"ALTER TABLE {match['name']}_local ON CLUSTER '{cluster}' {statement[match.end() :]}"]
    if match := _DROP.match(statement):
        return [f"{match[0]} ON CLUSTER '{cluster}'{statement[match.end() :]}"]
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
    local = f"{create}{name}_local {there}{match['body']}ENGINE = {replicated}{tail}"
    distributed = f"Distributed('{cluster}', currentDatabase(), '{name}_local', rand())"
    return [local, f"{create}{name} {there} AS {name}_local ENGINE = {distributed}"]


def _view(match: re.Match[str], cluster: str) -> str:
    body, target = match["body"], match["target"]
    for source in _VIEW_SOURCES:
        body = re.sub(rf"\bFROM {source}\b", f"FROM {source}_local", body)
    local = target if target.endswith("_in") else f"{target}_local"
    create = f"CREATE MATERIALIZED VIEW {match['guard'] or ''}{match['name']}"
    return f"{create} ON CLUSTER '{cluster}' TO {local}{body}"
