"""LoRA of a text model: small matrices beside the weights learn to give the answers of the pairs.

Hu et al. (2021), "LoRA: Low-Rank Adaptation of Large Language Models", as peft has it. Only the answer
counts for the loss: the model is to answer, not to ask. Knows no loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.errors import ModelUnavailable
from studio.inference.engines.torch_device import end_of
from studio.inference.training.chat_tokens import ChatTokens, answer_losses
from studio.inference.training.merged_gguf import write_merged_gguf
from studio.inference.training.plan import ADAPTER, GGUF, MODEL, TrainingPair, TrainingPlan

DROPOUT = 0.05
SCALE_PER_RANK = 2


class AdapterTrainee:
    """A chat model with LoRA matrices on all its linear layers.

    Args:
        plan: what to train; `base_folder` is a folder of transformers.

    Raises:
        ModelUnavailable: it cannot be loaded, or has no chat template.
    """

    least_batch = 1

    def __init__(self, plan: TrainingPlan) -> None:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._plan = plan
        torch.manual_seed(plan.settings.seed)  # the matrices begin with random numbers
        dtype = torch.float32 if plan.device == "cpu" else torch.bfloat16
        folder = str(plan.base_folder)
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            base: Any = AutoModelForCausalLM.from_pretrained(
                folder, local_files_only=True, dtype=dtype
            )
            config = LoraConfig(
                r=plan.settings.rank,
                lora_alpha=plan.settings.rank * SCALE_PER_RANK,
                lora_dropout=DROPOUT,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            )
            self._model: Any = get_peft_model(base.to(plan.device), config)
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelUnavailable(
                "The model cannot be loaded for training: {reason}", reason=end_of(error)
            ) from error
        self._tokens = ChatTokens(self._tokenizer, plan.settings.max_tokens)
        self._weights = {
            name: weight for name, weight in self._model.named_parameters() if weight.requires_grad
        }

    def weights(self) -> Mapping[str, Any]:
        """The LoRA matrices."""
        return self._weights

    def loss(self, pairs: Sequence[TrainingPair]) -> tuple[Any, int]:
        """The mean loss per token of the answers of a batch."""
        self._model.train()
        inputs, n_tokens = self._tokens.batch(pairs, self._plan.device)
        return self._model(**inputs).loss, n_tokens

    def losses(self, pairs: Sequence[TrainingPair]) -> list[float]:
        """The mean loss per token of each answer, in nats."""
        return answer_losses(self._model, self._tokens, pairs, self._plan.device)

    def save(self, folder: Path) -> None:
        """Write `adapter/`, `model/` with the matrices added to the weights, and `model.gguf`."""
        self._model.save_pretrained(str(folder / ADAPTER), safe_serialization=True)
        touched = {
            name.removesuffix(".base_layer.weight").removeprefix("base_model.model.") + ".weight"
            for name, _ in self._model.named_parameters()
            if name.endswith(".base_layer.weight")
        }
        before = {
            name: self._model.get_parameter(f"base_model.model.{stem}.base_layer.weight")
            .detach()
            .float()
            .cpu()
            .numpy()
            .copy()
            for name in sorted(touched)
            for stem in [name.removesuffix(".weight")]
        }
        merged = self._model.merge_and_unload()
        merged.save_pretrained(str(folder / MODEL), safe_serialization=True)
        self._tokenizer.save_pretrained(str(folder / MODEL))
        if self._plan.base_gguf is not None:
            after = {
                name: merged.get_parameter(name).detach().float().cpu().numpy() for name in before
            }
            write_merged_gguf(self._plan.base_gguf, folder / GGUF, before, after)
