"""The user as whom a remote server reads the tables behind its dictionaries.

A dictionary loads by itself, as the user that its definition names; without one that is `default`, who on a
server that others can reach has a password or is not there. So definitions name the user of the connection.
The server keeps the password with the definition and shows it to nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_DEFINITION = re.compile(r"^\s*CREATE (?:OR REPLACE )?DICTIONARY\b", re.IGNORECASE)
_SOURCE = re.compile(r"SOURCE\(CLICKHOUSE\((TABLE '\w+')\)\)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password of a connection."""

    user: str
    password: str = field(repr=False)

    def give_to_dictionary(self, statement: str) -> str:
        """Add the credentials to the definition of a dictionary; other statements come back as they are."""
        if not _DEFINITION.match(statement) or (self.user, self.password) == ("default", ""):
            return statement
        named = f"USER {_quoted(self.user)} PASSWORD {_quoted(self.password)}"
        return _SOURCE.sub(lambda match: f"SOURCE(CLICKHOUSE({match[1]} {named}))", statement)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
