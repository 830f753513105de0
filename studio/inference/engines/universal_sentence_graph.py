"""The Universal Sentence Encoder as an OpenVINO graph.

Every token is looked up, joined with what three small convolutions see around it, and normalised; the
tokens of a text are summed and divided by the root of their number, and three layers make a vector of
that. (Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval", the
convolutional encoder; the arrays say the rest.)

The tokens of all texts stand in one row, one text after another, so that no text is padded. Which
tokens are neighbours and which belong to a text are inputs. Knows no tokenizer and no engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.inference.engines.universal_sentence_weights import BRANCHES, UniversalSentenceWeights

N_BEFORE = max(before for _, before in BRANCHES)
N_AFTER = max(n - 1 - before for n, before in BRANCHES)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatTexts:
    """Token ids of several texts in one row, as the graph takes them.

    Attributes:
        ids: `(n_columns,)` int32; columns after the last token are filled with zeros.
        neighbours: columns of the tokens from two before to two after, `(n_columns, 5)` int32;
            `n_columns` where the text has none.
        members: `(n_rows, n_columns)` float32: one over the root of the text's length for a token of
            the row's text, else 0. Rows after the last text are zeros.
    """

    ids: NDArray[np.int32]
    neighbours: NDArray[np.int32]
    members: NDArray[np.float32]


def flattened(texts: Sequence[NDArray[np.int32]], *, n_columns: int, n_rows: int) -> FlatTexts:
    """Put texts in a row.

    Args:
        texts: token ids, at least one each.
        n_columns: at least as many as there are tokens.
        n_rows: at least as many as there are texts.
    """
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths)
    n_tokens = int(ends[-1])
    owner = np.repeat(np.arange(len(texts)), lengths)
    ids = np.zeros(n_columns, np.int32)
    ids[:n_tokens] = np.concatenate(texts)
    around = np.arange(n_tokens)[:, None] + np.arange(-N_BEFORE, N_AFTER + 1)
    is_inside = (around >= (ends - lengths)[owner, None]) & (around < ends[owner, None])
    neighbours = np.full((n_columns, around.shape[1]), n_columns, np.int32)
    neighbours[:n_tokens] = np.where(is_inside, around, n_columns)
    members = np.zeros((n_rows, n_columns), np.float32)
    members[owner, np.arange(n_tokens)] = (1 / np.sqrt(lengths))[owner]
    return FlatTexts(ids=ids, neighbours=neighbours, members=members)


def universal_sentence_model(weights: UniversalSentenceWeights) -> Any:  # Any: has no types
    """The graph: `ids`, `neighbours`, `members` of `FlatTexts` to `(n_rows, dim)` of unit length."""
    import openvino
    from openvino import opset13 as op

    ids = op.parameter([-1], np.int32, name="ids")
    neighbours = op.parameter([-1, N_BEFORE + 1 + N_AFTER], np.int32, name="neighbours")
    members = op.parameter([-1, -1], np.float32, name="members")
    graph = _Graph(weights, op)
    words = graph.words(ids)
    branches = graph.branches(words, neighbours)
    tokens = graph.normal(op.concat([words, *branches], 1), "ln_g", "ln_b")
    vectors = graph.layers(graph.mean(tokens, members))
    return openvino.Model([vectors], [ids, neighbours, members], "universal_sentence_encoder")


class _Graph:
    """Parts of the graph, in the order in which they follow each other. All nodes are float32."""

    def __init__(self, weights: UniversalSentenceWeights, op: Any) -> None:
        self._weights = weights
        self._arrays = weights.arrays
        self._op = op

    def words(self, ids: Any) -> Any:
        """What each token stands for by itself, `(tokens, width)`."""
        op, weights, axis = self._op, self._weights, np.int32(0)
        chunk = op.floor_mod(ids, np.int32(len(weights.scale)))
        # Looked up as bytes, so that the table takes a quarter of the room.
        rows = op.convert(op.gather(op.constant(weights.table), ids, axis), np.float32)
        scale = op.gather(op.constant(weights.scale), chunk, axis)
        return op.add(op.multiply(rows, scale), op.gather(op.constant(weights.offset), chunk, axis))

    def branches(self, words: Any, neighbours: Any) -> list[Any]:
        """What each convolution sees around each token, `(tokens, branch width)` each."""
        op = self._op
        projected = [self._affine(words, f"proj{n}", f"proj_b{n}") for n, _ in BRANCHES]
        gains, biases = (
            np.concatenate([self._arrays[f"{name}{n}"] for n, _ in BRANCHES])
            for name in ("ln_g", "ln_b")
        )
        # Normalised together, over all three branches: so the published weights are used.
        joined = self._normal(op.concat(projected, 1), gains, biases)
        parts = op.split(joined, np.int64(1), len(BRANCHES))
        return [
            self._branch(parts.output(at), neighbours, n, before)
            for at, (n, before) in enumerate(BRANCHES)
        ]

    def _branch(self, states: Any, neighbours: Any, n: int, before: int) -> Any:
        op = self._op
        width = self._arrays[f"w1_{n}"].shape[1]
        first = N_BEFORE - before
        columns = op.gather(neighbours, np.arange(first, first + n, dtype=np.int32), np.int32(1))
        nothing = op.constant(np.zeros((1, width), np.float32))
        for layer in (1, 2):
            seen = op.gather(op.concat([states, nothing], 0), columns, np.int32(0))
            seen = op.reshape(seen, np.array([-1, n * width]), special_zero=False)
            states = op.add(states, op.relu(self._affine(seen, f"w{layer}_{n}", f"b{layer}_{n}")))
        return states

    def mean(self, tokens: Any, members: Any) -> Any:
        """One row per text: the projected sum of its tokens over the root of their number."""
        op = self._op
        # Summed before it is projected, which is the same and far less work.
        summed = self._product(op.matmul(members, tokens, False, False), "cnn_W")
        root = op.reduce_sum(members, np.array([1]), keep_dims=True)  # length / root of length
        return op.add(summed, op.multiply(root, self._constant("cnn_b")))

    def layers(self, mean: Any) -> Any:
        """The layers above the mean, and vectors of unit length, `(texts, dim)`."""
        op = self._op
        first = op.relu(self._product(mean, "d0"))
        second = op.relu(op.add(self._product(mean, "p1"), self._product(first, "d1")))
        third = op.relu(self._product(second, "d2"))
        vectors = op.tanh(op.add(self._product(second, "p3"), self._product(third, "d3")))
        return op.normalize_l2(vectors, np.array([1]), self._weights.epsilon, "max")

    def normal(self, states: Any, gain: str, bias: str) -> Any:
        """Rows of mean 0 and variance 1, then scaled and moved by the named arrays."""
        return self._normal(states, self._arrays[gain], self._arrays[bias])

    def _normal(self, states: Any, gain: NDArray[np.float32], bias: NDArray[np.float32]) -> Any:
        op = self._op
        even = op.mvn(states, np.array([1]), True, self._weights.epsilon, "inside_sqrt")
        return op.add(op.multiply(even, op.constant(gain)), op.constant(bias))

    def _affine(self, states: Any, product: str, bias: str) -> Any:
        return self._op.add(self._product(states, product), self._constant(bias))

    def _product(self, states: Any, name: str) -> Any:
        return self._op.matmul(states, self._constant(name), False, False)

    def _constant(self, name: str) -> Any:
        return self._op.constant(self._arrays[name])
