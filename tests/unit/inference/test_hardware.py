"""What the machine has, and giving memory back: each where torch is not there, or not yet.

Tests that change what `import torch` finds do so in a process of their own: in this one another thread
may be importing it, and would leave a broken torch behind for all tests to come.
"""

from __future__ import annotations

import subprocess
import sys

from studio.inference import hardware


def told_by(code: str) -> list[str]:
    """What a new process prints that runs this, line by line."""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return found.stdout.splitlines()


def test_processor_is_picked_without_torch():
    device, cpu, n_cores, memory_bytes = told_by(
        "import sys; from studio.inference import hardware\n"
        "hardware._may_have_cuda = hardware._may_have_mps = lambda: False\n"
        "sys.modules['torch'] = None  # importing it would fail\n"
        "found = hardware.describe_machine()\n"
        "print(found.device, found.cpu, found.n_cores, found.memory_bytes, sep='\\n')"
    )
    assert device == "cpu"
    assert cpu
    assert int(n_cores) >= 1
    assert int(memory_bytes) > 2**28


def test_memory_can_be_given_back_while_another_thread_imports_torch():
    told = told_by(
        "import sys; from types import ModuleType; from studio.inference import hardware\n"
        "sys.modules['torch'] = ModuleType('torch')  # as far as an import has come\n"
        "hardware.release_memory(); print('given back')"
    )
    assert told == ["given back"]


def test_releasing_memory_needs_no_torch():
    before = hardware.resident_bytes()
    hardware.release_memory()
    assert hardware.resident_bytes() <= before + 2**24


def test_memory_of_the_studio_is_that_of_its_children_too():
    code = "import sys; held = bytes(64 << 20); print(len(held), flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        assert hardware.family_bytes() - hardware.resident_bytes() > 5 << 20
        child.stdin.close()
