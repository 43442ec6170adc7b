"""What stands after an article's last sentence in the same box: follow us, subscribe, copyright, a heading over nothing.

Patterns in the languages of news. What only many articles of one source show to be furniture is not known here.
"""

from __future__ import annotations

import re
from typing import Final

from tracker.model import Block, BlockKind

# Guarded by tests/extract/test_endings.py, tuned on 65 pages with their true text: body F1 .975 without, .977 with it.
_LAST_BLOCKS: Final = 8
_LONGEST: Final = 400  # characters; what is longer says something of its own

_NETWORKS: Final = r"(?:twitter|facebook|instagram|youtube|tik\s?tok|linkedin|telegram|whatsapp|threads|bluesky|mastodon|x\b|social\ media)"
_LETTERS: Final = r"(?:newsletters?|you\s?tube|podcasts?|news\s?alerts?|e-?mail|inbox)"
_SAID: Final = re.compile(
    rf"""
      ^\W*(?:copyright\b | © | ⓒ | \(c\)\ ?\d{{4}})
    | \ball\ rights\ reserved\b | may\ not\ be\ (?:published|reproduced|copied)\b.{{0,60}}(?:redistributed|rewritten|permission)
    | \balle\ rechte\ vorbehalten | \btous\ droits\ réservés | \btodos\ (?:los\ derechos|os\ direitos)\ reservados
    | \btutti\ i\ diritti\ riservati | \balle\ rechten\ voorbehouden | \bvšechna\ práva\ vyhrazena | \bwszelkie\ prawa\ zastrzeżone
    | все\ права\ защищены | 無断転載 | 무단\s?(?:전재|복제)
    | ^this\ copy\ is\ for\ your\ personal,\ non-commercial\ use | ^an\ error\ has\ occurred,\ please\ try
    | (?:^|[.!?”"»]\s+) (?:
        (?:you\ can\ )?(?:also\ )?follow\ (?:us|me|him|her|them|the\ author|the\ \w+|@\w+|\w+\ \w+)\b.{{0,60}}?\bon\ {_NETWORKS}
      | like\ us\ on\ {_NETWORKS}
      | (?:subscribe|sign\ up)\ (?:to|for|here|now)\b.{{0,80}}?{_LETTERS} | get\ .{{0,80}}\bin\ your\ inbox
      | folgen?\ sie\ uns\ (?:auf|bei)\b | (?:jetzt\ )?(?:unseren\ )?newsletter\ abonnieren | abonnieren\ sie\ .{{0,40}}newsletter
      | suivez[-\s](?:nous|\w+)\b.{{0,40}}?\bsur\ {_NETWORKS} | (?:abonnez|inscrivez)-vous\ à\ .{{0,40}}(?:newsletter|infolettre)
      | s[ií]gue(?:nos|\ a\ \w+)\b.{{0,40}}?\ben\ {_NETWORKS}
      | (?:suscr[ií]bete|ap[uú]ntate|reg[ií]strate)\ .{{0,40}}(?:newsletter|bolet[ií]n)
      | segui(?:ci|\ \w+)\b.{{0,40}}?\bsu\ {_NETWORKS} | iscriviti\ alla\ .{{0,40}}newsletter
      | volg\ (?:ons|\w+)\b.{{0,40}}?\bop\ {_NETWORKS} | (?:meld\ je\ aan|schrijf\ je\ in)\ voor\ .{{0,40}}nieuwsbrief
      | siga(?:-nos|\ [oa]\ \w+)\b.{{0,40}}?\bn[oa]\ {_NETWORKS} | assine\ .{{0,40}}newsletter
      | følg\ (?:oss|os|\w+)\b.{{0,40}}?\bpå\ {_NETWORKS} | följ\ (?:oss|\w+)\b.{{0,40}}?\bpå\ {_NETWORKS}
      | obserwuj\ nas\b | (?:подпи(?:шитесь|сывайтесь)|подписаться)\ на\b
      )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def without_endings(blocks: list[Block]) -> list[Block]:
    """The last blocks without what is no text of the article, and without headings that then head nothing."""
    split = max(1, len(blocks) - _LAST_BLOCKS)
    kept = blocks[:split] + [block for block in blocks[split:] if len(block.text) > _LONGEST or _SAID.search(block.text) is None]
    while len(kept) > 1 and kept[-1].kind is BlockKind.HEADING:
        kept.pop()
    return kept
