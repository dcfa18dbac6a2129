"""Addresses: which may be fetched at all, and when two of them mean the same article."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from yarl import URL

from producers.rss.limits import URL_CHARACTERS

PORTS: Final = {"http": 80, "https": 443}
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f]")
_TRACKING: Final = re.compile(
    r"utm_\w+|at_(?:medium|campaign|custom\w*|bbc_team|link\w*|format|ptr_name|campaign_type)|ns_\w+|mc_[ce]id|"
    r"fbclid|gclid|dclid|msclkid|yclid|igshid|twclid|ocid|cmpid?|cmp|icid|spm|ref_?(?:src|url)?|source|partner|"
    r"feedtype|feedname|traffic_source|xtor|wt_?mc|smid|smtyp|sr_share|rss|ftag|mod|taid|guccounter|soc_src"
)
"""Query parameters that say who sent the reader, never which article it is."""
_INDEX: Final = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)


class BadUrlError(ValueError):
    """An address that is never fetched; the message says why."""


def checked_url(text: str) -> str:
    """Return ``text`` as an http or https address without its fragment.

    Raises ``BadUrlError`` for other schemes, credentials in the address, no host, a bad port, control
    characters and excessive length.
    """
    text = text.strip()
    if len(text) > URL_CHARACTERS:
        raise BadUrlError(f"longer than {URL_CHARACTERS} characters")
    if _CONTROL.search(text):
        raise BadUrlError("has a space or control character")
    try:
        parts = urlsplit(text)
        url = URL(text)
        port = url.port
    except ValueError as error:
        raise BadUrlError(f"is no address ({str(error)[:80]})") from None
    if parts.scheme.lower() not in PORTS:
        raise BadUrlError(f"the scheme is {parts.scheme[:20]!r}: only http and https are fetched")
    if not url.host or not port:
        raise BadUrlError("has no host")
    if url.user is not None or url.password is not None or "@" in parts.netloc:
        raise BadUrlError("has a user name or password; put credentials into headers")
    result = str(url.with_fragment(None))
    if len(result) > URL_CHARACTERS:
        raise BadUrlError(f"longer than {URL_CHARACTERS} characters when quoted")
    return result


def joined(base: str, text: str) -> str:
    """Return the address that ``text`` means on the page ``base``; raises ``BadUrlError``."""
    if len(text) > URL_CHARACTERS:
        raise BadUrlError(f"longer than {URL_CHARACTERS} characters")
    try:
        return checked_url(urljoin(base, text.strip()))
    except ValueError as error:
        raise BadUrlError(str(error)) from None


def host_of(url: str) -> str:
    """Return the host of ``url`` in lower case, empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def shown(url: str) -> str:
    """Return ``url`` for logs and metrics: host and path, since a query may hold a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url[:40]
    return f"{parts.netloc}{parts.path}{'?...' if parts.query else ''}"


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port: what secrets for ``url`` may be sent to."""
    found = URL(url)
    return found.scheme, (found.host or "").lower(), found.port


def site_of(host: str) -> str:
    """Return the part of ``host`` that names the outlet: ``bbc.co.uk`` of ``feeds.bbc.co.uk``.

    Short second labels (co, com, gov, org …) under a two-letter country belong to the registry. Nothing
    unsafe hangs on it: it only tells an outlet's own feed from an aggregator's.
    """
    labels = host.split(".")
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-keep:])


def canonical(url: str) -> str | None:
    """Return the form of ``url`` under which the same article is known; None where it names no article.

    Scheme, ``www.``, default port, fragment, tracking parameters, the order of parameters, a trailing slash and an
    index page do not distinguish articles. A bare host names an outlet and no article.
    """
    try:
        checked = checked_url(url)
        parts = urlsplit(checked)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if port and port != PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = _INDEX.sub("/", quote(parts.path, safe="/%:@!$&'()*+,;=~-._")).rstrip("/")
    pairs = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True)]
    kept = sorted((key, value) for key, value in pairs if not _TRACKING.fullmatch(key.lower()))
    if not path and not kept:
        return None
    return urlunsplit(("", host, path or "/", urlencode(kept), "")).removeprefix("//")
