"""What rests is, when it wakes, what it was: reports, identity and what follows from them."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ledger.cluster import Cluster
from streams.ledger.config import LedgerConfig
from streams.ledger.packing import Identity, Standing, pack, press, unpack
from streams.records import Evidence, Report, stable_id

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
                url=draw(st.sampled_from((None, "https://example.org/a"))),
                evidence=Evidence(words, number, number + len(words)),
            )
        )
    return found


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(("usual", "named", "mixed")), st.data())
def test_what_is_packed_comes_out_as_it_was(ids: str, data: st.DataObject) -> None:
    known = data.draw(reports(ids))
    merged, repeats = ("merged",) if ids == "named" else (), (stable_id("x"), stable_id("y"))
    identity = Identity(stable_id("e"), (stable_id("a"),), merged, 7, 2, repeats)
    standing = Standing("leader", 0.75, START, None, True, [0], [0], list(range(len(known))))
    packed = pack(identity, standing, known)
    assert unpack(packed) == unpack(press(packed)) == (identity, standing, known)
    assert press(press(packed)) == press(packed)


@settings(max_examples=60, deadline=None)
@given(reports("usual"))
def test_an_event_wakes_as_it_was(known: list[Report]) -> None:
    event = Cluster.of(stable_id("e"), "talks", known, LedgerConfig())
    before = event.event("syria", 1.0, None)
    outlets, pillars = event.independent, event.pillars
    event.press()
    assert event.is_resting
    assert event.event("syria", 1.0, None) == before
    assert (event.independent, event.pillars) == (outlets, pillars)


def test_no_signatures_take_no_room() -> None:
    bare = [Report(mention_id=stable_id(1), article_id=stable_id(2), source="Wire", published_at=START,
                   parties=("AAA", "BBB"), status="occurred")]  # fmt: skip
    identity, standing = (
        Identity(stable_id("e"), (), (), 1, 0, ()),
        Standing("unknown", 1.0, None, None, False, [], [], []),
    )
    assert unpack(pack(identity, standing, bare))[2] == bare
