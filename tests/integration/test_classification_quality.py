"""A classifier with the real model reaches what is promised, without examples and with a few."""

from __future__ import annotations

import numpy as np
import pytest

from studio.benchmarks.classification_benchmark import (
    BOUNDS,
    N_EACH,
    SEED,
    load_bank,
)
from studio.prototypes.classifier.head import fitted_head, head_of_meanings
from studio.prototypes.classifier.label_names import read_as
from studio.records import CallContext, EmbeddingRequest, Task

EVERY = 2  # of the test's texts: half the time, and an interval of one point and a half


@pytest.fixture(scope="module")
def bank(studio_data):
    return load_bank(studio_data)


@pytest.fixture(scope="module")
def embed(real_workbench):
    model = real_workbench.catalogue.default(Task.EMBEDDING).id
    context = CallContext(request_id="test-classification", surface="bench")

    def embed_(texts):
        request = EmbeddingRequest(model=model, texts=tuple(texts), context=context)
        return real_workbench.models.embed(request).vectors

    return embed_


def test_banking_questions_are_told_apart(bank, embed):
    asked, truth = bank.test[::EVERY], bank.test_codes[::EVERY]
    test = embed(asked)
    meanings = embed([read_as(label, "") for label in bank.labels])
    by_names = head_of_meanings(meanings).scores(asked, test).argmax(axis=1)
    assert (by_names == truth).mean() >= BOUNDS["names"] - 0.015

    rng = np.random.default_rng([SEED, 0])
    drawn = np.concatenate(
        [
            rng.permutation(np.flatnonzero(bank.learn_codes == code))[:N_EACH]
            for code in range(len(bank.labels))
        ]
    )
    texts = [bank.learn[at] for at in drawn]
    head = fitted_head(texts, embed(texts), bank.learn_codes[drawn], meanings, seed=SEED)
    by_examples = head.scores(asked, test).argmax(axis=1)
    assert (by_examples == truth).mean() >= BOUNDS["ten"] - 0.015
