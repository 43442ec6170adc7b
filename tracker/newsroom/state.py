"""What the seed newsroom remembers over a restart: when it opened, and how far each story has turned.

A small JSON file, replaced atomically. A story never goes back to an earlier version, whatever the clock does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt, ValidationError

from tracker.errors import NewsroomError
from tracker.newsroom.stories import Story, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A story as it is shown at one time; the dates are the newsroom's own."""

    story: Story
    number: int
    published_at: datetime
    modified_at: datetime

    @property
    def version(self) -> Version:
        return self.story.versions[self.number]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """When a story was first read, and the version that was reached since."""

    first_read_at: datetime
    number: int = 0


class _ReadingRow(BaseModel):
    model_config = ConfigDict(extra="forbid")
    first_read_at: AwareDatetime
    version: NonNegativeInt


class _StateRow(BaseModel):
    model_config = ConfigDict(extra="forbid")
    opened_at: AwareDatetime
    stories: dict[str, _ReadingRow]


class State:
    """Reads the file, or begins a new one at `now`. Raises NewsroomError."""

    def __init__(self, file: Path, *, now: datetime, change_after: timedelta) -> None:
        if change_after <= timedelta(0):
            message = f"change_after must be longer than nothing, not {change_after}"
            raise ValueError(message)
        self._file = file
        self._change_after = change_after
        self._readings: Mapping[str, _Reading] = {}
        kept = _read(file)
        if kept is None:
            self.opened_at = now.astimezone(UTC).replace(microsecond=0)
            self._keep({})
        else:
            self.opened_at = kept.opened_at.astimezone(UTC)
            self._readings = {path: _Reading(first_read_at=row.first_read_at, number=row.version) for path, row in kept.stories.items()}

    def note_reading(self, story: Story, now: datetime) -> None:
        """Somebody reads the story's page: the first reader starts the time until it turns, if it has another text."""
        if len(story.versions) > 1 and story.path not in self._readings:
            self._keep({**self._readings, story.path: _Reading(first_read_at=now)})

    def edition(self, story: Story, now: datetime) -> Edition:
        reading = self._readings.get(story.path)
        if reading is None:
            return Edition(story=story, number=0, published_at=self.opened_at, modified_at=self.opened_at)
        last = len(story.versions) - 1
        due = max(0, (now - reading.first_read_at) // self._change_after)
        number = min(max(reading.number, due), last)
        if number > reading.number:
            self._keep({**self._readings, story.path: replace(reading, number=number)})
        turned_at = reading.first_read_at.astimezone(UTC).replace(microsecond=0) + number * self._change_after
        return Edition(story=story, number=number, published_at=self.opened_at, modified_at=turned_at if number else self.opened_at)

    def _keep(self, readings: Mapping[str, _Reading]) -> None:
        """Writes, then remembers. On the event loop, deliberately: a few hundred bytes, when a story is first read and when it turns."""
        rows = {path: {"first_read_at": item.first_read_at.isoformat(), "version": item.number} for path, item in readings.items()}
        text = json.dumps({"opened_at": self.opened_at.isoformat(), "stories": rows}, indent=1) + "\n"
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}.new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(self._file)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            message = f"The seed newsroom cannot write its state file {self._file}: {error.strerror}. Make its folder writable."
            raise NewsroomError(message) from error
        self._readings = readings


def _read(file: Path) -> _StateRow | None:
    try:
        return _StateRow.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"The seed newsroom cannot read its state file {file}: {error.strerror}. Make it readable."
        raise NewsroomError(message) from error
    except ValidationError as error:
        first = error.errors()[0]
        remedy = "delete it, and the newsroom begins again with the first version"
        message = f"The seed newsroom's state file {file} is damaged ({first['msg']}): {remedy}."
        raise NewsroomError(message) from error
