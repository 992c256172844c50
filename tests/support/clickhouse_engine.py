"""The engine behind the test server: statements and their settings as a ClickHouse server would run them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import chdb
from chdb.state.sqlitelike import Connection

from pitwall.stores.telemetry.unfinished import forget_unfinished_inserts

_SETTING_NAME = re.compile(r"\w+")
_INSERT_WITH_DATA = re.compile(
    rb"\s*INSERT\s+INTO\s+(?:TABLE\s+)?(?P<into>[\w.`\"]+\s*(?:\([^)]*\))?)\s*"
    rb"FORMAT\s+(?P<format>\w+)(?:[ \t]*\r?\n|[ \t]+|$)",
    re.IGNORECASE,
)
_ERROR_CODE = re.compile(r"Code: (\d+)")
_UNKNOWN_SETTING = 115
_UNKNOWN_EXCEPTION = 1001


class EngineError(Exception):
    """What ClickHouse would say, with its code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text if text.startswith("Code: ") else f"Code: {code}. DB::Exception: {text}")
        self.code = code


@dataclass(frozen=True)
class Statement:
    """One request: SQL, or an INSERT with its data."""

    sql: bytes
    database: str
    settings: dict[str, str]
    parameters: dict[str, str]
    output_format: str


@dataclass(frozen=True)
class Outcome:
    """What the engine answered."""

    body: bytes
    rows_written: int


_CONFIG = """<clickhouse>
  <users>{users}</users><profiles><default/></profiles><quotas><default/></quotas>
  <user_directories><users_xml><path>{path}</path></users_xml></user_directories>
</clickhouse>"""
_USER = (
    "<{name}><password>{password}</password><networks><ip>::/0</ip></networks>"
    "<profile>default</profile><quota>default</quota></{name}>"
)


class Engine:
    """chDB on one directory; each statement has a connection of its own, so settings never leak.

    Statements run as `default`; what the engine does by itself, such as loading a dictionary, it does as the
    user that a statement named, who has to be one it knows.
    """

    def __init__(self, path: Path, user: str, password: str) -> None:
        self._path = f"{path / 'data'}?config-file={_write_config(path, user, password)}"
        self._scratch = path / "inserts"
        self._scratch.mkdir(parents=True, exist_ok=True)
        forget_unfinished_inserts(path / "data")  # what replicated tables guarantee by themselves
        self._anchor = chdb.connect(self._path)  # keeps the engine open between requests
        self.timezone = self._anchor.query("SELECT timezone()", "TabSeparated").bytes().decode().strip()

    def run(self, statement: Statement) -> Outcome:
        """Execute a statement.

        Raises:
            EngineError: The engine refused it.
        """
        connection = chdb.connect(self._path)
        try:
            if statement.settings:
                connection.query(_set_clause(statement.settings))
            if statement.database:
                connection.query(f"USE `{statement.database}`")
            return self._execute(connection, statement)
        except RuntimeError as error:
            code = _ERROR_CODE.search(str(error))
            raise EngineError(int(code[1]) if code else _UNKNOWN_EXCEPTION, str(error)) from error
        finally:
            connection.close()

    def _execute(self, connection: Connection, statement: Statement) -> Outcome:
        insert = _INSERT_WITH_DATA.match(statement.sql)
        if insert is None:
            sql = statement.sql.decode()
            result = connection.query(sql, statement.output_format, params=statement.parameters)
            return Outcome(bytes(result.bytes()), result.rows_written())
        data = self._scratch / uuid.uuid4().hex
        data.write_bytes(statement.sql[insert.end() :])
        try:
            into, input_format = insert["into"].decode(), insert["format"].decode()
            result = connection.query(f"INSERT INTO {into} FROM INFILE '{data}' FORMAT {input_format}")
            return Outcome(b"", result.rows_written())
        finally:
            data.unlink(missing_ok=True)

    def close(self) -> None:
        self._anchor.close()


def _write_config(path: Path, user: str, password: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    passwords = {user: escape(password), "default": ""}
    users = "".join(_USER.format(name=name, password=secret) for name, secret in passwords.items())
    config = path / "config.xml"
    config.write_text(_CONFIG.format(users=users, path=config))
    return config


def _set_clause(settings: dict[str, str]) -> str:
    for name in settings:
        if not _SETTING_NAME.fullmatch(name):
            raise EngineError(_UNKNOWN_SETTING, f"Unknown setting '{name}'. (UNKNOWN_SETTING)")
    quoted = ((name, value.replace("\\", "\\\\").replace("'", "\\'")) for name, value in settings.items())
    return "SET " + ", ".join(f"{name} = '{value}'" for name, value in quoted)
