"""The coder: one article in, stances and mentions out, for every watch that its actors touch.

A cascade, cheapest first: gate, cleaning and sentences, actors, the reader, steps, stances, evidence. It is
pure: the same article gives the same records, ids included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import msgspec

from streams.coder.actors import find_actors
from streams.coder.cues import cue_surfaces, index_cues
from streams.coder.date_book import DateBook
from streams.coder.date_choice import Weights, date_of, load_weights
from streams.coder.document import prepare
from streams.coder.evidence import evidence_of
from streams.coder.gate import Gate, Glance, touched
from streams.coder.lexicon import Lexicon
from streams.coder.model import Document, Reader, Reading
from streams.coder.stances import Settled, settle_stances
from streams.coder.steps import AGAIN, STEP_THRESHOLD, Step, settle_steps
from streams.coder.subject import spoken_of
from streams.coder.view import Frame, make_views
from streams.coder.watch_words import names_first, with_words
from streams.ledger.signature import signature
from streams.records import Article, Coding, Mention, Outcome, Stance, stable_id
from streams.watches.model import Watch
from streams.watches.registry import WORLD, expand_world, resolve

MAX_LETTERS = 60_000
"""Letters of an article that are read: ten thousand words, more than the longest reports of newspapers have. What
is longer is a book or a broken page; its beginning is read, and offsets hold as they are."""
LANGUAGE = "en"
"""The language that the lexicon, the cues and the readers know."""


@dataclass(frozen=True, slots=True)
class ArticleCoding:
    """What became of an article on one watch: the outcome, and its records."""

    coding: Coding
    stances: tuple[Stance, ...] = ()
    mentions: tuple[Mention, ...] = ()


def load_lexicon() -> Lexicon:
    """Return the bundled lexicon with the cues in the same automaton."""
    return Lexicon.load(cue_surfaces())


class Coder:
    """Codes articles for a set of watches with one reader."""

    def __init__(
        self,
        reader: Reader,
        lexicon: Lexicon,
        watches: Sequence[Watch],
        *,
        watches_dir: Path | None = None,
        dates: Weights | None = None,
    ) -> None:
        """Take the watches of articles that ask for none; ``watches_dir`` holds a user's own.

        ``dates`` are the weights that dates are chosen by, those that are bundled unless given.
        """
        self._reader = reader
        self._watches_dir = watches_dir
        self._lexicon = lexicon
        self._watches = tuple(watches)
        self._gate = Gate(lexicon)
        self._dates = load_weights() if dates is None else dates

    @property
    def reader(self) -> str:
        """The name of the reader."""
        return self._reader.name

    def code(self, article: Article) -> list[ArticleCoding]:
        """Return one coding for each watch that the article asks for or touches; one without a watch if none.

        Raises ``InputError`` where the article asks for a watch that does not exist.
        """
        if len(article.text) > MAX_LETTERS:
            article = msgspec.structs.replace(article, text=article.text[:MAX_LETTERS])
        glance = self._gate.glance(article)
        asked = [resolve(name, self._watches_dir) for name in article.watches]
        concerned = self._concerned(article, asked or self._watches, glance) if glance.diplomacy else []
        missed = [watch.id for watch in asked if watch not in concerned and watch.id != WORLD]
        codings = [_empty(article, name, "not_concerned") for name in missed]
        if concerned:
            codings += self._read(article, concerned, asked=bool(asked))
        return codings or [_empty(article, None, "not_concerned")]

    def _concerned(self, article: Article, watches: Sequence[Watch], glance: Glance) -> list[Watch]:
        """Return the watches that the article's actors touch, by the lexicon's names or by the watch's own."""
        asked = bool(article.watches)
        candidates = self._expand(watches, glance.codes)
        found = touched(candidates, glance.codes, asked=asked)
        worded = [watch for watch in candidates if watch.words and watch not in found]
        if not worded:
            return found
        text = f"{article.title}\n{article.text}"
        named = [watch for watch in worded if names_first(watch, text)]
        return found + [watch for watch in named if touched([watch], [*glance.codes, watch.first], asked=asked)]

    def _expand(self, watches: Sequence[Watch], codes: Sequence[str]) -> list[Watch]:
        """Return ``watches`` with ``world`` written out as the pairs of the article's states."""
        plain = [watch for watch in watches if watch.id != WORLD]
        if len(plain) == len(watches):
            return plain
        known = {frozenset(watch.sides) for watch in plain if watch.is_pair}
        return plain + [watch for watch in expand_world(codes) if frozenset(watch.sides) not in known]

    def _read(self, article: Article, watches: Sequence[Watch], *, asked: bool) -> list[ArticleCoding]:
        document = prepare(article)
        if document.language != LANGUAGE:
            return [_empty(article, watch.id, "other_language") for watch in watches]
        hits = self._lexicon.scan(document.clean)
        actors = find_actors(document, self._lexicon, hits)
        if not asked:
            watches = spoken_of(actors, watches)
        index = index_cues(document, hits)
        views = make_views(document, actors, index)
        sign = cache(partial(signature, article.text))
        settle = partial(_settle, article, sign, DateBook(document), self._dates)
        plain = [watch for watch in watches if not watch.words]
        codings = {
            reading.watch.id: settle(Frame(reading.watch, views, actors), reading)
            for reading in (self._reader.read(document, actors, plain, views) if plain else ())
        }
        for watch in watches:
            if watch.words:
                seen = with_words(document, actors, watch)
                shown = make_views(document, seen, index)
                reading = self._reader.read(document, seen, [watch], shown)[0]
                codings[watch.id] = settle(Frame(watch, shown, seen), reading)
        return [codings[watch.id] for watch in watches]


def _settle(
    article: Article, sign: Callable[[], str], book: DateBook, dates: Weights, frame: Frame, reading: Reading
) -> ArticleCoding:
    document = book.document
    bar, again = reading.notes.get("step", STEP_THRESHOLD), reading.notes.get("again", AGAIN)
    steps = settle_steps(frame, reading.steps, partial(date_of, book, frame, dates), bar, again)
    stances = settle_stances(frame, reading, steps)
    named = [frame.named(view.sentence.index) for view in frame.views]
    watch = reading.watch.id
    made_stances = tuple(_stance(article, watch, document, stance, named) for stance in stances)
    made_mentions = tuple(
        _mention(article, watch, document, step, named, sign(), number) for number, step in enumerate(steps)
    )
    outcome: Outcome = "relevant" if made_stances or made_mentions else "not_relevant"
    coding = Coding(
        article_id=article.id,
        watch=watch,
        outcome=outcome,
        stances=tuple((stance.holder, stance.stance) for stance in made_stances),
        mentions=len(made_mentions),
        published_at=article.published_at,
        origin=article.origin,
    )
    return ArticleCoding(coding, made_stances, made_mentions)


def _empty(article: Article, watch: str | None, outcome: Outcome) -> ArticleCoding:
    return ArticleCoding(
        Coding(
            article_id=article.id,
            watch=watch,
            outcome=outcome,
            published_at=article.published_at,
            origin=article.origin,
        )
    )


def _stance(article: Article, watch: str, document: Document, stance: Settled, named: list[frozenset[str]]) -> Stance:
    return Stance(
        id=stable_id(article.id, watch, "stance", stance.holder, stance.stance),
        watch=watch,
        article_id=article.id,
        title=article.title,
        source=article.source,
        url=article.url,
        published_at=article.published_at,
        origin=article.origin,
        confidence=round(stance.confidence, 3),
        evidence=evidence_of(document, stance.sentence, [stance.holder], named),
        reasons=stance.reasons,
        holder=stance.holder,
        stance=stance.stance,
        basis=stance.basis,
    )


def _mention(
    article: Article,
    watch: str,
    document: Document,
    step: Step,
    named: list[frozenset[str]],
    print_of_text: str,
    number: int,
) -> Mention:
    return Mention(
        id=stable_id(article.id, watch, step.type, "+".join(step.parties), step.date, number),
        watch=watch,
        article_id=article.id,
        title=article.title,
        source=article.source,
        url=article.url,
        published_at=article.published_at,
        origin=article.origin,
        confidence=round(step.probability, 3),
        evidence=evidence_of(document, step.sentence, step.parties, named),
        reasons=step.reasons,
        type=step.type,
        parties=step.parties,
        mediators=step.mediators,
        status=step.status,
        date=step.date,
        level=step.level,
        signature=print_of_text,
    )
