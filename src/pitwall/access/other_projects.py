"""What a command that found nothing says of other projects."""

from __future__ import annotations

from typing import Any

from pitwall.access.client import ApiClient
from pitwall.core.errors import PitwallError
from pitwall.kit.cli_options import Target
from pitwall.kit.i18n import Language, Text

PROJECTS = "/api/v1/projects"
_MOST_NAMED = 5
_OTHERS = Text(
    " Other projects have data: {names}. Look at one with --project {first}.",
    " 데이터가 있는 다른 프로젝트: {names}. --project {first} 처럼 지정해 볼 수 있습니다.",
)


def spans_by_project(client: ApiClient) -> tuple[str, dict[str, int]]:
    """Ask for the project that is looked at when none is named, and for the spans of each that has any.

    Pitwall's own project does not count.
    """
    answer: dict[str, Any] = client.get(PROJECTS)
    spans = {one["id"]: one["spans_total"] for one in answer["projects"] if one["id"][0] != "_"}
    return answer["project"], {name: count for name, count in spans.items() if count}


def name_other_projects(client: ApiClient, target: Target, language: Language) -> str:
    """A sentence that names the other projects with data, the fullest first; empty if there is none.

    An answer that is empty stays an answer: where projects cannot be asked for, nothing is said of them.
    """
    try:
        own, found = spans_by_project(client)
    except PitwallError:
        return ""
    looked_at = target.project or own
    others = sorted((name for name in found if name != looked_at), key=lambda name: -found[name])
    if not others:
        return ""
    names = ", ".join(others[:_MOST_NAMED]) + (" …" if len(others) > _MOST_NAMED else "")
    return _OTHERS.say(language, names=names, first=others[0])
