"""What the configuration says of each source's pace and pages, as the values that the scheduler takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tracker.config import CadenceConfig, Config, SourceConfig
from tracker.model import Article
from tracker.newsroom import sources as newsroom_sources
from tracker.scheduler.allowance import Caps
from tracker.scheduler.cadence import Cadence, Fixed, checked_until
from tracker.scheduler.rules import SourceRules
from tracker.workfolder import seeds_folder


def source_rules(config: Config) -> dict[str, SourceRules]:
    """Each declared source's pace and patterns; the newsroom's hold for every source that it publishes."""
    rules: dict[str, SourceRules] = {}
    for source in config.sources:
        names: tuple[str, ...] = (source.name,)
        if source.kind == "newsroom":
            names = tuple(published.name for published in newsroom_sources(seeds_folder(config), config.newsroom.port))
        rules |= dict.fromkeys(names, _rules(source, config.cadence))
    return rules


def _rules(source: SourceConfig, general: CadenceConfig) -> SourceRules:
    cadence = _cadence(source.cadence or general)
    return SourceRules(cadence=cadence, include=source.include, exclude=source.exclude, page=source.page_rules)


def general_cadence(config: Config) -> Cadence:
    return _cadence(config.cadence)


def _cadence(section: CadenceConfig) -> Cadence:
    fixed = None
    if section.mode == "fixed" and section.every and section.lasts:
        fixed = Fixed(every=section.every, lasts=section.lasts)
    polls, floor, ceiling, stop_after = section.polls_per_article, section.floor, section.ceiling, section.stop_after
    return Cadence(polls_per_article=polls, floor=floor, ceiling=ceiling, stop_after=stop_after, fixed=fixed)


def caps(config: Config) -> Caps:
    own = {source.name: cap for source in config.sources if (cap := (source.cadence or config.cadence).polls_per_hour)}
    return Caps(in_all=config.fetch.polls_per_hour, by_source=own)


def cadences(config: Config) -> Callable[[str], Cadence]:
    rules, default = source_rules(config), general_cadence(config)
    return lambda source: rules[source].cadence if source in rules else default


def ends_of_checks(config: Config) -> Callable[[Article], datetime]:
    """When the checks of an article end if nothing changes until then."""
    cadence_of = cadences(config)
    return lambda article: checked_until(article.first_seen_at, article.last_changed_at, cadence_of(article.source))
