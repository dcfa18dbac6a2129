"""Runs the coder's first steps over the labelled articles, so that training sees what run time sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streams.coder.actors import find_actors
from streams.coder.document import prepare
from streams.coder.lexicon import Lexicon
from streams.coder.passages import Markers
from streams.coder.training.gold import Labelled, article_of, coverage, label, read_rows


def load(folder: Path, markers: Markers, say: Callable[[str], None]) -> list[Labelled]:
    """Return all labelled articles of ``folder``, ready to be cut into passages."""
    lexicon = Lexicon.load()
    labelled = []
    for row in read_rows(folder):
        document = prepare(article_of(row))
        labelled.append(label(row, document, find_actors(document, lexicon), markers))
    for name, (seen, total) in coverage(labelled).items():
        say(f"{name} found: {seen} of {total} ({seen / max(1, total):.3f})")
    return labelled
