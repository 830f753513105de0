"""The export of a classifier."""

from __future__ import annotations

from collections.abc import Mapping

from studio.export.kinds.contract import KindExport
from studio.export.kinds.findings import Exchange, Findings, MeasuredRow
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.method import METHOD_LABELS
from studio.prototypes.classifier.results import Classification
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.records import Notice

N_LIKE = 2
"""Examples beside a label in a report."""


def _models(classifier: Classifier) -> Mapping[str, str]:
    trained = classifier.workshop.trained()
    return {
        "embedding_model": classifier.workshop.model(classifier.settings),
        "index": "" if trained is None else trained.model,
    }


def _example(classifier: Classifier) -> str:
    known = classifier.settings.suggestions or classifier.replay_inputs(1)
    return known[0] if known else ""


def _exchanges(classifier: Classifier, limit: int, is_recent: bool) -> tuple[Exchange, ...]:
    """Texts that are offered to try, then some that have no label, classified now."""
    del is_recent
    texts = (*classifier.settings.suggestions, *classifier.replay_inputs(limit))
    if not classifier.training_state().is_usable:
        return ()
    asked = dict.fromkeys(texts)
    return tuple(_exchange(classifier.classify(text, "job")) for text in list(asked)[:limit])


def _exchange(found: Classification) -> Exchange:
    label = Notice(
        "{label}, with a confidence of {confidence}",
        label=found.label,
        confidence=f"{found.confidence:.0%}",
    )
    return Exchange(
        asked=found.text,
        lines=(label,) if found.reason is None else (found.reason, label),
        sources=tuple(f"{one.label}: {one.text[:120]}" for one in found.nearest[:N_LIKE]),
        total_ms=found.figures.total_ms,
        cost_usd=found.figures.cost,
    )


def _findings(classifier: Classifier) -> Findings | None:
    """What the test on held-out texts found."""
    found = classifier.evaluation()
    if found is None:
        return None
    compared = [
        (METHOD_LABELS[found.method], found.scores.accuracy, True),
        (Notice("counted words (TF-IDF)"), found.words, False),
        (Notice("always the most frequent label"), found.frequent, False),
    ]
    return Findings(
        verdicts=(found.verdict,),
        short=Notice("accuracy"),
        measure=Notice("accuracy: share of texts with the right label, 0 to 1"),
        rows=tuple(
            MeasuredRow(
                name=name,
                mean=interval.mean,
                low=interval.low,
                high=interval.high,
                is_ours=is_ours,
                is_baseline=not is_ours,
            )
            for name, interval, is_ours in compared
            if interval is not None
        ),
        basis=Notice(
            "{n_test} texts that were not learnt from, {n_examples} examples, {n_labels} labels.",
            n_test=found.n_test,
            n_examples=found.n_examples,
            n_labels=len(found.labels),
        ),
    )


CLASSIFIER = KindExport(
    kind=Classifier.kind,
    settings_type=ClassifierSettings,
    packages=("texts", "classifying"),
    models=_models,
    example=_example,
    index_names_documents=False,
    exchanges=_exchanges,
    findings=_findings,
    how_to_find=Notice("The classifier was not tested yet. Upload labelled texts and train it."),
    guide=(
        (Notice("a label, step by step"), "prototypes/classifier/classifier.py"),
        (Notice("from a vector to confidences (linear head)"), "prototypes/classifier/head.py"),
        (Notice("which way of deciding the examples allow"), "prototypes/classifier/method.py"),
        (Notice("reading, cleaning and splitting the texts"), "prototypes/classifier/data.py"),
        (Notice("learning and testing"), "prototypes/classifier/workshop.py"),
        (Notice("the measures"), "evaluation/classification.py"),
        (Notice("what to label next"), "prototypes/classifier/suggesting.py"),
    ),
)
