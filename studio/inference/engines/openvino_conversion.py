"""A sentence model in OpenVINO's own format: made once, pooling included, then kept on disk.

The conversion runs in a child process (`python -m` this module), because it needs torch, which would
else stay in the memory of the studio for good. Knows one folder; knows no engine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from studio.errors import ModelUnavailable
from studio.inference.engines.sentence_folder import SentenceFolder, read_sentence_folder

TIMEOUT_S = 1800
_EXAMPLE_TOKENS = 8


def converted(description: SentenceFolder, cache: Path, revision: str) -> Path:
    """The converted model (`model.xml` beside `model.bin`), made when it is missing.

    Args:
        description: what the folder says of its model.
        cache: folder of all converted models; one below it per model and OpenVINO version.
        revision: identifies the weights.

    Raises:
        ModelUnavailable: OpenVINO cannot read the model.
    """
    weights = [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(description.folder.glob("*.safetensors"))
    ]
    facts = (revision, str(description.folder), weights, description.pooling, version("openvino"))
    target = cache / hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
    if not (target / "model.xml").is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="unfinished-") as unfinished:
            new = Path(unfinished) / "new"
            _convert_in_child(description.folder, new)
            _move(new, target)
    return target / "model.xml"


def _move(new: Path, target: Path) -> None:
    if target.exists() and not (target / "model.xml").is_file():
        shutil.rmtree(target)
    try:
        os.replace(new, target)
    except OSError:
        # Another process was faster; its files are as good.
        if not (target / "model.xml").is_file():
            raise


def _convert_in_child(folder: Path, target: Path) -> None:
    command = [sys.executable, "-m", "studio.inference.engines.openvino_conversion"]
    # The package may be on our path only, as in a checkout that is not installed.
    paths = [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")]
    try:
        child = subprocess.run(
            [*command, str(folder), str(target)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelUnavailable("Its conversion took longer than {s} s.", s=TIMEOUT_S) from error
    if child.returncode:
        lines = child.stderr.strip().splitlines() or ["no reason given"]
        raise ModelUnavailable("OpenVINO cannot read it: {reason}", reason=lines[-1][:200])


def convert(folder: Path, target: Path) -> None:
    """Write `model.xml` and `model.bin` of the sentence model into a new folder.

    The result takes `input_ids` and `attention_mask`, `(n, tokens)` int64, and gives `(n, dim)`
    float32 of unit length.
    """
    import openvino
    import torch
    from transformers import AutoModel

    pooling = read_sentence_folder(folder).pooling

    class SentenceModel(torch.nn.Module):
        """The transformer with pooling and normalisation, so that only `(n, dim)` leaves it."""

        def __init__(self) -> None:
            super().__init__()
            self.transformer = AutoModel.from_pretrained(
                str(folder), local_files_only=True, dtype=torch.float32
            )

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.transformer(input_ids=input_ids, attention_mask=attention_mask)[0]
            if pooling == "cls":
                pooled = states[:, 0]  # (n, dim)
            else:
                mask = attention_mask.unsqueeze(-1).to(states.dtype)  # (n, tokens, 1)
                pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=1)

    ids = torch.ones((2, _EXAMPLE_TOKENS), dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, _EXAMPLE_TOKENS // 2 :] = 0  # with padding, else its handling may be traced away
    with torch.inference_mode():
        model = openvino.convert_model(
            SentenceModel().eval(), example_input={"input_ids": ids, "attention_mask": mask}
        )
    target.mkdir()
    openvino.save_model(model, str(target / "model.xml"), compress_to_fp16=False)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
