"""The numbers by which sentences are paired, in one place.

How they were tuned: on the development half of hand-aligned real revisions (29 press articles, news posts and encyclopedia
pages, two careful readers), looking at F1 of changed pairs, moves, and splits and merges. The form of the scores was found by logistic
regression over the candidates left after the exact anchors; its weights were rounded, then each number was varied alone. Two further
sets of hand-aligned texts (news revisions; essays) served as guards. Numbers that changed nothing when varied stand at a round value
inside their plateau. tests/differ/test_align.py holds the cases that they must keep right.
"""

from __future__ import annotations

from typing import Final

# --- words -----------------------------------------------------------------------------------------------------
STEM: Final = 5            # characters of a word that count: "Democrat" is "Democratic". 4 to 7 alike, whole words worse
SAMPLE: Final = 5          # every fifth anchor tells how common words are; all of them do no better, none does worse
SHORT_LENGTH: Final = 3    # words of up to so many letters are mostly grammar
SHORT_WEIGHT: Final = 0.35  # what such a word weighs beside a longer one as rare

# --- one to one: evidence = similarity + where the two stand ------------------------------------------------------
SURE: Final = 0.6          # similarity that pairs two sentences wherever they stand; these join the anchors
EVIDENCE: Final = 0.2      # evidence needed by all others
FLOOR: Final = 0.15        # similarity below which no place helps
BESIDE: Final = 0.16       # bonus: their nearest paired neighbours on one side are each other's partners
BETWEEN: Final = 0.1       # further bonus: on both sides
INSIDE: Final = 0.14       # malus inside a gap of the chain; smaller gaps are better evidence, see CROWD
CROWD: Final = 0.035       # malus for each doubling of the (old, new) choices in the gap
FAR: Final = 5.0           # doublings counted for a pair across gaps
MARGIN: Final = 0.1        # weight of the lead over the second best, for each side

# --- splits and merges: a leftover against what its neighbour's partner leaves unexplained ---------------------------
NEAR: Final = 4            # sentences between a part and the next part of the same whole, at most; 4 to 6 alike
PART: Final = 0.38         # evidence for a part that has no partner; 0.36 to 0.42 alike on press text, essays want 0.7, plain language 0.3
OWN: Final = 0.8           # weight of the part's share in the whole
SHARE: Final = 0.27        # of its own words that a part must share, 0.25 to 0.3 alike: a new sentence often takes up a few
FAR_PART: Final = 0.75      # the same for one that stands farther off
REGROUPED: Final = 0.6     # evidence for a further pair between two that have partners
LEAST: Final = 0.7         # weight of shared words below which nothing is a part
SLACK: Final = 0.9         # a bound by different words may be so much lower than the score, which counts repeated ones too
EXPLAINED: Final = 0.85    # two that are so like their first partners have nothing left to regroup

# --- limits ----------------------------------------------------------------------------------------------------
CELLS: Final = 4_200_000   # (old, new) choices weighed at once: 2,000 x 2,000 and some; more are cut into stretches
CANDIDATES: Final = 32     # best choices kept for each sentence where very many are alike
DENSE: Final = 8_000_000   # sentences x different words held as one table (32 MB); beyond, word by word
DRIFT: Final = 1e-3        # what standing at an unlike place counts there; less than any real difference
LCS_CELLS: Final = 4_000_000  # words x words compared in order inside one pair; beyond, by count
