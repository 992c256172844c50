"""What judges say of answers: evaluation events under OpenTelemetry's names, as OTLP log records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from benchmarks.harness.load import send_one_by_one
from benchmarks.harness.server import PitwallServer
from pitwall.sdk.names import EVALUATION_EVENT, EVALUATION_LABEL, EVALUATION_NAME, EVALUATION_SCORE

SCORES_PER_ANSWER: Final = 5
_ANSWERS_PER_REQUEST: Final = 500
_DAY_NANO: Final = 86_400 * 10**9
_LABELS: Final = ("GRI", "SASB", "TCFD", "ISSB")


@dataclass(frozen=True, slots=True)
class Judgements:
    """The scores of some days: one answer is judged every few seconds; the last one ends them."""

    end_unix_nano: int
    days: int
    every_seconds: int

    @property
    def scores(self) -> int:
        """Scores in all of them."""
        return self._answers * SCORES_PER_ANSWER

    @property
    def _answers(self) -> int:
        return self.days * 86_400 // self.every_seconds

    def requests(self) -> Iterator[ExportLogsServiceRequest]:
        """Yield all scores, oldest first, several to a request."""
        for first in range(0, self._answers, _ANSWERS_PER_REQUEST):
            yield self._request(range(first, min(first + _ANSWERS_PER_REQUEST, self._answers)))

    def send(self, server: PitwallServer, timeout_seconds: float) -> None:
        """Send all of them and wait until they are queryable.

        Raises:
            RuntimeError: They are not, in time, or a score was refused.
        """
        send_one_by_one(server.port, "/v1/logs", self.requests())
        server.wait_applied(self.scores, timeout_seconds, what="scores")

    def _request(self, numbers: range) -> ExportLogsServiceRequest:
        request = ExportLogsServiceRequest()
        group = request.resource_logs.add()
        group.resource.attributes.add(key="service.name").value.string_value = "voc"
        target = group.scope_logs.add()
        step = self.every_seconds * 10**9
        begin = self.end_unix_nano - self.days * _DAY_NANO
        for number in numbers:
            verdicts: dict[str, float | str] = {
                "confidence": 0.5 + number % 50 / 100,
                "match": float(number % 4 > 0),
                "user_thumb": float(number % 3 > 0),
                "user_satisfaction": 1.0 + number % 5,
                "framework": _LABELS[number % len(_LABELS)],
            }
            for name, verdict in verdicts.items():
                record = target.log_records.add(
                    time_unix_nano=begin + (number + 1) * step, event_name=EVALUATION_EVENT
                )
                record.attributes.add(key=EVALUATION_NAME).value.string_value = name
                if isinstance(verdict, str):
                    record.attributes.add(key=EVALUATION_LABEL).value.string_value = verdict
                else:
                    record.attributes.add(key=EVALUATION_SCORE).value.double_value = verdict
        return request
