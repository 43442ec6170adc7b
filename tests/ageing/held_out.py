"""Pages that nothing was tuned on: their figures are read, their failures are not looked at."""

from __future__ import annotations

from collections.abc import Iterator

from ageing.furniture import Around
from ageing.stories import Story
from ageing.templates import Furnished, Template, head, set_as, shown


def agency(story: Story, around: Around) -> str:
    """Sections with test ids, a body in pieces, cards between them."""
    f = Furnished(story, around)

    def body() -> Iterator[str]:
        forms = {
            "p": "<p data-testid='paragraph-{place}' class='Paragraph__base-x1'>{}</p>",
            "heading": "<h3 data-testid='heading'>{}</h3>",
            "caption": "<figure data-testid='picture'><img src=/p.jpg><figcaption>{}</figcaption></figure>",
        }
        for place, part in enumerate(story.parts):
            yield set_as(forms, part, place, around)
            if place == 2:
                yield f"<div data-testid='promo-card' class='Card__card-x1'><h3>{f.promo}</h3><p>{f.other}</p></div>"
            if place == 4 and around.letter:
                yield f"<div data-testid='Newsletter' class='Box__x2'><p>{f.letter}</p></div>"
            if place == 6:
                yield f"<div class='Rail__x3'><a class='Rail__link' href='/o'>{f.own_promo}</a></div>"
        if story.note:
            yield f"<p data-testid='note' class='Paragraph__base-x1'>{shown(story.note, around)}</p>"
        if around.standing:
            yield f"<p class='SignOff__x1' data-testid='sign-off'>{f.standing}</p>"

    return (
        f"{head(story, 'Agency')}<body><div id=__next><main><article data-testid='Article'><header><h1 data-testid='Heading'>"
        f"{shown(story.headline, around)}</h1><div class='ArticleHeader__author-x1'>By <a href=/j>{story.byline}</a></div>"
        f"<time datetime='2026-03-01T10:00:00Z'>{f.ago}</time></header><p class='ArticleHeader__dek-x1'>{shown(story.standfirst, around)}</p>"
        f"<div class='ArticleBody__content-{around.box % 2}'>{''.join(body())}</div><div data-testid='read-next'>"
        f"{''.join(f'<h3><a href=/x>{o}</a></h3><p>{f.promo}</p>' for o in f.others)}</div></article></main></div></body></html>"
    )


def gazette(story: Story, around: Around) -> str:
    """Few names; promotions in paragraphs of their own, told by a style only."""
    f = Furnished(story, around)

    def body() -> Iterator[str]:
        forms = {
            "p": "<p>{}</p>",
            "heading": "<h2>{}</h2>",
            "quote": "<blockquote>{}</blockquote>",
            "caption": "<figure><img src=/p.jpg><figcaption>{}</figcaption></figure>",
        }
        for place, part in enumerate(story.parts):
            yield set_as(forms, part, place, around)
            if place == 2 and around.read_more:
                yield f"<p><b>{f.read_more}:</b> <a href='/o'>{f.other}</a></p>"
            if place == 3:
                yield f"<p class='kicker-line'>{f.promo}</p>"
            if place == 5:
                yield f"<p class='kicker-line small'>{f.appeal}</p>"
        if story.note:
            yield f"<p class='fine'>{shown(story.note, around)}</p>"
        yield f"<p class='count-line'>{f.comments} · {f.shares}</p>"

    return (
        f"{head(story, 'Gazette')}<body><div class='page'><div class='story {'new' * (around.box % 2)}'><h1>{shown(story.headline, around)}</h1>"
        f"<p class='sub-title'>{shown(story.standfirst, around)}</p><p class='signed'>{story.byline}, {f.ago}</p>{''.join(body())}</div>"
        f"<div class='right'><h4>Also</h4>{''.join(f'<p><a href=/x>{o}</a></p>' for o in f.others)}<p>{f.promo}</p></div></div></body></html>"
    )


def magazine(story: Story, around: Around) -> str:
    """Components of their own, details and asides, a bar of live numbers inside the text's box."""
    f = Furnished(story, around)

    def body() -> Iterator[str]:
        forms = {
            "p": "<p class=m-text>{}</p>",
            "heading": "<h2 class=m-heading>{}</h2>",
            "item": "<ul class=m-list><li class=m-list__item>{}</li></ul>",
            "caption": "<figure class=m-figure><img src=/p.jpg><figcaption class=m-figure__text>{}</figcaption></figure>",
        }
        for place, part in enumerate(story.parts):
            yield set_as(forms, part, place, around)
            if place == 1:
                yield f"<div class=m-live><span>{f.ticker}</span></div>"
            if place == 3:
                yield f"<section class=m-feature><h3 class=m-feature__title>{f.promo}</h3><p class=m-feature__text>{f.other}.</p></section>"
            if place == 5 and around.letter:
                yield f"<section class=m-letter><p>{f.letter}</p><button>OK</button></section>"
            if place == 6 and around.advert:
                yield "<div class=m-ad><p>Advertisement</p></div>"
        if story.note:
            yield f"<p class=m-note>{shown(story.note, around)}</p>"
        if around.standing:
            yield f"<p class=m-endnote>{f.standing}</p>"

    return (
        f"{head(story, 'Magazine')}<body><main class=m-main><article class=m-article><h1>{shown(story.headline, around)}</h1>"
        f"<p class=m-standfirst>{shown(story.standfirst, around)}</p><address class=m-author><a rel=author href=/j>{story.byline}</a></address>"
        f"<div class=m-meta>{f.comments} {f.ago}</div><div class='m-body m-body--{'wide' if around.box % 2 else 'slim'}'>{''.join(body())}</div>"
        f"<div class=m-more>{''.join(f'<a href=/x><h4>{o}</h4></a>' for o in f.others)}</div></article></main></body></html>"
    )


HELD_OUT: dict[str, Template] = {"agency": agency, "gazette": gazette, "magazine": magazine}
