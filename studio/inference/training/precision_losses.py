"""What a text model loses on answers, as it is and with its weights rounded; in a process of its own.

    python -m studio.inference.training.precision_losses FOLDER

The folder has a `plan.json` (whose base is measured), `held_out.jsonl` and `precisions.json`, a list;
`losses.json` is written: precision -> the loss of each pair, "as it is" first. Rounding is along rows,
and the same in a GGUF whose rows lie in another order.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.inference.compression import rounded_matrix
from studio.inference.training import plan as files
from studio.inference.training.chat_tokens import ChatTokens, answer_losses

PRECISIONS, LOSSES = "precisions.json", "losses.json"
AS_IT_IS = "as it is"


def measure(folder: Path) -> None:
    """Write the losses of all precisions.

    Raises:
        StudioError: the model has no chat template, or a file cannot be read.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    plan = files.read_plan(folder)
    if plan.device == "cpu":
        torch.set_num_threads(plan.n_threads)
    pairs = files.read_pairs(folder / files.HELD_OUT)
    base = str(plan.base_folder)
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    tokens = ChatTokens(tokenizer, plan.settings.max_tokens)
    model: Any = AutoModelForCausalLM.from_pretrained(
        base, local_files_only=True, dtype=torch.float32
    ).to(plan.device)
    original = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    losses = {AS_IT_IS: answer_losses(model, tokens, pairs, plan.device)}
    for kind in json.loads((folder / PRECISIONS).read_text(encoding="utf-8")):
        with torch.no_grad():
            for name, weight in model.named_parameters():
                rounded = rounded_matrix(
                    original[name].cpu().numpy(), kind, is_word_table="embed_tokens" in name
                )
                weight.copy_(torch.from_numpy(rounded))
        losses[kind] = answer_losses(model, tokens, pairs, plan.device)
    files.write_json(folder / LOSSES, losses)


if __name__ == "__main__":
    try:
        measure(Path(sys.argv[1]))
    except StudioError as error:
        files.write_json(Path(sys.argv[1]) / files.FAILURE, error.notice.to_json())
        sys.exit(3)
