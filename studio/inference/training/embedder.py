"""Contrastive tuning of a sentence model: a query comes closer to its passage than to all others.

The loss is sentence-transformers' MultipleNegativesRankingLoss: the other passages of the batch are
wrong for a query, and so are the pair's own hard negatives. Its trainer is not used, as that writes
optimizer and random numbers as pickles. Knows no loop.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.errors import ModelUnavailable
from studio.inference.embedder_forms import NOTE
from studio.inference.engines.torch_device import end_of
from studio.inference.training.plan import MODEL, TrainingPair, TrainingPlan

N_NEGATIVES = 1
"""Hard negatives read per pair; every one makes a batch longer."""
N_DISTRACTORS = 64
"""Pairs whose passages are candidates at every look: among a handful nearly every model finds the
right one."""
N_AT_ONCE = 16


class EmbedderTrainee:
    """A sentence-transformers model that learns which passage belongs to which query.

    Args:
        plan: what to train; `base_folder` is a folder of sentence-transformers.
        train: the pairs that will be learnt; their passages make the looks harder.

    Raises:
        ModelUnavailable: it cannot be loaded.
    """

    least_batch = 2  # one pair alone has no wrong passage

    def __init__(self, plan: TrainingPlan, train: Sequence[TrainingPair] = ()) -> None:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

        self._plan = plan
        self._distractors = tuple(train[:N_DISTRACTORS])
        try:
            self._model: Any = SentenceTransformer(  # Any: the library is imported lazily
                str(plan.base_folder),
                device=plan.device,
                local_files_only=True,
                model_kwargs={"dtype": torch.float32},
            )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelUnavailable(
                "The model cannot be loaded for training: {reason}", reason=end_of(error)
            ) from error
        limit = self._model.max_seq_length or plan.settings.max_tokens
        self._model.max_seq_length = min(limit, plan.settings.max_tokens)
        self._loss: Any = MultipleNegativesRankingLoss(self._model)
        self._no_grad: Any = torch.no_grad
        self._weights = {
            name: weight for name, weight in self._model.named_parameters() if weight.requires_grad
        }

    def weights(self) -> Mapping[str, Any]:
        """All weights of the model."""
        return self._weights

    def loss(self, pairs: Sequence[TrainingPair]) -> tuple[Any, int]:
        """The mean loss of the queries of a batch."""
        self._model.train()
        features, n_tokens = self._features(pairs)
        return self._loss(features, None), n_tokens

    def losses(self, pairs: Sequence[TrainingPair]) -> list[float]:
        """The loss of each query among the passages of all these pairs and of the distractors.

        What is right for the same query, or of the same group, does not count against it. The
        candidates are always the same, so that a loss compares with an earlier one.
        """
        import torch

        self._model.eval()
        rights: dict[str, set[str]] = {}
        for pair in (*pairs, *self._distractors):
            rights.setdefault(pair.group or pair.prompt, set()).add(pair.answer)
        passages = list(dict.fromkeys(pair.answer for pair in (*pairs, *self._distractors)))
        places = {passage: place for place, passage in enumerate(passages)}
        prefix = self._plan
        with self._no_grad():
            candidates = self._vectors([prefix.passage_prefix + text for text in passages])
            queries = self._vectors([prefix.query_prefix + pair.prompt for pair in pairs])
            scores = queries @ candidates.T * self._loss.scale  # (n_pairs, n_passages)
            for row, pair in enumerate(pairs):
                for other in rights[pair.group or pair.prompt] - {pair.answer}:
                    scores[row, places[other]] = -torch.inf
            wanted = torch.tensor([places[pair.answer] for pair in pairs], device=scores.device)
            lost = torch.nn.functional.cross_entropy(scores, wanted, reduction="none")
        return [float(value) for value in lost]

    def _vectors(self, texts: Sequence[str]) -> Any:
        """Vectors of unit length, `(n, dim)`."""
        import torch

        parts = []
        for start in range(0, len(texts), N_AT_ONCE):
            features, _ = self._on_device(texts[start : start + N_AT_ONCE])
            parts.append(self._model(features)["sentence_embedding"])
        return torch.nn.functional.normalize(torch.cat(parts).float(), dim=1)

    def _features(self, pairs: Sequence[TrainingPair]) -> tuple[list[dict[str, Any]], int]:
        plan = self._plan
        columns = [
            [plan.query_prefix + pair.prompt for pair in pairs],
            [plan.passage_prefix + pair.answer for pair in pairs],
        ]
        columns += [
            [plan.passage_prefix + pair.negatives[at] for pair in pairs]
            for at in range(N_NEGATIVES)
            if all(len(pair.negatives) > at for pair in pairs)
        ]
        parts = [self._on_device(texts) for texts in columns]
        return [features for features, _ in parts], sum(n for _, n in parts)

    def _on_device(self, texts: Sequence[str]) -> tuple[dict[str, Any], int]:
        """Token ids and mask of texts, on the device, and how many tokens they are."""
        prepared = self._model.preprocess(list(texts))
        features = {
            key: value.to(self._plan.device) if hasattr(value, "to") else value
            for key, value in prepared.items()
        }
        return features, int(prepared["attention_mask"].sum())

    def save(self, folder: Path) -> None:
        """Write the model into `model/`: the files of the base with the new weights."""
        target = folder / MODEL
        shutil.rmtree(target, ignore_errors=True)
        # The trained weights are whole, whatever form the base was computed in.
        patterns = ("*.bin", "*.onnx", "onnx", "openvino", "*.safetensors", NOTE)
        unwanted = shutil.ignore_patterns(*patterns)
        shutil.copytree(self._plan.base_folder, target, ignore=unwanted)
        self._model[0].auto_model.save_pretrained(str(target))
