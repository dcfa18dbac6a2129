"""One sentence as the rules see it: its cues, its actors, its clauses, and what it has to do with a watch."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from streams.coder.cues import CueHit, CueIndex
from streams.coder.masked import Word, masked_words
from streams.coder.model import ActorMention, Actors, Document, Sentence
from streams.watches.model import Watch

BREAK = re.compile(r"[;:()—\n,]")
"""Characters that part clauses wherever they stand; a comma does so only before a word that begins one."""
BEGINNINGS = (" and ", " but ", " or ", " so ")
"""Words that begin a clause behind a comma."""
OBLIQUE = frozenset(
    (
        *("with", "to", "from", "of", "in", "at", "against", "between", "by", "for", "on", "toward", "towards"),
        *("into", "after", "before", "over", "about", "among", "via", "near", "under", "than", "including"),
        *("within", "upon"),
    )
)
"""Words that make the name behind them something else than the subject."""
EPITHETS = frozenset(
    (
        *("foe", "ally", "neighbour", "neighbor", "neighbouring", "neighboring", "rival", "arch-rival", "nearby"),
        *("northern", "southern", "eastern", "western", "central", "former", "fellow"),
    )
)
"""Words between a preposition and a name: "with foe Syria", "in northern Syria"."""
SPEAKS_FOR = frozenset(
    (
        *("delegation", "team", "side", "position", "stance", "policy", "view", "response", "statement", "line"),
        *("government", "negotiators", "representatives", "leaders", "leadership", "officials", "spokesman"),
    )
)
"""Nouns that speak for whoever owns them: "the Union's stance"."""
PLACES = frozenset({"capital", "name", "demonym"})
"""Forms of mentions that can name a place."""
DETERMINERS = frozenset({"the", "its", "a", "an", "his", "their", "her"})
OBJECT_GAP = 5
"""Letters between a verb and its object: a blank and an article."""
JOINTS = frozenset({"and", "or", "nor", "well"})
"""Words of which a list has one."""
LIST_GLUE = frozenset({"and", "or", "nor", "the", "as", "well", "also", "both", "of", ""})
"""Words that may stand between the members of one list of actors."""
MAX_MENTIONS = 60
"""Mentions that are kept of one sentence: a list of all member states has some twenty to fifty."""
MAIN = 2
"""Mentions that the partner whom an article is about has at least."""
REACH_BACK = 2
"""Sentences that the thread of a text carries on without naming its actors anew."""


@dataclass(frozen=True)
class View:
    """A sentence with its cues, its mentions of actors, and where its clauses begin."""

    document: Document
    sentence: Sentence
    cues: Sequence[CueHit]
    mentions: Sequence[ActorMention]
    speaker: str | None

    @cached_property
    def text(self) -> str:
        """The sentence's cleaned words."""
        return self.document.words(self.sentence)

    @cached_property
    def clauses(self) -> Sequence[int]:
        """Where clauses begin, as offsets into the document."""
        words, sentence = self.document.clean, self.sentence
        starts = {sentence.start} | {hit.start for hit in self.of("clause")}
        for found in BREAK.finditer(words, sentence.start, sentence.end):
            if found.group() != "," or words.startswith(BEGINNINGS, found.end()):
                starts.add(found.end())
        return sorted(starts)

    @cached_property
    def masked(self) -> list[Word]:
        """The sentence's words with its actors, names, numbers and dates masked."""
        names = [(mention.start, mention.end) for mention in self.mentions if mention.form != "pronoun"]
        document, sentence = self.document, self.sentence
        return masked_words(document.clean, sentence.start, sentence.end, names, document.published.year)

    @cached_property
    def memo(self) -> dict[object, Any]:
        """What has been worked out on the sentence: it is asked for again by every watch and reader."""
        return {}

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes that the sentence names (whatever their form)."""
        return frozenset(mention.code for mention in self.mentions)

    @cached_property
    def by_kind(self) -> Mapping[str, Sequence[CueHit]]:
        """The sentence's cues by kind, in order."""
        found: dict[str, list[CueHit]] = {}
        for hit in self.cues:
            found.setdefault(hit.cue.kind, []).append(hit)
        return found

    def of(self, kind: str, value: str | None = None) -> Sequence[CueHit]:
        """Return the cues of ``kind`` (and ``value``), in order."""
        found = self.by_kind.get(kind, ())
        return found if value is None or not found else [hit for hit in found if hit.cue.value == value]

    def clause(self, position: int) -> tuple[int, int]:
        """Return the span of the clause that holds ``position``."""
        place = bisect_right(self.clauses, position) - 1
        end = self.clauses[place + 1] if place + 1 < len(self.clauses) else self.sentence.end
        return self.clauses[max(place, 0)], end

    def actors(self) -> list[ActorMention]:
        """Return the mentions that can act: not those of "Syrian refugees"."""
        return [mention for mention in self.mentions if not mention.attributive]

    def words_before(self, position: int) -> list[str]:
        """Return the words shortly before ``position`` as they stand, articles and possessives left out."""
        words = self.document.clean[max(self.sentence.start, position - 40) : position].split()
        return [word for word in words if word.lower() not in DETERMINERS]

    def word_before(self, position: int) -> str:
        """Return the word that ends before ``position`` in lower case, articles passed over."""
        words = self.words_before(position)
        return words[-1].lower() if words else ""

    def is_oblique(self, mention: ActorMention) -> bool:
        """Whether the mention is no subject: "with Syria", "with foe Syria", "Syria's", "met Assad"."""
        behind = self.document.clean[mention.end : mention.end + 30]
        if behind.startswith("'s"):
            possessed = behind[2:].split()
            return not (possessed and possessed[0].strip(".,") in SPEAKS_FOR)
        words = self.words_before(mention.start)
        last = words[-1] if words else ""
        if last.lower() in OBLIQUE:
            return True
        if len(words) > 1 and last in EPITHETS and words[-2].lower() in OBLIQUE:
            return True
        return any(
            0 <= mention.start - hit.end <= OBJECT_GAP
            and hit.cue.kind in ("step", "act", "stance")
            # "X condemned it, Tehran mocked it": what stands behind a comma is no object.
            and "," not in self.document.clean[hit.end : mention.start]
            for hit in self.cues
            if hit.cue.form != "fixed"
        )

    def is_place(self, mention: ActorMention) -> bool:
        """Whether the mention says where something is: "in Muscat", "in the Serbian capital"."""
        behind = self.document.clean[mention.end : mention.end + 8]
        before = self.document.clean[max(0, mention.start - 10) : mention.start]
        if before.endswith("capital, "):
            return True
        if mention.form == "demonym" and behind == " capital":
            return True
        return mention.form in PLACES and self.word_before(mention.start) in ("in", "at", "near")

    def group(self, mention: ActorMention) -> list[ActorMention]:
        """Return the list of actors that ``mention`` is part of ("Riyadh, Doha and Cairo"), itself included."""
        ordered = list(self.actors())
        if mention not in ordered:
            return [mention]
        place = ordered.index(mention)
        first = last = place
        while first > 0 and self._glued(ordered[first - 1], ordered[first]):
            first -= 1
        while last + 1 < len(ordered) and self._glued(ordered[last], ordered[last + 1]):
            last += 1
        # Commas alone make no list: "In Ankara, Russia said".
        if not any(self._joined(ordered[i], ordered[i + 1]) for i in range(first, last)):
            return [mention]
        return ordered[first : last + 1]

    def _joined(self, left: ActorMention, right: ActorMention) -> bool:
        gap = self.document.clean[left.end : right.start].lower().replace(",", " ").split()
        return not JOINTS.isdisjoint(gap)

    def is_subject(self, mention: ActorMention) -> bool:
        """Whether the mention can be a subject: neither it nor the list that it is part of is oblique."""
        return not self.is_oblique(mention) and not self.is_oblique(self.group(mention)[0])

    def _glued(self, left: ActorMention, right: ActorMention) -> bool:
        gap = self.document.clean[left.end : right.start].lower().replace(",", " ")
        return len(gap) < 20 and all(word in LIST_GLUE for word in gap.split()) and gap.strip(" ") != "of the"


@dataclass(frozen=True)
class Frame:
    """A document on one watch: whose sentences they are."""

    watch: Watch
    views: Sequence[View]
    actors: Actors

    @cached_property
    def sides(self) -> frozenset[str]:
        """The codes of the watch's named sides."""
        return frozenset(self.watch.sides)

    @cached_property
    def partners(self) -> frozenset[str]:
        """Who can be the other side: for a pair its second side, else any state or body but inside and allies."""
        if self.watch.second is not None:
            return frozenset(self.watch.sides)
        day = self.views[0].document.published.date() if self.views else None
        shut_out = {*self.watch.inside, self.watch.first}
        return frozenset(
            code
            for code in self.actors.codes()
            if code not in shut_out and "-" not in code and day is not None and not self.watch.allied(code, day)
        )

    @cached_property
    def main_partner(self) -> str | None:
        """The partner that most mentions of partners name, where one has half of them."""
        counts = Counter(mention.code for mention in self.actors.mentions if mention.code in self.partners)
        if not counts:
            return None
        code, count = counts.most_common(1)[0]
        return code if count >= MAIN and 2 * count >= sum(counts.values()) else None

    @cached_property
    def by_code(self) -> Mapping[str, Sequence[ActorMention]]:
        """The document's mentions by the actor that they name."""
        found: dict[str, list[ActorMention]] = {}
        for mention in self.actors.mentions:
            found.setdefault(mention.code, []).append(mention)
        return found

    @cached_property
    def focus(self) -> float:
        """The share of the document's actor mentions that name a side: how much it is about the watch."""
        counts = Counter(mention.code for mention in self.actors.mentions)
        total = sum(counts.values())
        return sum(counts[side] for side in self.sides) / total if total else 0.0

    def named(self, index: int) -> frozenset[str]:
        """Return the codes that sentence ``index`` names (whatever their form)."""
        return self.views[index].codes

    def recent(self, index: int) -> frozenset[str]:
        """Return the codes named shortly before sentence ``index``."""
        found: frozenset[str] = frozenset()
        for before in range(max(0, index - REACH_BACK), index):
            found |= self.named(before)
        return found


def make_views(document: Document, actors: Actors, index: CueIndex) -> tuple[View, ...]:
    """Return one view a sentence."""
    mentions: list[list[ActorMention]] = [[] for _ in document.sentences]
    for mention in actors.mentions:
        before = mentions[mention.sentence][-1:]
        if len(mentions[mention.sentence]) >= MAX_MENTIONS:
            continue
        if before and mention.form == "office" and document.clean[before[0].end : mention.start] == "'s ":
            mention = replace(mention, code=before[0].code)
        mentions[mention.sentence].append(mention)
    return tuple(
        View(
            document=document,
            sentence=sentence,
            cues=index.by_sentence[sentence.index],
            mentions=mentions[sentence.index],
            speaker=actors.speakers[sentence.index] if sentence.index < len(actors.speakers) else None,
        )
        for sentence in document.sentences
    )
