"""What both Transformers engines need of torch: threads, precision and memory of a device.

Imports torch only inside its functions.
"""

from __future__ import annotations

from typing import Any

from studio.inference.hardware import Device, resident_bytes


def prepared_torch(device: Device, n_threads: int) -> tuple[Any, Any, str]:
    """The torch module, the dtype for the device and its name: bf16, or fp32 on a CPU."""
    import torch

    if device == "cpu":
        torch.set_num_threads(n_threads)
        return torch, torch.float32, "fp32"
    return torch, torch.bfloat16, "bf16"


def taken_bytes(device: Device) -> int:
    """Memory of the device that is taken now; that of the process on a CPU."""
    if device == "cpu":
        return resident_bytes()
    import torch

    if device == "cuda":
        return int(torch.cuda.memory_allocated())
    return int(torch.mps.current_allocated_memory())


def end_of(error: BaseException) -> str:
    """The last line of an error's message, at most 200 characters."""
    lines = str(error).strip().splitlines()
    return lines[-1][:200] if lines else type(error).__name__
