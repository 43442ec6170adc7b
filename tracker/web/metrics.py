"""What Prometheus reads at /metrics: polls by outcome since the start, how late looks are, alarms that stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tracker.scheduler.health import Health
from tracker.store.store import Store

# The text format that every Prometheus reads.
_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    def __init__(self, *, store: Store, health: Health, version: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._health = health
        self._version = version
        self._clock = clock

    def show(self, _request: Request) -> Response:
        text = "\n".join(line for name, kind, about, samples in self._metrics() for line in _lines(name, kind, about, samples))
        return PlainTextResponse(f"{text}\n", headers={"content-type": _FORMAT, "cache-control": "no-store"})

    def due_late_seconds(self) -> float:
        """For how long the look that waits longest has been due, whoever polls."""
        due_at = self._store.articles.next_due_at()
        return max((self._clock() - due_at).total_seconds(), 0) if due_at is not None else 0

    def _metrics(self) -> Iterator[tuple[str, str, str, Mapping[str, float]]]:
        health, standing = self._health, self._store.alarms.standing()
        polls = {_labels(of=of, outcome=outcome): count for (of, outcome), count in sorted(health.polls.items())}
        alarms = {_labels(kind=alarm.kind, source=alarm.source or ""): 1.0 for alarm in standing}
        yield "tracker_info", "gauge", "The version that runs.", {_labels(version=self._version): 1}
        yield "tracker_polls_total", "counter", "Looks that were kept, by what was looked at and what they came to.", polls
        yield "tracker_answer_bytes_total", "counter", "Bytes of their answers, as received.", {"": health.bytes_count}
        yield "tracker_answer_seconds_total", "counter", "Time that their answers took.", {"": health.seconds}
        yield "tracker_due_late_seconds", "gauge", "For how long the look that waits longest has been due.", {"": self.due_late_seconds()}
        yield "tracker_alarm", "gauge", "1 for each alarm that was told and has not ended.", alarms


def _lines(name: str, kind: str, about: str, samples: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples.items():
        yield f"{name}{labels} {round(value, 3)}"


def _labels(**labels: str) -> str:
    told = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + ",".join(told) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
