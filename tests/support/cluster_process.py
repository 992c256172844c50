"""Runs cluster DDL for real, as far as one node can: a throw-away process with an in-memory Keeper.

Statements come as a JSON list on stdin; the first that fails is printed with the error. Closing an engine
that has an in-memory Keeper hangs, so the process leaves without closing it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import chdb
from chdb.state.sqlitelike import Connection

CLUSTER = "pit_wall"

# Nothing listens on the port; it only tells the engine that the one replica is itself.
_CONFIG = f"""
<clickhouse>
  <tcp_port>9000</tcp_port>
  <remote_servers>
    <{CLUSTER}><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></{CLUSTER}>
  </remote_servers>
  <macros><shard>01</shard><replica>a</replica></macros>
  <zookeeper><implementation>testkeeper</implementation></zookeeper>
</clickhouse>
"""


def run(connection: Connection, statements: list[str]) -> int:
    """Run the statements; say what there is then, or what failed."""
    for statement in statements:
        try:
            connection.query(statement)
        except RuntimeError as error:
            sys.stdout.write(f"{statement}\n{error}\n")
            return 1
    tables = "SELECT name, engine FROM system.tables WHERE database = 'default'"
    sys.stdout.write(connection.query(tables, "JSONEachRow").bytes().decode())
    return 0


def main() -> None:
    """Run the statements of stdin on a fresh store in the directory that the first argument names."""
    directory = Path(sys.argv[1])
    config = directory / "config.xml"
    config.write_text(_CONFIG)
    connection = chdb.connect(f"{directory / 'data'}?config-file={config}")
    code = run(connection, json.load(sys.stdin))
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
