"""What the encoder reads: an article's tokens with every actor hidden behind a marker.

Training and run time both build their passages here, so that the model always sees the same form. A
document is tokenised once (``script``); each watch then only gives the actors their roles (``passages``).
The first sides of a watch become ``[s1]`` and ``[s2]``, all other actors ``[o1]``, ``[o2]`` …, so that the
model learns constructions and not countries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.coder.model import ActorMention, Actors, Document

Ints = npt.NDArray[np.int64]

SIDE_MARKERS = ("[s1]", "[s2]")
OTHER_MARKERS = tuple(f"[o{number}]" for number in range(1, 13))
"""Twelve others: no development article names more actors that hold a stance."""
CROWD_MARKER = "[ox]"
"""An actor beyond the twelfth: it is read as an actor, and not scored."""
SENTENCE_MARKER, TITLE_MARKER, CARRY_MARKER, SLOT_MARKER = "[e]", "[t]", "[says]", "[slot]"
MARKERS = (*SIDE_MARKERS, *OTHER_MARKERS, CROWD_MARKER, SENTENCE_MARKER, TITLE_MARKER, CARRY_MARKER, SLOT_MARKER)

PASSAGE_TOKENS = 400
"""Tokens of one pass. The base model's positions end at 512 and time grows with the square of the length;
nine in ten development articles fit one pass of 400."""

KNOWN_WORDS = 20_000
"""Words whose tokens are kept: a language's common ones and the names of the day, in some 5 MB. A word that is kept
costs a twentieth of one that is not."""

BLOCS = frozenset({"EU", "UN", "LAS", "GCC", "NATO", "AU", "ASEAN", "OIC", "CARICOM", "ECOWAS", "OAS", "SAARC", "IGAD"})
MOVEMENTS = frozenset({"HZB", "HMS"})
PARTS = {"OPP": "opposition", "NGO": "group", "KRD": "region"}
LEVELS = {"leader": "president", "minister": "minister", "official": "official", "unknown": ""}

CONDITIONS = """
if unless until provided once before only conditional condition conditions contingent depends depend
hinges subject pending must first requires require demands demand demanded demanding insists
insisted insist whenever prerequisite precondition preconditions reciprocate reciprocal exchange
should
"""
REFUSALS = """
no not never nor neither without cannot t won refuse refused refuses refusing refusal reject
rejected rejects rejecting rejection deny denied denies denying ruled rule oppose opposed opposes
opposing against condemn condemned condemns condemning halt halted halts suspend
suspended suspends suspending cancel cancelled canceled cancels postpone postponed postpones shelved
scrapped withdrew dismissed boycott boycotted block blocked blocks veto vetoed blocking expelled
severed closed isolate isolation
"""
PROPOSALS = """
could may might would propose proposed proposes proposal proposals suggest suggested suggests offer
offered offers offering hope hoped hopes hoping urge urged urges urging call called calls calling
invite invited invites ready willing want wants wanted wish wishes seek seeks seeking consider
considering consideration possible
"""
PLANS = """
will shall plan planned plans planning next due expected scheduled prepare preparing preparations
soon upcoming agreed tomorrow later intends intend intention pledge pledged pledges promised promise
vowed set
"""
WELCOMES = """
welcome welcomed welcomes welcoming praise praised praises support supported supports supporting
back backed backs backing hail hailed hails applaud applauded thank thanked thanks congratulated
endorse endorsed resume resumed resumes reopen reopened reopens restore restored restores restoring
normalize normalise thaw
"""
CUES: dict[str, int] = {
    word: number
    for number, words in enumerate((CONDITIONS, REFUSALS, PROPOSALS, PLANS, WELCOMES), start=1)
    for word in words.split()
}
"""Words that bend what a sentence claims, by class: the model gets the class beside the word, so that what
it learns of one word of a class holds for the others."""
MARKER_CLASS = 1 + max(CUES.values())
"""From here on every marker has a class of its own: what is learned of markers lies in the table of classes,
and the base model's table of words stays as it is."""
CUE_CLASSES = MARKER_CLASS + len(MARKERS)


@dataclass(frozen=True)
class Script:
    """A document's tokens before anybody has a role.

    ``tokens`` holds ``[slot]`` where an actor stands; ``slots`` names, in the same order, the actor and
    whether the place counts for it. ``starts`` is where each sentence (title first) begins in ``tokens``.
    """

    tokens: Ints
    slots: tuple[tuple[str, bool], ...]
    starts: tuple[int, ...]
    sentences: tuple[int, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """One pass through the encoder.

    ``sentence`` and ``actor`` give for every token the row of its sentence and of its actor (-1: none);
    ``sentences`` are the document's sentence numbers by row, ``actors`` the codes by row, sides first.
    """

    tokens: Ints
    sentence: Ints
    actor: Ints
    sentences: tuple[int, ...]
    actors: tuple[str, ...]
    titled: bool
    """Whether the first row is the title: it is read, but quoted as evidence only where nothing else is there."""


class Markers:
    """The tokenizer's numbers of the markers, looked up once, and the cue class of every token."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self._pieces = lru_cache(maxsize=KNOWN_WORDS)(partial(_pieces, tokenizer))
        self.sides = [tokenizer.token_to_id(marker) for marker in SIDE_MARKERS]
        self.others = [tokenizer.token_to_id(marker) for marker in OTHER_MARKERS]
        self.crowd = tokenizer.token_to_id(CROWD_MARKER)
        self.slot = tokenizer.token_to_id(SLOT_MARKER)
        self.breaks = np.array([tokenizer.token_to_id(SENTENCE_MARKER), tokenizer.token_to_id(TITLE_MARKER)])
        self.first = tokenizer.token_to_id("[CLS]")
        self.last = tokenizer.token_to_id("[SEP]")
        self.cues = np.zeros(tokenizer.get_vocab_size(), dtype=np.int64)
        for word, cue in CUES.items():
            number = tokenizer.token_to_id(word)
            if number is not None:
                self.cues[number] = cue
        for number, marker in enumerate(MARKERS):
            self.cues[tokenizer.token_to_id(marker)] = MARKER_CLASS + number

    def tokens(self, text: str) -> Ints:
        """Return the tokens of ``text``: a word has the same wherever it stands, and most were met before."""
        return np.array([token for word in text.split(" ") for token in self._pieces(word)], dtype=np.int64)


def _pieces(tokenizer: Any, word: str) -> tuple[int, ...]:
    return tuple(tokenizer.encode(word, add_special_tokens=False).ids)


def mark(document: Document, actors: Actors) -> tuple[str, list[tuple[str, bool]], list[int]]:
    """Return the document as text with slots, who stands in each slot, and the sentence numbers in order."""
    by_sentence: dict[int, list[ActorMention]] = {}
    for mention in actors.mentions:
        by_sentence.setdefault(mention.sentence, []).append(mention)
    acting = {mention.code for mention in actors.mentions if not mention.attributive}
    pieces: list[str] = []
    slots: list[tuple[str, bool]] = []
    numbers: list[int] = []
    for sentence in document.sentences:
        mentions = by_sentence.get(sentence.index, [])
        numbers.append(sentence.index)
        pieces.append(TITLE_MARKER if sentence.is_title else SENTENCE_MARKER)
        speaker = actors.speakers[sentence.index] if sentence.index < len(actors.speakers) else None
        if speaker is not None and all(mention.code != speaker for mention in mentions):
            pieces.append(f"{SLOT_MARKER} {CARRY_MARKER}")
            slots.append((speaker, True))
        position = sentence.start
        for mention in mentions:
            if mention.start < position:
                continue
            pieces.append(_plain(document.clean[position : mention.start]))
            pieces.append(f"{SLOT_MARKER} {_kind(document, mention)}")
            slots.append((mention.code, not mention.attributive or mention.code not in acting))
            position = mention.end
        pieces.append(_plain(document.clean[position : sentence.end]))
    return " ".join(pieces), slots, numbers


def script(document: Document, actors: Actors, markers: Markers) -> Script:
    """Tokenise ``document`` with its actors as slots."""
    text, slots, numbers = mark(document, actors)
    tokens = markers.tokens(text)
    starts = np.flatnonzero((tokens == markers.breaks[0]) | (tokens == markers.breaks[1]))
    codes = tuple(dict.fromkeys(code for code, _ in slots))
    return Script(tokens, tuple(slots), tuple(starts.tolist()), tuple(numbers), codes)


def passages(
    source: Script, sides: Sequence[str], markers: Markers, *, others: Sequence[str] = (), limit: int = PASSAGE_TOKENS
) -> list[Passage]:
    """Return the passes of ``source`` for a watch with ``sides``.

    ``others`` sets the order of the other actors (training shuffles it); by default they are numbered as
    they are first named. A text longer than ``limit`` tokens is cut at sentences into even windows that
    share a sentence and repeat the title.
    """
    order = list(sides) + [code for code in (others or source.codes) if code not in sides]
    scored = order[: len(sides) + len(OTHER_MARKERS)]
    rows = {code: row for row, code in enumerate(scored)}
    ids = dict(zip(scored, [*markers.sides[: len(sides)], *markers.others], strict=False))
    tokens = source.tokens.copy()
    actor = np.full(len(tokens), -1, dtype=np.int64)
    for place, (code, counts) in zip(np.flatnonzero(tokens == markers.slot).tolist(), source.slots, strict=True):
        tokens[place] = ids.get(code, markers.crowd)
        if counts:
            actor[place] = rows.get(code, -1)
    return [_window(source, tokens, actor, window, tuple(scored), markers) for window in windows(source, limit - 2)]


def inputs(passage: Passage, markers: Markers) -> list[Ints]:
    """Return a passage as the model's inputs, a batch of one: the two last name the rows to answer for."""
    rows = (passage.tokens, markers.cues[passage.tokens], passage.sentence, passage.actor)
    return [row[None] for row in rows] + [np.arange(len(passage.sentences)), np.arange(len(passage.actors))]


def windows(source: Script, limit: int) -> list[list[int]]:
    """Return the sentence rows of each pass: all of them, or even windows with the title repeated."""
    ends = [*source.starts[1:], len(source.tokens)]
    lengths = [end - start for start, end in zip(source.starts, ends, strict=True)]
    if sum(lengths) <= limit:
        return [list(range(len(lengths)))]
    title, body = lengths[0], lengths[1:]
    count = -(-sum(body) // max(1, limit - title))
    while True:
        share = sum(body) / count
        cuts: list[list[int]] = [[] for _ in range(count)]
        reached = 0
        for row, length in enumerate(body, start=1):
            cuts[min(count - 1, int((reached + length / 2) / share))].append(row)
            reached += length
        found = [[0, *([cut[0] - 1] if cut[0] > 1 else []), *cut] for cut in cuts if cut]
        if count >= len(body) or all(sum(lengths[row] for row in rows) <= limit for rows in found):
            return found
        count += 1


def _window(
    source: Script, tokens: Ints, actor: Ints, rows: Sequence[int], actors: tuple[str, ...], markers: Markers
) -> Passage:
    """Cut the sentences ``rows`` out, cap what is longer than the positions allow, add the frame."""
    ends = [*source.starts[1:], len(source.tokens)]
    places = np.concatenate([np.arange(source.starts[row], ends[row]) for row in rows])[:POSITIONS]
    sentence = np.repeat(np.arange(len(rows)), [ends[row] - source.starts[row] for row in rows])[:POSITIONS]
    edge = np.array([-1])
    return Passage(
        tokens=np.concatenate([[markers.first], tokens[places], [markers.last]]),
        sentence=np.concatenate([edge, sentence, edge]),
        actor=np.concatenate([edge, actor[places], edge]),
        sentences=tuple(source.sentences[row] for row in rows[: int(sentence[-1]) + 1]),
        actors=actors,
        titled=bool(tokens[source.starts[rows[0]]] == markers.breaks[1]),
    )


POSITIONS = 510
"""What the base model's 512 positions leave beside the frame: a sentence longer than that is cut short."""


def _plain(text: str) -> str:
    """Keep the text's own brackets from being read as markers."""
    return text.replace("[", "(").replace("]", ")")


def _kind(document: Document, mention: ActorMention) -> str:
    """Return the word that tells what kind of actor stands in a slot."""
    part = PARTS.get(mention.code.partition("-")[2])
    if part is not None:
        return part
    if mention.form == "pronoun":
        return _plain(document.clean[mention.start : mention.end]).lower()
    if mention.code in MOVEMENTS:
        return "movement"
    if mention.code in BLOCS:
        return "bloc"
    if mention.form in ("person", "office"):
        return LEVELS[mention.level]
    return {"capital": "capital", "body": "government"}.get(mention.form, "")
