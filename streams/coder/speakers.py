"""Resolves pronouns and tells, for each sentence, who speaks in it: in a quotation or in reported speech."""

from __future__ import annotations

from streams.coder.scene import Found, Scene, Token
from streams.coder.view import OBLIQUE

BACK = 3
"""Sentences back in which a pronoun's person is looked for."""
SUBJECT_REACH = 110
"""Characters between a speaker and the verb of speech ("Fidan, who had come from Doha, said")."""
INVERTED_REACH = 6
"""Characters between the verb and a speaker behind it: "said the Turkish minister"."""
TOPIC_REACH = 9
"""Characters at the beginning of a sentence that "For the" takes."""
INVERTING = (",", '"', "\u201d", "'", "\u2019", "?", "!", ", so", "; so")
"""What stands before a verb whose speaker comes behind it."""
RELATIVES = (", who ", ", which ", ", whose ")
DUMMY = frozenset(
    {
        "is",
        "was",
        "seems",
        "seemed",
        "takes",
        "took",
        "remains",
        "remained",
        "appears",
        "appeared",
        "rained",
    }
)
"""Verbs before which "it" mostly means nobody."""
OPENERS = frozenset({"but", "and", "so", "yet", "then", "instead", "still", "also", "later", "earlier", "now"})
ADVERBS = frozenset(
    {
        "also",
        "then",
        "later",
        "had",
        "has",
        "further",
        "even",
        "again",
        "however",
        "nevertheless",
        "once",
    }
)
GOES_ON = frozenset(
    {
        *("must", "should", "ought", "cannot", "would", "until", "unless", "without", "if", "once", "provided"),
    }
)
"""Words of will and condition: a sentence with one and without a subject goes on with what the one before told."""
OPEN_QUOTES, CLOSE_QUOTES = "\u201c\u201e", "\u201d"


def resolve_speech(scene: Scene) -> tuple[str | None, ...]:
    """Add the pronouns that stand for an actor and return the speaker of each sentence."""
    return _Speech(scene).run()


class _Speech:
    """Goes through the sentences with the last person, the last subject and the last speaker in mind."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        count = len(scene.document.sentences)
        self.found: list[list[Found]] = [[] for _ in range(count)]
        self.words: list[list[Token]] = [[] for _ in range(count)]
        for found in sorted(scene.found, key=lambda one: one.start):
            if not found.attributive:
                self.found[found.sentence].append(found)
        for token in scene.tokens:
            if token.entry.layer == "word":
                self.words[token.sentence].append(token)
        self.person: Found | None = None
        self.subject: Found | None = None
        self.speaker: tuple[str, int] | None = None

    def run(self) -> tuple[str | None, ...]:
        """Go through the document."""
        speakers: list[str | None] = []
        open_quote = False
        paragraph = -1
        for sentence in self.scene.document.sentences:
            if sentence.paragraph != paragraph:
                paragraph, open_quote = sentence.paragraph, False
            text = self.scene.document.words(sentence)
            quoted = open_quote or text[:1] in OPEN_QUOTES + '"'
            open_quote = _open_after(text, open_quote)
            index = sentence.index
            if self.words[index]:
                self._pronouns(index)
            code = self._speaker(index, quoted)
            speakers.append(code)
            if code is not None:
                self.speaker = (code, index)
            self._remember(index)
        return tuple(speakers)

    def _remember(self, index: int) -> None:
        """Keep the sentence's first subject and its last person for what follows."""
        people = [one for one in self.found[index] if one.form in {"person", "office"} and not one.plural]
        straight = [one for one in people if not self._is_oblique(one)]
        if people:
            # Who spoke is whom the next "he" means, rather than whoever the speaker talked of.
            said = [one for one in straight if self.speaker == (one.code, index)]
            self.person = (said or straight or people)[0]
        subjects = [one for one in self.found[index] if not self._is_oblique(one)]
        if subjects:
            self.subject = subjects[0]
        elif self.found[index] and self._is_topic(self.found[index][0], index):
            self.subject = self.found[index][0]

    def _is_topic(self, found: Found, index: int) -> bool:
        """Whether the sentence begins with the mention behind a small word: "For Amman the case is simple"."""
        return found.start - self.scene.document.sentences[index].start <= TOPIC_REACH

    def _pronouns(self, index: int) -> None:
        for token in self.words[index]:
            surface = token.entry.surface
            if surface not in {"he", "she", "it", "they"} or not self._acts(token, index):
                continue
            meant = self._meant(token, surface, index)
            if meant is None or meant.sentence < index - BACK:
                continue
            found = Found(token.start, token.end, meant.code, "pronoun", index, meant.level)
            self.scene.add(found)
            self.found[index].append(found)
            self.found[index].sort(key=lambda one: one.start)

    def _acts(self, token: Token, index: int) -> bool:
        """Whether the pronoun begins its sentence or stands beside a verb of speech."""
        text = self.scene.text
        before = text[self.scene.document.sentences[index].start : token.start].strip(" \"'\u201c\u2018,").lower()
        after = text[token.end : token.end + 24].split()
        if token.entry.surface == "it" and after and after[0].lower().strip(",.") in DUMMY:
            return False
        if not before or before in OPENERS:
            return True
        speech = [other for other in self.words[index] if other.entry.kind == "speech"]
        if token.entry.surface in {"he", "she"} and any(0 <= token.start - other.end <= 1 for other in speech):
            return True
        return any(_close(text[token.end : other.start]) for other in speech if other.start > token.end)

    def _meant(self, token: Token, surface: str, index: int) -> Found | None:
        earlier = [one for one in self.found[index] if one.end <= token.start and not self._is_oblique(one)]
        if surface in {"he", "she"}:
            people = [one for one in earlier if one.form in {"person", "office", "pronoun"} and not one.plural]
            return people[-1] if people else self.person
        if surface == "they":
            groups = [one for one in [*earlier, *([self.subject] if self.subject else [])] if _is_group(one)]
            return groups[0] if groups else None
        things = [one for one in earlier if one.form not in {"person", "pronoun"}]
        if things:
            return things[-1]
        return self.subject if self.subject is not None and self.subject.form != "person" else None

    def _speaker(self, index: int, quoted: bool) -> str | None:
        for token in self.words[index]:
            if token.entry.kind == "speech":
                code = self._subject_of(token, index)
                if code is not None:
                    return code
        announced = None if quoted else self._announced(index)
        if announced is not None or self.speaker is None or self.speaker[1] < index - BACK:
            return announced
        return self.speaker[0] if quoted or self._goes_on(index) else None

    def _announced(self, index: int) -> str | None:
        """Return who stands before a colon behind which somebody says "we": "A Greek official: we remain ready"."""
        we = next((token.start for token in self.words[index] if token.entry.surface in {"we", "our"}), None)
        if we is None:
            return None
        colon = self.scene.text.rfind(":", self.scene.document.sentences[index].start, we)
        before = [one for one in self.found[index] if one.end <= colon and not self._is_oblique(one)]
        return before[-1].code if before else None

    def _goes_on(self, index: int) -> bool:
        """Whether a sentence without quotes is still the last speaker's: "There can be no talks until then"."""
        words, sentences = self.words[index], self.scene.document.sentences
        if self.speaker is None or self.speaker[1] != index - 1:
            return False
        if sentences[index].paragraph != sentences[index - 1].paragraph:
            return False
        if any(token.entry.kind == "speech" for token in words):
            return False  # somebody says it whom no table names
        if any(not self._is_oblique(one) for one in self.found[index]):
            return False
        said = self.scene.document.words(sentences[index]).lower().split()
        return not GOES_ON.isdisjoint(word.strip(".,;:?!\"'") for word in said)

    def _subject_of(self, verb: Token, index: int) -> str | None:
        """Return the actor who says what ``verb`` reports: before it, or behind it where it is inverted."""
        text = self.scene.text
        behind = [one for one in self.found[index] if 0 <= one.start - verb.end <= INVERTED_REACH]
        if behind and verb.entry.surface == "according to":
            return behind[0].code
        start = self.scene.document.sentences[index].start
        lead = text[start : verb.start].rstrip()
        if behind and lead.endswith(INVERTING):
            return behind[0].code
        reached = start + _main_clause(lead)
        before = [
            one
            for one in self.found[index]
            if one.end <= reached
            and 0 <= verb.start - one.end <= SUBJECT_REACH
            and not self._is_oblique(one)
            and not _quoted(text, one, verb)
        ]
        return before[-1].code if before else None

    def _is_oblique(self, found: Found) -> bool:
        words = self.scene.text[max(0, found.start - 20) : found.start].lower().split()
        if words and words[-1] in {"the", "its", "his", "a", "an"}:
            words.pop()
        return bool(words) and words[-1] in OBLIQUE


def _main_clause(lead: str) -> int:
    """Return where a relative clause before the verb begins: "Stoenescu, who met Jamous, wrote"."""
    if not lead.endswith(","):
        return len(lead)
    begins = max(lead.rfind(word) for word in RELATIVES)
    return begins if begins > 0 else len(lead)


def _is_group(found: Found) -> bool:
    return found.plural or found.code.endswith(("-OPP", "-NGO"))


def _close(gap: str) -> bool:
    return all(word in ADVERBS for word in gap.lower().split()) and len(gap) < 30


def _quoted(text: str, found: Found, verb: Token) -> bool:
    """Whether a quotation ends between the mention and the verb: the one named in it does not speak it."""
    gap = text[found.end : verb.start]
    return any(mark in gap for mark in '"\u201d')


def _open_after(text: str, open_before: bool) -> bool:
    """Whether a quotation is open at the end of ``text``."""
    if '"' not in text and OPEN_QUOTES[0] not in text and CLOSE_QUOTES not in text:
        return open_before
    for letter in text:
        if letter == '"':
            open_before = not open_before
        elif letter in OPEN_QUOTES:
            open_before = True
        elif letter in CLOSE_QUOTES:
            open_before = False
    return open_before
