"""Carries offices, bodies, oppositions and associations that stand without a country to the actor they belong to.

"The foreign minister", "his office", "parliament", "the opposition": the last actor with that office, else
the state whose turn it is in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from streams.coder.binding import SUFFIX
from streams.coder.choice import choose, word_before
from streams.coder.model import ActorForm
from streams.coder.people import name_after, name_before, rebind, remember
from streams.coder.scene import Found, Scene, Token
from streams.coder.selfnamed import group_span, party_span
from streams.coder.tables import Entry
from streams.coder.view import OBLIQUE
from streams.watches.codes import STATES

MEMORY = 40
"""Sentences back in which "the foreign minister" is still the one named before."""
BACK = 3
"""Sentences back in which the last state in subject position still has its turn."""
TITLE_GAP = 9
"""Characters between an office and the person who holds it: a comma, a blank, a "Sheikh"."""
POSSESSIVE = 3
"""Characters of a blank, or of "'s" and a blank."""
TITLE_ONLY = frozenset(
    {
        "chief",
        "head",
        "boss",
        "side",
        "host",
        "hosts",
        "guest",
        "guests",
        "team",
        "mission",
        "director",
        "statement",
        "statements",
        "communique",
        "communiqué",
        "readout",
        "country",
        "capital",
        "capitals",
        "embassy",
        "embassies",
        "consulate",
        "consulates",
        "counterpart",
        "counterparts",
        "colleague",
        "delegates",
        "visitor",
        "delegations",
        "general",
        "neighbour",
        "neighbor",
        "neighbours",
        "neighbors",
        "intelligence",
        "news agency",
        "mediator",
        "mediators",
        "governments",
        "leaders",
        "presidents",
        "ministers",
        "kings",
        "emirs",
        "prime ministers",
        "premiers",
        "foreign ministers",
        "heads of state",
        "ambassadors",
        "envoys",
        "chargés d'affaires",
        "speaker",
        "queen",
    }
)
"""Nouns that are an office only beside a country or a name: alone they may be anybody's."""
LOOSE = frozenset(
    {
        "party",
        "court",
        "establishment",
        "customs",
        "police",
        "congress",
        "republic",
        "state",
    }
)
"""Nouns that count alone with their article only."""
ANYBODY = frozenset({"a", "an", "no", "any", "every", "each", "either", "some", "several", "many", "two", "three"})
REALMS: dict[str, frozenset[str]] = {
    "kingdom": frozenset({"SAU", "BHR", "JOR", "MAR", "GBR", "THA", "BTN", "SWZ", "LSO", "TON", "KHM"}),
    "emirate": frozenset({"QAT", "KWT", "ARE"}),
    "sultanate": frozenset({"OMN", "BRN"}),
    "island nation": frozenset(
        {"MDV", "LKA", "TWN", "CYP", "CUB", "MLT", "BHR", "SLB", "FJI", "NRU", "KIR", "TUV", "MUS", "SYC", "JPN", "WSM"}
    ),
}
"""Which states a text means by "the kingdom"; "emirate" may also be the Taliban's, who are named as such."""
SIDES_AT_HOME = frozenset({"opposition", "rebels", "rebel group", "rebel groups", "opposition groups"})
"""Words that go on meaning the opposition that a text has named before."""
_OF_UNKNOWN = re.compile(r" of (?:the )?[A-Z]")


def carry_offices(scene: Scene) -> None:
    """Add the offices and bodies that no country stands beside."""
    carrier = _Carrier(scene)
    for token in scene.tokens:
        kinds = {entry.kind for entry in token.entries}
        if "union" in kinds:
            carrier.add_body(group_span(scene, token), token, "-NGO")
        elif "partyname" in kinds:
            carrier.add_body(party_span(scene, token), token, "-OPP")
    for index, token in enumerate(scene.tokens):
        if index not in scene.used and any(entry.layer == "office" for entry in token.entries):
            carrier.carry(token)


class _Carrier:
    """Knows who had which office last, and whose turn it is, while the text is gone through."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.home = scene.home or self._usual_home()
        self.common = next((code for code, _ in scene.context.most_common() if code in STATES), "")

    def _usual_home(self) -> str:
        """Return the state whose own titles the text uses without naming it: "the Taoiseach"."""
        for token in self.scene.tokens:
            if token.entries[-1].kind == "default":
                usual = choose(self.scene, Token(token.start, token.end, _defaults(token), token.sentence))
                if usual is not None and usual.code in STATES:
                    return usual.code
        return ""

    def carry(self, token: Token) -> None:
        """Add the mention that ``token`` is, where it is one."""
        scene, entry = self.scene, next(entry for entry in token.entries if entry.layer == "office")
        if scene.covered(token.start, token.end) or entry.kind == "forces":
            return
        person = self._person_behind(token)
        if person is not None:
            person.office, person.level = entry.surface, entry.level
            return
        if entry.kind in SUFFIX and self._names_member(token):
            return
        name = name_after(scene, token.end, token.sentence) if entry.kind in {"office", "party"} else None
        if name is None and not self._stands_alone(token):
            return
        code = self._by_surname(name) if name else ""
        if not code:
            code = (entry.kind in SUFFIX and self._place(token)) or self._owner(token, entry.surface)
        if not code:
            return
        if entry.kind in SUFFIX:
            code = code.partition("-")[0] + SUFFIX[entry.kind]
        form: ActorForm = "person" if name else "office" if entry.kind == "office" else "body"
        found = Found(token.start, name[1] if name else token.end, code, form, token.sentence, entry.level)
        found.office = entry.surface
        self._remember(token, found, name)
        scene.add(found)

    def _names_member(self, token: Token) -> bool:
        """Whether the party itself follows: "the opposition's Harbour Party", "the opposition MDP"."""
        return any(token.end < one.start <= token.end + POSSESSIVE and "-" in one.code for one in self._near(token))

    def _near(self, token: Token) -> list[Found]:
        """Return the mentions of the token's sentence."""
        return self.scene.by_sentence.get(token.sentence, [])

    def _by_surname(self, name: tuple[int, int]) -> str:
        """Return whose office-holder of the day has this surname, where the text names that actor too."""
        tokens = self.scene.tokens
        for token in tokens[self.scene.place(name[0] + 1) : self.scene.place(name[1])]:
            if token.end <= name[1]:
                for entry in token.entries:
                    if entry.kind == "surname" and entry.valid(self.scene.day) and self.scene.context[entry.code]:
                        return entry.code
        return ""

    def _person_behind(self, token: Token) -> Found | None:
        """Return the known person right behind the office: "Foreign Minister Lavrov", "the minister, Mr Lavrov"."""
        for one in self._near(token):
            near = token.end < one.start <= token.end + TITLE_GAP and one.sentence == token.sentence
            if one.form == "person" and near and not one.attributive:
                gap = self.scene.text[token.end : one.start]
                if gap.strip(", ").lower().strip(".") in {"", "mr", "mrs", "ms", "dr", "sheikh"}:
                    if "," not in gap:
                        one.start = token.start
                    return one
        return None

    def _remember(self, token: Token, found: Found, name: tuple[int, int] | None) -> None:
        """Bind the name that stands behind the office or in front of its apposition."""
        if name is not None:
            remember(self.scene, name, found.code, found.level)
            return
        before = name_before(self.scene, token.start, token.sentence)
        if before is not None and (found.form != "body" or found.code.endswith("-OPP")):
            rebind(self.scene, before, found.code, found.level)

    def add_body(self, span: tuple[int, int] | None, token: Token, suffix: str) -> None:
        """Add an association or party at ``span``, of the country whose turn it is."""
        if span is None or self.scene.covered(*span):
            return
        code = self._place(token) or self._turn(span[0], token.sentence)
        if code:
            self.scene.add(Found(*span, f"{code.partition('-')[0]}{suffix}", "body", token.sentence))

    def _stands_alone(self, token: Token) -> bool:
        """Whether an office can be carried: not where the words around leave it to somebody unknown."""
        surface = token.entry.surface
        before = word_before(self.scene, token.start).lower()
        if surface in REALMS:
            return before == "the"
        if surface in TITLE_ONLY or _OF_UNKNOWN.match(self.scene.text, token.end):
            return False
        if surface in LOOSE:
            return before in {"the", "his", "her", "its"}
        if before.endswith("-backed"):
            return False
        return before not in ANYBODY or token.entry.kind in SUFFIX

    def _owner(self, token: Token, surface: str) -> str:
        """Return whose office it is: the last one named with it, else the state whose turn it is."""
        before = word_before(self.scene, token.start).lower()
        reach = MEMORY if before == "the" or surface in SIDES_AT_HOME else BACK
        memory = self._earlier(token.start, token.sentence, reach)
        if surface in REALMS:
            named = [*(one.code for one in memory), *self.scene.context]
            return next((code for code in named if code in REALMS[surface]), "")
        for one in memory:
            if one.attributive:
                continue
            if surface in SIDES_AT_HOME and one.code.endswith("-OPP"):
                return one.code
            if before in {"his", "her"} and one.form in {"person", "office"} and one.sentence >= token.sentence - BACK:
                return one.code
            if before == "the" and one.office == surface:
                return one.code
        usual = choose(self.scene, Token(token.start, token.end, _defaults(token), token.sentence))
        if usual is not None:
            return usual.code
        return (before == "its" and self._topic(token)) or self._turn(token.start, token.sentence)

    def _topic(self, token: Token) -> str:
        """Return the state that the sentence is about, or the one before it: its first subject, for an "its"."""
        for index in (token.sentence, token.sentence - 1):
            for one in sorted(self.scene.by_sentence.get(index, ()), key=_start):
                base = one.code.partition("-")[0]
                if one.start < token.start and not one.attributive and base in STATES and not self._is_oblique(one):
                    return base
        return ""

    def _earlier(self, position: int, sentence: int, back: int) -> Iterator[Found]:
        """Yield the mentions before ``position``, last ones first, from as many sentences back."""
        for index in range(sentence, max(-1, sentence - back - 1), -1):
            found = self.scene.by_sentence.get(index, ())
            yield from sorted((one for one in found if one.start < position), key=_start, reverse=True)

    def _place(self, token: Token) -> str:
        """Return the state in which an opposition or association is said to stand: "In Sudan the Islamists"."""
        for one in self._earlier(token.start, token.sentence, 1):
            if one.end > token.start or one.code not in STATES:
                continue
            before = self.scene.text[max(0, one.start - 8) : one.start].lower()
            if before.endswith(("in ", "in the ")):
                return one.code
            if not one.attributive and not self._is_oblique(one):
                break
        return ""

    def _turn(self, position: int, sentence: int) -> str:
        """Return the state that the text speaks of at ``position``: the last in subject position, else its home."""
        last = ""
        for one in self._earlier(position, sentence, 1 if self.home else BACK):
            base = one.code.partition("-")[0]
            if one.attributive or base not in STATES:
                continue
            if not self._is_oblique(one):
                return base
            last = last or base
        return self.home or last or self.common

    def _is_oblique(self, found: Found) -> bool:
        words = self.scene.text[max(0, found.start - 20) : found.start].lower().split()
        if words and words[-1] == "the":
            words.pop()
        return bool(words) and words[-1] in OBLIQUE


def _start(found: Found) -> int:
    return found.start


def _defaults(token: Token) -> tuple[Entry, ...]:
    """Return the actors whose title this is where nothing else is said: "the Foreign Secretary"."""
    return tuple(entry for entry in token.entries if entry.kind == "default")
