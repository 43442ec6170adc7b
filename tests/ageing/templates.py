"""Pages to tune on: four templates, each with its own way to set furniture between paragraphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from random import Random

from ageing.furniture import AGO, APPEALS, COMMENTS, LETTER, OTHERS, PROMOS, READ_MORE, STANDING, Around
from ageing.stories import Part, Story

Template = Callable[[Story, Around], str]


def shown(text: str, around: Around) -> str:
    """The same words in another style of quotes, spaces and hyphens."""
    if around.style == "straight":
        text = text.translate(str.maketrans("“”„’", '"""\'')).replace("«\u00a0", '"').replace("« ", '"').replace(" »", '"')
        text = text.replace("«", '"').replace("»", '"')
    text = escape(text, quote=False)
    if around.spaces == "nbsp":
        text = text.replace(" 1", "&nbsp;1").replace(" d", "\u00a0d")
    if around.spaces == "soft":
        text = text.replace("tion", "ti\u00adon").replace("sch", "s&shy;ch")
    return text


class Furnished:
    """The furniture of one page, in its language."""

    def __init__(self, story: Story, around: Around) -> None:
        code = story.language.code
        mine = Random(f"{around.seed} {story.number} {around.own_promo}")
        self.promo = PROMOS[code][around.promo % len(PROMOS[code])]
        self.own_promo = mine.choice(OTHERS[code]) + f" ({mine.randint(10, 99)})"
        self.other = OTHERS[code][(story.number + around.others) % len(OTHERS[code])]
        self.others = [OTHERS[code][(story.number + around.others + step) % len(OTHERS[code])] for step in range(3)]
        self.read_more = READ_MORE[code]
        self.letter = LETTER[code]
        self.ago = AGO[code].format(around.minutes)
        self.comments = COMMENTS[code].format(around.comments + story.number)
        self.shares = around.shares + 3 * story.number
        self.appeal = APPEALS[code][around.appeal]
        self.standing = STANDING[code]
        self.ticker = f"FTSE {around.price:,}.3 +0.{around.price % 9}% DAX {around.price * 2:,}.1 -0.{around.price % 7}%"


def set_as(forms: Mapping[str, str], part: Part, place: int, around: Around) -> str:
    """One part of a text in its kind's form; a kind without one is set as a paragraph."""
    return forms.get(part.kind, forms["p"]).format(shown(part.text, around), place=place)


def head(story: Story, site: str) -> str:
    title = escape(story.headline)
    return (
        f"<!doctype html><html lang='{story.language.code}'><head><meta charset=utf-8><title>{title} - {site}</title>"
        f"<meta property='og:title' content=\"{title}\"><meta property='og:type' content='article'></head>"
    )


def broadsheet(story: Story, around: Around) -> str:
    """Plain names for everything, JSON-free, a classic."""
    f = Furnished(story, around)

    def body() -> Iterator[str]:
        forms = {
            "p": "<p>{}</p>",
            "heading": "<h2>{}</h2>",
            "quote": "<blockquote><p>{}</p></blockquote>",
            "item": "<ul><li>{}</li></ul>",
            "caption": "<figure><img src=/p.jpg><figcaption>{}</figcaption></figure>",
        }
        for place, part in enumerate(story.parts):
            yield set_as(forms, part, place, around)
            if place == 2:
                yield f"<div class='inline-promo'><h4>{f.promo}</h4></div>"
            if place == 4 and around.read_more:
                yield f"<p class='read-more'>{f.read_more}: <a href='/a/{story.number}'>{f.other}</a></p>"
            if place == 5 and around.letter:
                yield f"<div class='newsletter-signup'><p>{f.letter}</p><form><input type=email></form></div>"
            if place == 6 and around.advert:
                yield "<div class='ad-slot'><p>Advertisement</p></div>"
        if story.note:
            yield f"<p class='correction'>{shown(story.note, around)}</p>"
        if around.standing:
            yield f"<p class='about-us'><em>{f.standing}</em></p>"

    name = ("article-body", "story-body")[around.box % 2]
    related = "".join(f"<li><a href='/x'>{other}</a></li>" for other in f.others)
    return (
        f"{head(story, 'The Echo')}<body><header><nav><a href=/>Home</a> <a href=/s>Sport</a></nav></header><main><article>"
        f"<h1>{shown(story.headline, around)}</h1><p class='standfirst'>{shown(story.standfirst, around)}</p>"
        f"<div class='byline'>By <a rel=author href=/j>{story.byline}</a></div><div class='timestamp'>{f.ago}</div>"
        f"<div class='share-bar'>{f.shares} shares</div><div class='{name}'>{''.join(body())}</div>"
        f"<section class='related'><h3>Related</h3><ul>{related}</ul></section></article></main>"
        f"<aside class='most-read'><ol>{related}</ol></aside><footer><p>The Echo</p></footer></body></html>"
    )


def modules(story: Story, around: Around) -> str:
    """Names made by a machine, which say nothing; boxes between the paragraphs."""
    f = Furnished(story, around)
    salt = "ab"[around.box % 2]

    def body() -> Iterator[str]:
        forms = {
            "p": f"<p class='css-p{salt}'>{{}}</p>",
            "heading": f"<h2 class='css-h{salt}'>{{}}</h2>",
            "caption": f"<figure class='css-f{salt}'><img src=/p.jpg><figcaption>{{}}</figcaption></figure>",
        }
        for place, part in enumerate(story.parts):
            yield set_as(forms, part, place, around)
            if place == 1:
                yield f"<div class='css-k{salt}'><p class='css-q{salt}'>{f.promo}</p></div>"
            if place == 3:
                yield f"<div class='css-m{salt}'><a href='/o'><span>{f.own_promo}</span></a></div>"
            if place == 5:
                yield f"<div class='css-n{salt}'><p class='css-q{salt}'>{f.appeal}</p></div>"
            if place == 6 and around.read_more:
                yield f"<p class='css-p{salt}'><strong>{f.read_more}:</strong> <a href='/o'>{f.other}</a></p>"
        if story.note:
            yield f"<p class='css-p{salt}'><em>{shown(story.note, around)}</em></p>"

    return (
        f"{head(story, 'Kurier')}<body><div id=root><div class='css-top'><a href=/>Start</a></div><main class='css-main'><article>"
        f"<h1 class='css-t'>{shown(story.headline, around)}</h1><p class='css-s'>{shown(story.standfirst, around)}</p>"
        f"<div class='css-b'><span>{story.byline}</span><span class='css-time'>{f.ago}</span><span>{f.comments}</span></div>"
        f"<section class='css-body{salt}'>{''.join(body())}</section>"
        f"<div class='css-rel'>{''.join(f'<h3><a href=/x>{other}</a></h3>' for other in f.others)}</div></article></main></div></body></html>"
    )


def blog(story: Story, around: Around) -> str:
    """A common publishing program, with what its plug-ins put below and between."""
    f = Furnished(story, around)

    def body() -> Iterator[str]:
        forms = {
            "p": "<p>{}</p>",
            "heading": "<h3>{}</h3>",
            "quote": "<blockquote class='wp-block-quote'><p>{}</p></blockquote>",
            "caption": "<figure class='wp-block-image'><img src=/p.jpg><figcaption>{}</figcaption></figure>",
        }
        for place, part in enumerate(story.parts):
            yield set_as(forms, part, place, around)
            if place == 2 and around.read_more:
                yield f"<p><strong>{f.read_more.upper()} | <a href='/o'>{f.other}</a></strong></p>"
            if place == 4:
                yield f"<p class='has-text-align-center has-accent-color'><em>{f.promo}</em></p>"
            if place == 6 and around.letter:
                yield f"<p><em><a href='/letter'>{f.letter}</a></em></p>"
        if story.note:
            yield f"<p><em>{shown(story.note, around)}</em></p>"
        yield f"<p>{f.comments}</p><p class='meter-line'>You have {around.meter} free articles left this month.</p>"
        if around.standing:
            yield f"<hr><p class='colophon-line'>{f.standing}</p>"

    return (
        f"{head(story, 'Coast Blog')}<body class='single postid-{story.number}'><div class='site-header'><a href=/>Coast</a></div><div id=content>"
        f"<article class='post-{story.number} post type-post'><header class='entry-header'><h1 class='entry-title'>{shown(story.headline, around)}</h1>"
        f"<div class='entry-meta'><span class='author vcard'>{story.byline}</span> {f.ago}</div></header>"
        f"<div class='entry-content theme-{around.box}'><p>{shown(story.standfirst, around)}</p>{''.join(body())}"
        f"<div class='sharedaddy'><h3>Share this</h3><ul><li><a href=/t>Tweet</a> {f.shares}</li></ul></div>"
        f"<div id='jp-relatedposts' class='jp-relatedposts'><h3>Related</h3>{''.join(f'<p><a href=/x>{o}</a></p>' for o in f.others)}</div></div>"
        f"</article></div><div class='widget'><p>{f.appeal}</p></div></body></html>"
    )


def portal(story: Story, around: Around) -> str:
    """Boxes in boxes, a clock and a ticker, teasers with text between the paragraphs."""
    f = Furnished(story, around)

    def body() -> Iterator[str]:
        forms = {
            "p": "<p class=text>{}</p>",
            "heading": "<h2 class=sub>{}</h2>",
            "item": "<ul class=facts><li>{}</li></ul>",
            "caption": "<div class=picture><figure><img src=/p.jpg><figcaption>{}</figcaption></figure></div>",
        }
        for place, part in enumerate(story.parts):
            yield set_as(forms, part, place, around)
            if place == 1:
                yield f"<p class=zeit>{f.ago}</p>"
            if place == 3:
                yield f"<div class=kasten><h4><a href='/o'>{f.other}</a></h4><p>{f.promo}</p></div>"
            if place == 5:
                yield f"<p class=kurse>{f.ticker}</p>"
            if place == 7:
                yield f"<div class=hinweis><p>{f.appeal}</p></div>"
        if story.note:
            yield f"<div class=korrektur><p>{shown(story.note, around)}</p></div>"
        if around.standing:
            yield f"<p class=impressum-zeile>{f.standing}</p>"

    return (
        f"{head(story, 'Portal')}<body><div class=wrap><div class=top><div class=clock>{around.minutes}:05</div></div><div class=content>"
        f"<h1>{shown(story.headline, around)}</h1><div class=autor>{story.byline}</div><h2 class=unterzeile>{shown(story.standfirst, around)}</h2>"
        f"<div class='artikel{'' if around.box % 2 else ' neu'}'>{''.join(body())}</div>"
        f"<div class=kommentare><h3>{f.comments}</h3></div><div class=liste>{''.join(f'<p><a href=/x>{o}</a></p>' for o in f.others)}</div>"
        "</div></div></body></html>"
    )


TEMPLATES: dict[str, Template] = {"broadsheet": broadsheet, "modules": modules, "blog": blog, "portal": portal}
