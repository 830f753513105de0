"""The classifier: gives texts the labels of settings.py, learnt from the tables in data/.

    from product import classify

    found = classify("My card was charged twice")
    print(found.answer or "a person decides", found.confidence)

Classifying is done by the library in library/, with which the classifier was trained; so it decides
here as it decided there. The README says which of its files does what.
"""

from __future__ import annotations

from functools import cache

from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.results import Classification, Explanation

from opening import opened


@cache
def classifier() -> Classifier:
    """The classifier, trained; the first call ever makes state/ from data/."""
    return opened(Classifier)


def classify(text: str) -> Classification:
    """The label of a text in `answer`, "" where a person has to decide, with the reason."""
    return classifier().classify(text, surface="page")


def explain(text: str) -> Explanation:
    """What each word of a text adds to the confidence in its label."""
    return classifier().explain(text, surface="page")
