"""What rests is, when it wakes, what it was: reports, identity and what follows from them."""

from __future__ import annotations

import datetime as dt

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ledger import Ledger
from streams.ledger.account import Account
from streams.ledger.cluster import Cluster, Kind
from streams.ledger.config import LedgerConfig
from streams.ledger.packing import APART, PARTS, Packer, pack
from streams.ledger.reports import key_of
from streams.records import Evidence, Mention, Report, stable_id

START = dt.datetime(2023, 5, 1, 8, 30, 0, 120_000, tzinfo=dt.timezone.utc)
WORDS = ("the foreign ministers met in Geneva", "they met again", "Les ministres se sont rencontrés à Genève")
HEX = "ab" * 67


@st.composite
def reports(draw: st.DrawFn, ids: str) -> list[Report]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        words = draw(st.sampled_from(WORDS))
        name = stable_id(number) if ids == "usual" else f"article {number}"
        found.append(
            Report(
                mention_id=stable_id(name) if ids == "usual" else f"{name}#1",
                article_id=name,
                source=draw(st.sampled_from(("Wire", "Post"))),
                published_at=START + dt.timedelta(hours=number),
                parties=draw(st.sampled_from((("AAA", "BBB"), ("BBB", "AAA"), ("AAA", "BBB", "CCC")))),
                mediators=draw(st.sampled_from(((), ("DDD",)))),
                status=draw(st.sampled_from(("occurred", "planned", "denied"))),
                date=draw(st.sampled_from((None, "2023", "2023-05-03"))),
                level=draw(st.sampled_from(("leader", "unknown"))),
                confidence=draw(st.sampled_from((0.5, 0.912))),
                origin=draw(st.sampled_from(("live", "backfill"))),
                signature=draw(st.sampled_from((HEX, "") if ids == "mixed" else (HEX,))),
                title=draw(st.sampled_from(("A title", ""))),
                url=draw(st.sampled_from((None, "https://example.org/a", f"https://example.org/{name}.html"))),
                evidence=Evidence(words, number, number + len(words)),
            )
        )
    return found


def account(known: list[Report], **more: object) -> Account:
    """Return what ``known`` are, with the rest made up."""
    return Account(
        event_id=stable_id("e"), alerts=(stable_id("a"),), repeats=(stable_id("x"), stable_id("y")), revision=7,
        forgotten=2, reports=known, first_seen=known[0].published_at, last_key=key_of(known[-1]), level="leader",
        confidence=0.75, fresh_since=known[-1].published_at, pillars={known[0].mention_id}, turns=(known[0],),
        independent=tuple(known), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def same(one: Account, other: Account) -> bool:
    """Whether two accounts say the same."""
    assert one.signatures() == other.signatures()
    return msgspec.structs.astuple(one) == msgspec.structs.astuple(other)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(("usual", "named", "mixed")), st.data())
def test_what_is_packed_comes_out_as_it_was(ids: str, data: st.DataObject) -> None:
    known = account(
        data.draw(reports(ids)),
        merged=("merged",) if ids == "named" else (),
        surged=data.draw(st.booleans()),
        paced_as=data.draw(st.sampled_from((None, (START, True), (START - dt.timedelta(days=9), False)))),
    )
    packer, packed = Packer(), pack(known)
    assert same(packer.unpack(packed), known)
    pressed = packer.press(packed)
    assert packer.press(pressed) == pressed
    for article_id in (*(one.article_id for one in known.reports), known.event_id, known.reports[0].mention_id, ""):
        told = article_id in [one.article_id for one in known.reports]
        assert packer.is_told_by(packed, article_id) == packer.is_told_by(pressed, article_id) == told
    for data_ in (packed, pressed):
        assert same(packer.unpack(data_), known)
        assert packer.last_key(data_, known.reports[-1].published_at) == known.last_key


def test_what_was_pressed_before_and_after_the_dictionary_comes_out_as_it_was() -> None:
    packer, packed = Packer(), []
    for number in range(2 * PARTS * APART):
        words = f"the foreign ministers met in Geneva, for the {number}th time"
        told = Report(
            mention_id=stable_id(number), article_id=stable_id("article", number), source="Wire", published_at=START,
            parties=("AAA", "BBB"), status="planned", title=f"Meeting {number}",
            evidence=Evidence(words, 0, len(words)),
        )  # fmt: skip
        known = account([told])
        packed.append((known, packer.press(pack(known))))
    assert all(same(packer.unpack(data), known) for known, data in packed)
    assert len(packed[-1][1]) < 0.8 * len(packed[0][1]), "what comes again takes less room"


@settings(max_examples=60, deadline=None)
@given(reports("usual"))
def test_an_event_wakes_as_it_was(known: list[Report]) -> None:
    event = Cluster.of(stable_id("e"), Kind("talks", LedgerConfig(), Packer()), known)
    event.account.news = ()
    before, account = event.event("syria", 1.0, None), event.account
    marks = event.marks()
    event.press()
    assert event.is_resting
    resting = event.marks()
    assert resting.facets == marks.facets
    assert [set(one) for one in (resting.names, resting.places, resting.words)] == [
        marks.names, marks.places, marks.words,
    ]  # fmt: skip
    assert event.key() == key_of(account.reports[-1])
    assert event.is_resting
    assert event.event("syria", 1.0, None) == before
    assert event.is_recalled
    account.is_recalled = True
    assert same(event.account, account)
    event.rest()
    assert event.account.reports == known
    assert not event.is_recalled, "it had not rested for long"


def test_a_step_that_is_recalled_rests_at_once_and_stays_awake_when_recalled_again() -> None:
    ledger = Ledger()

    def told(day: int, date: str) -> str:
        """Take in what is published on ``day`` of a step of ``date``; return the event that it is of."""
        mention = Mention(
            id=f"m{day}", watch="syria", article_id=f"a{day}", title="Talks", source="Wire",
            published_at=START + dt.timedelta(days=day), confidence=0.9, evidence=Evidence(WORDS[0], 0, len(WORDS[0])),
            type="talks", parties=("AAA", "BBB"), status="occurred", date=date,
        )  # fmt: skip
        return ledger.apply(mention).events[0].event_id

    first = told(0, "2023-05-01")
    assert told(60, "2023-06-30") != first
    (event,) = (one for group in ledger._groups.values() for one in group.filing if one.last_seen == START)
    assert event.is_resting
    assert told(61, "2023-05-01") == first
    assert event.is_resting
    assert told(62, "2023-05-01") == first
    assert not event.is_resting
    assert [report.mention_id for report in event.reports] == ["m0", "m61", "m62"]


def test_no_signatures_take_no_room() -> None:
    bare = [Report(mention_id=stable_id(1), article_id=stable_id(2), source="Wire", published_at=START,
                   parties=("AAA", "BBB"), status="occurred")]  # fmt: skip
    assert Packer().unpack(pack(account(bare))).reports == bare


def test_an_address_that_could_be_mistaken_for_a_shortened_one_stays_as_it_is() -> None:
    odd = [Report(mention_id=stable_id(1), article_id=stable_id(2), source="Wire", published_at=START,
                  parties=("AAA", "BBB"), status="occurred", url=f"https://example.org/\0{stable_id(2)}")]  # fmt: skip
    assert Packer().unpack(pack(account(odd))).reports == odd
