"""Templates and what they may call: the one place where values become HTML.

Jinja2 escapes everything; the only markup let through unescaped is the differ's and the <time> elements made here.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import datetime
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.responses import HTMLResponse

from tracker.feeds import FORMATS
from tracker.model import Scope
from tracker.web import times, words
from tracker.web.conditional import digest
from tracker.web.site import Links, Site

# No character of HTML, whoever wrote it and wherever it stands.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")

FORMAT_NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


def _time_element(at: datetime, said: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(times.machine(at), said)


def moment(at: datetime, *, seconds: bool = False, crowded: Container[datetime] = ()) -> Markup:
    """`crowded` are minutes in which the page shows several times: there the seconds are shown."""
    return _time_element(at, times.moment(at, seconds=seconds or times.minute(at) in crowded))


def between(after_at: datetime | None, before_at: datetime) -> Markup:
    """times.between with its moments marked up, so that page.js can tell them in the reader's zone."""
    if after_at is None:
        return Markup("before {}").format(moment(before_at))
    said = times.between(after_at, before_at)
    first, last = times.between_parts(after_at, before_at)
    head, _, rest = said.partition(first)
    middle, _, tail = rest.partition(last)
    return Markup('<span class="between">{}{}{}{}{}</span>').format(
        head, _time_element(after_at, first), middle, _time_element(before_at, last), tail
    )


def clock(at: datetime, *, crowded: Container[datetime] = ()) -> Markup:
    return _time_element(at, f"{times.clock(at, seconds=times.minute(at) in crowded)} UTC")


class Look:
    """Renders a template with the site, its links and the words for values at hand."""

    def __init__(self, site: Site, links: Links) -> None:
        self.style = files("tracker.web").joinpath("static/style.css").read_bytes()
        self.script = files("tracker.web").joinpath("static/page.js").read_bytes()
        self.icon = files("tracker.web").joinpath("static/icon.svg").read_bytes()
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("tracker.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(
            moment=moment,
            clock=clock,
            plain_clock=times.clock,
            machine=times.machine,
            day=times.day,
            short_day=times.short_day,
            times=times.times,
            one_line=words.one_line,
            cut=words.cut,
            web_link=words.web_link,
            contact_link=words.contact_link,
            language=words.language,
            facets=words.facets,
            told=words.told,
            sentence=words.sentence,
        )
        self._environment.globals.update(
            site=site,
            links=links,
            words=words,
            later=times.later,
            lasting=times.lasting,
            last_day=lambda at: at - times.DAY,
            share=words.share,
            counted=words.counted,
            between=between,
            span=times.span,
            crowded=times.crowded,
            Scope=Scope,
            formats=[(form, FORMAT_NAMES[form], FORMATS[form].content_type.partition(";")[0]) for form in FORMATS],
            style_url=links.static("style.css", digest(self.style)[:8]),
            script_url=links.static("page.js", digest(self.script)[:8]),
            icon_url=links.static("icon.svg", digest(self.icon)[:8]),
        )

    @property
    def edition(self) -> str:
        """Changes with the templates, the stylesheet and the script, so that no client keeps a page made by other ones."""
        folder = files("tracker.web").joinpath("templates")
        sources = [entry.read_bytes() for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)]
        return digest(self.style, self.script, *sources)

    def page(self, template: str, *, status: int = 200, republished: bool = False, **values: Any) -> HTMLResponse:  # noqa: ANN401 - a template takes anything
        """`republished`: the page carries a publisher's text, which search engines and archives are asked to leave alone."""
        headers = {"x-robots-tag": "noindex, noarchive"} if republished else None
        whole = self._environment.get_template(template).render(values)
        return HTMLResponse(_UNPRINTABLE.sub("", whole), status_code=status, headers=headers)
