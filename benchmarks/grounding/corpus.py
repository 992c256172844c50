"""Answers that people labelled as supported by their evidence or not, from the shared data.

The rules by which labels become yes or no were fixed before anything was measured:

- FaithDial audit: entailment alone is yes; hallucination, also beside entailment, is no; replies that are
  only generic or uncooperative are left out, as they say nothing that could be supported.
- ExpertQA: a claim whose support is complete is yes; partial, incomplete and missing are no. Evidence that is
  only an address is none: its text is not in the data.
- HaluEval QA: the right answer is yes, the hallucinated one no (the latter was written by a model).
- KLUE NLI: entailment is yes, neutral and contradiction are no.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.harness.registry import ROOT, NotMeasured

_WORD: Final = re.compile(r"\w+")
_ADDRESS: Final = re.compile(r"\[\d+\]|https?://\S+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """An answer, its evidence and what people say.

    Attributes:
        group: What belongs together: halves and intervals take it as one.
    """

    group: str
    language: str
    question: str
    answer: str
    contexts: tuple[str, ...]
    is_grounded: bool

    @property
    def is_design(self) -> bool:
        """Whether it is in the half that the metric was designed on; by the hash of its group."""
        return hashlib.sha256(self.group.encode()).digest()[0] % 2 == 0


def shared_data() -> Path:
    """The folder with the public data.

    Raises:
        NotMeasured: It is not on this machine.
    """
    data = Path(os.environ.get("PITWALL_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not (data / "rag_eval").is_dir():
        raise NotMeasured(f"there is no {data}; name the folder of public data in PITWALL_SHARED_DATA")
    return data


def faithdial(data: Path) -> Iterator[Labelled]:
    """Replies of people and of three models to a passage, by human BEGIN labels."""
    for file in sorted((data / "rag_eval" / "faithdial_audit").rglob("*.csv.gz")):
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield from _faithdial_row({(name or "").lower(): value or "" for name, value in row.items()})


def _faithdial_row(row: Mapping[str, str]) -> Iterator[Labelled]:
    label = (row.get("begin") or row.get("begin_label") or "").lower()
    evidence = row.get("evidence") or row.get("knowledge") or ""
    names = ("response", "ctrl", "doha", "gpt2")
    answer = next((row[name] for name in names if row.get(name)), "")
    says_wrong, says_right = "halluc" in label, "entail" in label
    if answer.strip() and evidence.strip() and (says_wrong or says_right):
        yield Labelled(evidence, "en", row.get("history", ""), answer, (evidence,), not says_wrong)


def expertqa(data: Path) -> Iterator[Labelled]:
    """Claims of answers with their evidence, by the experts who asked."""
    with gzip.open(data / "rag_eval" / "expertqa" / "domain_val.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            for answer in record["answers"].values():
                for claim in answer["claims"]:
                    yield from _expert_claim(record["question"], claim)


def _expert_claim(question: str, claim: Mapping[str, Any]) -> Iterator[Labelled]:
    contexts = tuple(text for text in claim["evidence"] if _WORD.search(_ADDRESS.sub("", text or "")))
    if contexts and claim["support"] in ("Complete", "Partial", "Incomplete", "Missing"):
        is_grounded = claim["support"] == "Complete"
        yield Labelled(question, "en", question, claim["claim_string"], contexts, is_grounded)


def halueval(data: Path) -> Iterator[Labelled]:
    """A right and a hallucinated answer to each question, with the passage."""
    file = data / "rag_eval" / "halueval" / "qa_one-turn_data.json.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            for name, is_grounded in (("right_answer", True), ("hallucinated_answer", False)):
                knowledge = record["knowledge"]
                yield Labelled(knowledge, "en", record["question"], record[name], (knowledge,), is_grounded)


def klue(data: Path) -> Iterator[Labelled]:
    """Korean premises and hypotheses, by the label of most annotators."""
    file = data / "rag_eval_ko" / "klue" / "klue-nli-v1.1_dev.json.gz"
    with gzip.open(file, "rt", encoding="utf-8") as text:
        for record in json.load(text):
            premise = record["premise"]
            is_grounded = record["gold_label"] == "entailment"
            yield Labelled(premise, "ko", "", record["hypothesis"], (premise,), is_grounded)


CORPORA: Final[Mapping[str, Callable[[Path], Iterator[Labelled]]]] = {
    "FaithDial audit": faithdial,
    "ExpertQA": expertqa,
    "HaluEval QA": halueval,
    "KLUE NLI": klue,
}


def token_overlap(one: Labelled) -> float:
    """Return the rival: the share of the answer's words that stand in its contexts."""
    words = set(_WORD.findall(one.answer.lower()))
    known = {word for context in one.contexts for word in _WORD.findall(context.lower())}
    return len(words & known) / len(words) if words else 0.0
