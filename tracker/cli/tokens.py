"""`tracker token ...`: who may read a closed site, write through the JSON API, log in on the operator's pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from tracker import app
from tracker.cli.base import DEFAULT_CONFIG, AsJson, ConfigPath, duration, open_store
from tracker.config import read_config
from tracker.model import Token, TokenScope
from tracker.terminal import out, print_json_line, rfc3339

commands = typer.Typer(no_args_is_help=True, help="Makes, lists and revokes the tokens that open the JSON API and the operator's pages.")

LONGEST = timedelta(days=3650)


@commands.command(name="create")
def create(
    scope: Annotated[list[TokenScope], typer.Option(help="What it opens; may be given several times.")],
    expires: Annotated[str, typer.Option(metavar="DURATION", help="How long it is good.")] = "90d",
    name: Annotated[str, typer.Option(metavar="TEXT", help="What it is for, so that you know it in the list.")] = "",
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Makes a token and prints it, this once: only its hash is kept."""
    now = datetime.now(UTC)
    expires_at = now + duration("--expires", expires, most=LONGEST)
    with open_store(config) as store:
        made, words = store.tokens.create(name, scope, expires_at=expires_at, now=now)
    if as_json:
        print_json_line({"token": words, **_facts(made)})
    else:
        typer.echo(words)
        typer.echo(f"Token {made.id} opens {_scopes(made)} until {made.expires_at:%Y-%m-%d}. It is shown this once: keep it.", err=True)
        if TokenScope.OPERATOR in scope:
            typer.echo(f"The operator's pages: {app.base_url(read_config(config))}/login", err=True)


@commands.command(name="list")
def list_tokens(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """The tokens: what each opens, until when, and the day of its last use."""
    now = datetime.now(UTC)
    with open_store(config) as store:
        found = store.tokens.all()
    for one in found:
        if as_json:
            print_json_line(_facts(one))
        else:
            used = f"last used {one.used_on:%Y-%m-%d}" if one.used_on else "never used"
            out.print(Text(f"{one.id}  {one.name or '–'}: {_scopes(one)}; {_state(one, now)}, {used}"))
    if not found and not as_json:
        out.print("There is no token: nothing writes over the web. `tracker token create --scope write` makes one.")


@commands.command(name="revoke")
def revoke(
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="That of `tracker token list`.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Ends a token at once, in every process."""
    with open_store(config) as store:
        store.tokens.revoke(number, datetime.now(UTC))
    typer.echo(f"Token {number} opens nothing any more.")


def _scopes(one: Token) -> str:
    return ", ".join(sorted(one.scopes))


def _state(one: Token, now: datetime) -> str:
    if one.revoked_at is not None:
        return f"revoked {one.revoked_at:%Y-%m-%d}"
    return f"{'good until' if one.is_good(now) else 'expired'} {one.expires_at:%Y-%m-%d}"


def _facts(one: Token) -> dict[str, object]:
    return {
        "number": one.id,
        "name": one.name,
        "scopes": sorted(one.scopes),
        "created_at": rfc3339(one.created_at),
        "expires_at": rfc3339(one.expires_at),
        "used_on": one.used_on.isoformat() if one.used_on else None,
        "revoked_at": rfc3339(one.revoked_at),
    }
