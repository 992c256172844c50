"""Prompts of somebody's own: read, and checked before anything is asked with them.

What may be replaced are the words. The form of the reply, the numbers of items and how they are checked, and
the fence around data are code, whatever a prompt says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pitwall.evals.judging.errors import PromptNotFound, PromptsInvalid
from pitwall.evals.judging.prompt_problems import Place, PromptProblem, nearest, problems_of
from pitwall.evals.judging.prompts import COMMON, NAMES, SYSTEM, USER, VERSION, Content, Prompts
from pitwall.kit.i18n import Language
from pitwall.kit.text import check_storable
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import parse_document

_HINT: Final = (
    "`pitwall eval prompts show NAME` writes one as it has to be, `pitwall eval prompts list` names them."
)


def read_prompts(path: Path) -> Prompts:
    """Read prompts of a YAML file, to ask with.

    Raises:
        PromptsInvalid: As `read_own` says.
    """
    return Prompts.replacing(read_own(path))


def read_own(path: Path) -> dict[str, Content]:
    """Read what a YAML file says of prompts, by name.

    Raises:
        PromptsInvalid: It cannot be read, or something in it cannot be; all of that is named with its line.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise PromptsInvalid(f"{path} cannot be read: {error.strerror}.", hint="Name a YAML file.") from error
    except UnicodeDecodeError as error:
        raise PromptsInvalid(f"{path} is not UTF-8 text.", hint="Save it as UTF-8.") from error
    try:
        document = parse_document(text, path)
    except CatalogueInvalid as error:
        where = f"{path}:{error.details['line']}"
        raise PromptsInvalid(f"{where}: {error.details['problem']}.", hint=_HINT) from error
    return _checked(document.data, document.where)


def check_prompts(content: Any) -> Prompts:
    """Check prompts that somebody sent.

    Raises:
        PromptsInvalid: Something in them cannot be; all of that is named.
    """
    return Prompts.replacing(_checked(content, lambda _place: "prompts"))


def _checked(content: Any, where: Callable[[Place], str]) -> dict[str, Content]:
    """Return prompts as they are kept.

    Args:
        where: Says in which file and line a place stands.

    Raises:
        PromptsInvalid: Something in them cannot be; all of that is named.
    """
    problems = list(problems_of(content))
    if problems:
        raise _invalid(problems, where)
    return {name: _kept(one) for name, one in content.items()}


def check_name(name: str) -> str:
    """Return the name of a prompt, or of what is said with all of them.

    Raises:
        PromptNotFound: There is none; the nearest is named.
    """
    if name not in (*NAMES, COMMON):
        raise PromptNotFound(
            f"There is no prompt {name!r}{nearest(name, NAMES).en}.",
            hint="`pitwall eval prompts list` names them.",
        )
    return name


def _kept(content: Mapping[str, Any]) -> dict[str, Any]:
    """A prompt that was found right, as it is kept: edges of its texts say nothing."""
    texts = {
        language.value: {part: check_storable(content[language][part]).strip() for part in (SYSTEM, USER)}
        for language in Language
        if language in content
    }
    return {VERSION: content[VERSION], **texts}


def _invalid(problems: Sequence[PromptProblem], where: Callable[[Place], str]) -> PromptsInvalid:
    views = [_view(one, where(one.place)) for one in problems]
    more = f" ({len(views) - 1} more in details)" if len(views) > 1 else ""
    return PromptsInvalid(
        f"{views[0]['text']['en']}{more}", hint=_HINT, details={"problems": views, "count": len(views)}
    )


def _view(problem: PromptProblem, where: str) -> dict[str, Any]:
    name, language, part = (*problem.place, None, None, None)[:3]
    text = problem.told(where)
    return {
        "where": where,
        "prompt": name,
        "language": language,
        "part": part,
        "text": {"en": text.en, "ko": text.ko},
    }
