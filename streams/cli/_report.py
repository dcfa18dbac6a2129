"""The coding of an article for people: what was found, each with its evidence marked in its surroundings."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from producers.formats import ReadArticle
from streams.coder.coder import ArticleCoding
from streams.records import Evidence, Mention, Stance
from streams.watches.codes import name_of

AROUND = 60
"""Letters shown before and behind the evidence."""
OUTCOMES = {
    "relevant": "relevant",
    "not_relevant": "nothing on this relationship",
    "not_concerned": "not concerned",
    "other_language": "not in English, not coded",
}
COLOURS = {
    "favor": "green",
    "against": "red",
    "conditional": "yellow",
    "occurred": "green",
    "planned": "cyan",
    "proposed": "blue",
    "denied": "red",
}


def show_article(console: Console, item: ReadArticle, codings: Sequence[ArticleCoding], *, explain: bool) -> None:
    """Print one article's codings."""
    article = item.article
    day = article.published_at.strftime("%Y-%m-%d")
    console.print(Text(article.title or article.id, style="bold"))
    console.print(Text(f"{article.id} · {article.source} · {day} ({article.published_at_from})", style="dim"))
    for coding in codings:
        watch = coding.coding.watch or "no watch"
        console.print(Text.assemble("  ", (watch, "bold"), f": {OUTCOMES[coding.coding.outcome]}"))
        for stance in coding.stances:
            _show_stance(console, article.text, stance, explain=explain)
        for mention in coding.mentions:
            _show_mention(console, article.text, mention, explain=explain)
    console.print()


def _show_stance(console: Console, text: str, stance: Stance, *, explain: bool) -> None:
    head = Text.assemble(
        "    ",
        (name_of(stance.holder), "bold"),
        " is ",
        (stance.stance, COLOURS[stance.stance]),
        f" ({stance.basis}, {stance.confidence:.2f})",
    )
    console.print(head)
    _show_evidence(console, text, stance.evidence)
    if explain:
        _show_reasons(console, stance.reasons)


def _show_mention(console: Console, text: str, mention: Mention, *, explain: bool) -> None:
    parties = " + ".join(name_of(code) for code in mention.parties)
    hosts = f", by way of {', '.join(name_of(code) for code in mention.mediators)}" if mention.mediators else ""
    head = Text.assemble(
        "    ",
        (mention.type.replace("_", " "), "bold"),
        f" of {parties}{hosts}: ",
        (mention.status, COLOURS[mention.status]),
        f", {mention.date or 'no date'} ({mention.confidence:.2f})",
    )
    console.print(head)
    _show_evidence(console, text, mention.evidence)
    if explain:
        _show_reasons(console, mention.reasons)


def _show_evidence(console: Console, text: str, evidence: Evidence) -> None:
    before = text[max(0, evidence.start - AROUND) : evidence.start].replace("\n", " ")
    after = text[evidence.end : evidence.end + AROUND].replace("\n", " ")
    words = " ".join(evidence.text.split())
    # Without colours (a pipe, a file) the marks are all that shows where the evidence begins and ends.
    marks = ("", "") if console.is_terminal else ("[", "]")
    console.print(
        Text.assemble(
            "      ", (f"…{before}", "dim"), (f"{marks[0]}{words}{marks[1]}", "underline"), (f"{after}…", "dim")
        )
    )


def _show_reasons(console: Console, reasons: Sequence[str]) -> None:
    console.print(Text(f"      because of {'; '.join(reasons) or 'the passage as a whole'}", style="italic"))
