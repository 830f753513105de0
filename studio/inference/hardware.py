"""What this machine has, and which device models run on.

Looks before it imports: torch takes seconds to load and is asked only where there may be a GPU.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import platform
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

Device = Literal["cuda", "mps", "cpu"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A description for people; `n_cores` are those this process may use, `gpu` is "" if none."""

    cpu: str
    n_cores: int
    memory_bytes: int
    device: Device
    gpu: str = ""
    gpu_memory_bytes: int = 0


def pick_device() -> Device:
    """The fastest device that models can use here: cuda, then mps, then cpu."""
    if _may_have_cuda():
        import torch

        if torch.cuda.is_available():
            return "cuda"
    if _may_have_mps():
        import torch

        if torch.backends.mps.is_available():
            return "mps"
    return "cpu"


def describe_machine() -> Machine:
    """What models run on. Imports torch only where there may be an accelerator."""
    device = pick_device()
    gpu, gpu_memory_bytes = "", 0
    if device == "cuda":
        import torch

        properties = torch.cuda.get_device_properties(0)
        gpu, gpu_memory_bytes = properties.name, properties.total_memory
    elif device == "mps":
        gpu = "Apple GPU"
    return Machine(
        cpu=_cpu_name(),
        n_cores=n_cores(),
        memory_bytes=psutil.virtual_memory().total,
        device=device,
        gpu=gpu,
        gpu_memory_bytes=gpu_memory_bytes,
    )


def resident_bytes() -> int:
    """Memory that this process holds now."""
    return int(psutil.Process().memory_info().rss)


def family_bytes() -> int:
    """Memory that this process and those that it started hold now, models in the latter included."""
    total = resident_bytes()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            total += int(child.memory_info().rss)
    return total


def release_memory() -> None:
    """Give freed memory back to the system, as far as the libraries let us."""
    gc.collect()
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    # Another thread may be importing it at this moment.
    if cuda is not None and hasattr(cuda, "is_available") and cuda.is_available():
        cuda.empty_cache()
    if sys.platform == "linux":
        # glibc keeps what was freed for itself; other C libraries have no such function.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def processor_name() -> str:
    """The processor and how many cores of it there are: what measured times hold for."""
    return f"{_cpu_name()}, {n_cores()} cores"


def _may_have_cuda() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def _may_have_mps() -> bool:
    return (
        sys.platform == "darwin"
        and platform.machine() == "arm64"
        and importlib.util.find_spec("torch") is not None
    )


def n_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_name() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
