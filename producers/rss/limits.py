"""The numbers that keep the producer polite and safe, each with its unit and its reason."""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# ---- what one response may cost ------------------------------------------------------------------
FEED_BYTES: Final = 10 * MIB
"""After decompression. The largest honest feeds (whole archives) stay under 8 MiB."""
PAGE_BYTES: Final = 5 * MIB
"""After decompression. News pages with inlined scripts stay under 3 MiB."""
ROBOTS_BYTES: Final = 500 * KIB
"""RFC 9309 asks parsers to read at least this much; what follows is ignored."""
REQUEST_SECONDS: Final = 30.0
"""For a request with all its redirects: an honest server answers in a tenth of this; a drip never ends."""
SILENCE_SECONDS: Final = 10.0
"""Between two pieces of a response: a server that says nothing for so long has hung up in all but name."""
CONNECT_SECONDS: Final = 10.0
"""For name, connection and TLS together: three lost SYN packets fit (1 + 2 + 4 s)."""
REDIRECTS: Final = 5
"""http to https to www to a new path takes three; loops and chains take more."""
URL_CHARACTERS: Final = 2048
"""What browsers and caches agree on; longer addresses carry payloads, not places."""
VALIDATOR_CHARACTERS: Final = 1024
"""An ETag or Last-Modified that is longer is not stored: it would be sent with every request."""

# ---- what one feed may cost ----------------------------------------------------------------------
ENTRIES: Final = 2000
"""Of one response, the first ones: the largest honest feeds (archives) hold about a thousand."""
ENTRY_HTML_CHARACTERS: Final = 1_000_000
"""Of one field before it is cleaned: twenty times a long read with its markup."""
TEXT_CHARACTERS: Final = 200_000
"""Of an article's text: about 33,000 words; its record stays under Kafka's default of 1 MB."""
TITLE_CHARACTERS: Final = 500
"""Five times a long headline."""
ID_CHARACTERS: Final = 2048
"""Ids are often addresses, so they may be as long as one."""
PARSE_SECONDS: Final = 15.0
"""For parsing one feed or page in the child process: the largest honest feed takes 4 s on a slow core."""
CHILD_MEMORY_BYTES: Final = 2048 * MIB
"""Address space of the child process: numerical libraries reserve 0.7 GiB and use 0.1 GiB."""
REPLY_BYTES: Final = 64 * MIB
"""Of one answer of the child: all entries of a feed at their caps, cleaned, stay under it."""
PAGES_A_POLL: Final = 30
"""Full texts fetched in one poll: a normal feed's length; the rest waits for the next poll."""

# ---- how often -----------------------------------------------------------------------------------
MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
FIRST_INTERVAL: Final = 30 * MINUTE
"""Until a feed's own pace is known: what most publishers' terms allow."""
SHORTEST_INTERVAL: Final = 10 * MINUTE
"""A busy agency's feed turns over in an hour, so nothing is missed; publishers block faster pollers."""
LONGEST_INTERVAL: Final = 6 * HOUR
"""A quiet ministry's news is still alerted on the same day."""
FASTER: Final = 0.5
"""Factor on the interval after a poll with news: a waking feed is at its pace after two or three polls."""
SLOWER: Final = 1.5
"""Factor on the interval after a poll without news: from shortest to longest in nine quiet polls."""
JITTER: Final = 0.1
"""Share of the interval added at random, so that feeds do not march in step; never subtracted, because
a publisher's minimum is a minimum."""
FORCED_REFRESH: Final = DAY
"""Between two requests without validators: some servers keep an ETag over changed content."""
PUBLISHER_WISH_LIMIT: Final = DAY
"""Cache-Control and ttl are followed up to this; a year is a mistake or an attack."""
RETRY_AFTER_LIMIT: Final = 30 * DAY
"""Retry-After is followed up to this; longer ones exist only to silence a feed for good."""
HOST_PAUSE: Final = HOUR
"""For 429 without a Retry-After."""
BACKOFF_LIMIT: Final = DAY
"""A broken feed is asked at least daily until its budget is spent."""
ERROR_BUDGET_SECONDS: Final = 14 * DAY
"""A feed that only failed for so long is retired: two weeks outlast a rebuilt site."""
ERROR_BUDGET_TRIES: Final = 10
"""And no fewer failures than this, so that a machine that was switched off retires nothing."""
REQUESTS_AT_ONCE: Final = 8
"""In the whole process: enough for 1,000 feeds every ten minutes at two seconds each, with room."""
POLLS_AT_ONCE: Final = 64
"""Polls begun and not ended, most of which wait for their host's turn; bounds memory."""
HOST_DISTANCE: Final = 2.0
"""Seconds between the starts of two requests to one host; one request at a time in any case."""
HOST_WAIT: Final = 5 * MINUTE
"""A request whose host's turn is farther away than this is given back and planned anew."""
CRAWL_DELAY_LIMIT: Final = MINUTE
"""A robots.txt that asks for a longer distance between pages is followed up to this."""

# ---- how long things are remembered --------------------------------------------------------------
REMEMBERED: Final = 30 * DAY
"""After an entry was last in a feed: an entry that comes back later is rare, and is then news again."""
LISTED_DECISIONS: Final = 10_000
"""Decisions kept for `detente feeds decisions`; the counters go on."""
ROBOTS_SECONDS: Final = DAY
"""A robots.txt is kept for a day (RFC 9309: not longer)."""
ROBOTS_ERROR_SECONDS: Final = HOUR
"""After a robots.txt could not be had its host's pages are left alone for so long."""
VERSIONS: Final = 20
"""Versions of one article that are published: a live page that changes with each poll ends there."""
