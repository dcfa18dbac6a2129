"""Where the events of one watch and type are filed: under each pair of their parties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.ledger.cluster import AS_IT_STANDS, Cluster
from streams.ledger.config import LedgerConfig
from streams.ledger.identity import Asked
from streams.ledger.pair_index import Pair, PairIndex, pairs


class Filing:
    """The index of a group's events."""

    __slots__ = ("_index", "filed")

    def __init__(self) -> None:
        self._index: dict[Pair, PairIndex] = {}
        self.filed = 0
        """How many events there are."""

    def __iter__(self) -> Iterator[Cluster]:
        """Yield all events, each once."""
        for pair, index in self._index.items():
            for cluster in index:
                if pairs(cluster.parties)[0] == pair:
                    yield cluster

    def put(self, cluster: Cluster) -> None:
        """Put an event where its parties, its date and its newest report have their places."""
        place = cluster.place()
        if cluster.filed == place:
            when = place[1]
            found = [self._index[pair] for pair in pairs(cluster.parties)]
            for index in found:
                index.lift(cluster, when is not None)
            cluster.heard_at = cluster.last_seen
            for index in found:
                index.heard(cluster, when is not None)
            return
        self.take_out(cluster)
        cluster.filed, cluster.heard_at = place, cluster.last_seen
        self.filed += 1
        for pair in pairs(cluster.parties):
            if pair not in self._index:
                self._index[pair] = PairIndex()
            self._index[pair].put(cluster, *place[1:])

    def take_out(self, cluster: Cluster) -> None:
        """File an event no longer."""
        if cluster.filed is not None:
            parties, when, settled = cluster.place() if cluster.filed is AS_IT_STANDS else cluster.filed
            for pair in pairs(parties):
                self._index[pair].take_out(cluster, parties, when, settled)
            cluster.filed = None
            self.filed -= 1

    def candidates(self, asked: Asked, config: LedgerConfig) -> Sequence[Cluster]:
        """Return the events that share two parties with the report."""
        known = pairs(asked.parties)
        sought = (asked.when, asked.report.status, asked.published - config.open_days)
        if len(known) == 1:
            index = self._index.get(known[0])
            return index.candidates(*sought) if index is not None else ()
        found: dict[Cluster, None] = {}
        for pair in known:
            if pair in self._index:
                found.update(dict.fromkeys(self._index[pair].candidates(*sought)))
        return list(found)

    def same_day(self, asked: Asked) -> Cluster | None:
        """Return the one event of the same parties on the report's very day, where there is just one.

        Words would not part the two any more, unless the article told of another step on that day.
        """
        if asked.when is None or asked.when.precision != "day":
            return None
        index = self._index.get(pairs(asked.parties)[0])
        if index is None:
            return None
        found = None
        for one in index.on(asked.when.start):
            if one.parties == asked.parties and not one.is_told_by(asked.report):
                if found is not None:
                    return None
                found = one
        return found

    def connected(self, parties: frozenset[str]) -> set[Pair]:
        """Return the pairs that events of several parties bring together with those of ``parties``.

        Reports of other pairs never meet theirs. It goes by the events that are held, and not by those that once
        were, so that a restart finds the same.
        """
        found = set(pairs(parties))
        waiting = list(found)
        while waiting:
            here = self._index.get(waiting.pop())
            for wide in here.wide() if here is not None else ():
                new = found.symmetric_difference(found.union(pairs(wide)))
                found |= new
                waiting += new
        return found
