"""A YAML file that an operator wrote, and what is wrong in it, each mistake with its line and what would be allowed.

Forms that values of several files share stand here; what a file may say is config.py's and recipe.py's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, get_args

import yaml
from pydantic import BaseModel, ConfigDict

from tracker.errors import ConfigError

Problem: TypeAlias = tuple[int | None, str]
Place: TypeAlias = tuple[str | int, ...]

NAME: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
ADDRESS: Final = r"^https?://\S+$"
BASE: Final = r"^https?://[^/?#\s]+(/[^?#\s]*)?$"
STORE: Final = r"^(sqlite:///|postgresql\+psycopg://).+"
CONTACT: Final = r"^[ -~]+$"
LINE: Final = r"^[^\x00-\x1f\x7f]+$"
FILE: Final = r"^[^/\\\x00-\x1f\x7f]+$"
LANGUAGE: Final = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
HOST: Final = r"^[A-Za-z0-9._:-]+$"
# Plain ones only: what stands in a header must not be able to add another.
_PLAIN_MAIL: Final = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+"
MAIL: Final = rf"^{_PLAIN_MAIL}$"
SENDER: Final = rf"^({_PLAIN_MAIL}|[^\x00-\x1f\x7f<>@,;:\"]+ <{_PLAIN_MAIL}>)$"
SIGNING: Final = r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$"
# Keys whose values are not repeated: what is said of them lands in logs.
_SECRET: Final = frozenset({"password", "secret"})
_ADVICE: Final = {
    HOST: "write a name such as mail.example.org, or an address",
    MAIL: "write a mail address such as reader@example.org",
    SENDER: "write a mail address, such as tracker@example.org or News Tracker <tracker@example.org>",
    SIGNING: "write whsec_ and at least 24 random bytes in base64, as `tracker subscribe webhook` makes them",
    NAME: "write lower-case letters, digits and dashes, such as bbc-news",
    ADDRESS: "write an address that begins with http:// or https://",
    BASE: "write an address such as https://changes.example.org",
    STORE: "write sqlite:///path/to/file.db or postgresql+psycopg://user:password@host/database",
    CONTACT: "write a web or mail address on one line, in ASCII: it goes into a header of every request",
    LINE: "write it on one line, without control characters",
    FILE: "write the name of a file beside this one",
    LANGUAGE: "write a language such as nl, en-GB or zh-Hant",
}


class Section(BaseModel):
    """Keys that belong together; `path` is never a key of the file, it is the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def read_yaml(path: Path, *, absent: str) -> tuple[dict[Any, Any], yaml.Node | None]:
    """The keys and values of a file, and where they stand. Raises ConfigError; `absent` says what to do where there is no file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(str(path), [(None, absent)]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [(None, f"the file cannot be read: {error}")]) from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(str(path), [(line, f"this is not YAML: {error.problem}")]) from None
    except yaml.YAMLError as error:
        raise ConfigError(str(path), [(None, f"this is not YAML: {error}")]) from None
    except RecursionError:
        raise ConfigError(str(path), [(None, "this nests too deeply: write it flatter")]) from None
    if (line := _holds_itself(root)) is not None:
        raise ConfigError(str(path), [(line, "this holds itself, by an alias (*) inside its own anchor (&): write it out")])
    if not isinstance(raw, dict):
        raise ConfigError(str(path), [(1, "the file must hold keys and values, such as `web: {port: 8000}`")])
    return raw, root


def _holds_itself(root: yaml.Node | None) -> int | None:
    """The line of a node that has an alias of itself inside."""
    open_nodes: set[int] = set()
    done: set[int] = set()
    waiting = [(root, False)]
    while waiting:
        node, is_left = waiting.pop()
        if is_left:
            open_nodes.discard(id(node))
            done.add(id(node))
        elif isinstance(node, yaml.CollectionNode) and id(node) not in done:
            if id(node) in open_nodes:
                return int(node.start_mark.line) + 1
            open_nodes.add(id(node))
            waiting.append((node, True))
            inner = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
            waiting += [(part, False) for part in inner]
    return None


def in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem[0] or 0)


def duplicate_keys(node: yaml.Node | None) -> Iterator[Problem]:
    """YAML lets the last of two equal keys win in silence; that is a mistake here."""
    if isinstance(node, yaml.MappingNode):
        names = [key.value for key, _ in node.value]
        for position, (key, value) in enumerate(node.value):
            if key.value in names[:position]:
                yield key.start_mark.line + 1, f"the key {key.value} stands twice: keep one"
            yield from duplicate_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from duplicate_keys(value)


def line_of(node: yaml.Node | None, place: Place) -> int | None:
    """The line of the key at `place`, or of the deepest part of it that stands in the file."""
    line = node.start_mark.line + 1 if node else None
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def problem(detail: Mapping[str, Any], root: yaml.Node | None, form: type[BaseModel], overridden: Mapping[Place, str]) -> Problem:
    """One of pydantic's errors as (line, sentence). `form` is what the file should be; `overridden` names the variable of
    the environment that set a place."""
    place: Place = tuple(detail["loc"])
    name = ".".join(str(step + 1) if isinstance(step, int) else step for step in place)
    variable = next((overridden[key] for key in overridden if key == place[: len(key)]), None)
    line = None if variable else line_of(root, place)
    where = f"{name} (set by {variable} in the environment)" if variable else name
    if detail["type"] == "extra_forbidden":
        return line, f"unknown key {where}: {_allowed_keys(form, place)}"
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return line, f"{where}: {context['error']}"
    if detail["type"] == "missing":
        return line, f"{where} is missing"
    advice = _ADVICE.get(context.get("pattern", ""), detail["msg"][:1].lower() + detail["msg"][1:])
    given = "what is set" if _SECRET & set(place) else repr(detail["input"])
    return line, f"{where}: {given} does not fit: {advice}"


def _allowed_keys(form: type[BaseModel], place: Place) -> str:
    """What may stand where an unknown key stood."""
    for step in place[:-1]:
        if isinstance(step, str):
            form = _section_in(form.model_fields[step].annotation) or form
    return f"allowed here are {', '.join(field.alias or key for key, field in form.model_fields.items() if key != 'path')}"


def _section_in(annotation: object) -> type[BaseModel] | None:
    """The section that a key holds, alone, in a list, or where it is not null."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_in(part))), None)
