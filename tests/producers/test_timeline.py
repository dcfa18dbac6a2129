from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from producers.timeline import Queued, Timeline

TIMES = st.floats(min_value=-3e10, max_value=3e10)  # years 1019 to 2920


@given(st.lists(st.tuples(TIMES, st.text(max_size=5), st.binary(max_size=60))), st.integers(1, 100))
def test_any_articles_come_out_by_time_and_equal_times_in_order_of_adding(
    articles: list[tuple[float, str, bytes]], run_bytes: int
) -> None:
    queued = [Queued(*article) for article in articles]
    with Timeline(run_bytes) as timeline:
        for item in queued:
            timeline.add(item)
        assert len(timeline) == len(queued)
        assert list(timeline) == sorted(queued, key=lambda item: item.published)
