"""PostgreSQL lets somebody in and answers a query; needs psycopg."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from pitwall.kit.i18n import Text
from pitwall.probes.findings import CannotAsk, up
from pitwall.probes.kinds.secrets import reveal
from pitwall.probes.types import Outcome, PostgresProbe

_NO_DRIVER = Text(
    'psycopg is not installed: pip install "pitwall[postgres]"',
    'psycopg가 설치되어 있지 않습니다: pip install "pitwall[postgres]"',
)


def ask_postgres(probe: PostgresProbe, secrets: Mapping[str, SecretStr]) -> Outcome:
    """Ask PostgreSQL once; see `kinds.ask`."""
    try:
        import psycopg
    except ImportError as error:
        raise CannotAsk(_NO_DRIVER) from error
    password = reveal(probe.secret, secrets)
    seconds = max(2, int(probe.timeout_seconds))  # libpq knows whole seconds, at least two
    try:
        with psycopg.connect(
            probe.url,
            connect_timeout=seconds,
            autocommit=True,
            application_name="pitwall-probe",
            password=password,
        ) as connection:
            row = connection.execute("SELECT current_setting('server_version')").fetchone()
    except psycopg.Error as error:
        raise ConnectionError(str(error).strip().partition("\n")[0]) from error
    return up(version=row[0] if row else None)
