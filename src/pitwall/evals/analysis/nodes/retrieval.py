"""What retrieval brought: how much, whether it is about the question, and what of it answers rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import mean_of, rounded
from pitwall.evals.analysis.types import CaseText, NothingToSay, Output, RunData
from pitwall.evals.text.tokens import clean
from pitwall.kit.i18n import Text
from pitwall.stats.clusters import FloatArray

_MOST_RANKS: Final = 20
_NO_CONTEXTS = Text(
    "No case has contexts; nothing was retrieved, or it is not known what was.",
    "컨텍스트가 있는 케이스가 없습니다. 검색 결과가 없거나 알려지지 않았습니다.",
)


def retrieval(data: RunData) -> Output:
    """Describe the contexts of all cases, and what is in them for the cases whose texts were kept."""
    counts = data.cases.numbers.get("context_count", np.full(len(data.cases), np.nan))
    known = counts[~np.isnan(counts)]
    if not known.size:
        raise NothingToSay(_NO_CONTEXTS)
    kept = [one for one in data.texts if one.contexts is not None]
    return {
        "cases": int(known.size),
        "contexts_per_case": mean_of(counts, data.cases.groups, data.seed),
        "empty": {"n": int((known == 0).sum()), "share": rounded(float((known == 0).mean()))},
        "context_chars": _spread(data.cases.numbers.get("context_chars")),
        "examined": len(kept),
        "cut": data.cut_texts,
        "keyword_overlap": _mean(_known(data, "keyword_overlap")),
        "reference_verbatim": _mean(_holds_verbatim(one) for one in kept),
        "reference_terms": _mean(_known(data, "reference_terms")),
        "chunks": _chunks(kept),
    }


def _holds_verbatim(text: CaseText) -> float | None:
    if not text.reference or not text.contexts:
        return None
    return float(_flat(text.reference) in _flat("\n".join(text.contexts)))


def _flat(text: str) -> str:
    return "".join(clean(text).casefold().split()).rstrip(".!?。")


def _known(data: RunData, name: str) -> list[float]:
    values = data.cases.numbers.get(name, np.empty(0))
    kept: list[float] = values[~np.isnan(values)].tolist()
    return kept


def _mean(values: Iterable[float | None]) -> dict[str, Any]:
    there = [value for value in values if value is not None]
    return {"n": len(there), "mean": rounded(float(np.mean(there))) if there else None}


def _spread(values: FloatArray | None) -> dict[str, Any]:
    kept = np.empty(0) if values is None else values[~np.isnan(values) & (values > 0)]
    if not kept.size:
        return {"n": 0, "p25": None, "median": None, "p75": None, "highest": None}
    p25, median, p75, highest = np.quantile(kept, (0.25, 0.5, 0.75, 1.0)).tolist()
    return {"n": int(kept.size), "p25": p25, "median": median, "p75": p75, "highest": highest}


def _chunks(kept: Sequence[CaseText]) -> dict[str, Any] | None:
    """How many chunks support a claim of the answer, by rank, where claims were judged against chunks."""
    judged = [(one.contexts, one.claims) for one in kept if one.contexts and one.claims]
    if not judged:
        return None
    total = used = claims = unsupported = 0
    by_rank: dict[int, list[int]] = {}
    for contexts, found in judged:
        supporting = _supporting(found)
        total, used = total + len(contexts), used + len(supporting)
        claims += len(found)
        unsupported += sum(_verdict(claim) != "supported" for claim in found)
        for rank in range(1, min(len(contexts), _MOST_RANKS) + 1):
            by_rank.setdefault(rank, []).append(int(rank - 1 in supporting))
    return {
        "cases": len(judged),
        "chunks": total,
        "unused": total - used,
        "unused_share": rounded(1.0 - used / total),
        "claims": claims,
        "unsupported_claims": unsupported,
        "used_by_rank": [
            {"rank": rank, "n": len(flags), "share": rounded(sum(flags) / len(flags))}
            for rank, flags in sorted(by_rank.items())
        ],
    }


def _supporting(claims: Sequence[Mapping[str, Any]]) -> set[int]:
    return {
        int(chunk)
        for claim in claims
        if _verdict(claim) == "supported"
        for chunk in claim.get("by_chunks", {}).get("chunks", ())
    }


def _verdict(claim: Mapping[str, Any]) -> str | None:
    said: str | None = claim.get("by_chunks", {}).get("verdict")
    return said
