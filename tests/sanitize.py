"""The kernels' tests on a build that watches every access to memory; run by dev.py.

Needs a compiler whose sanitizers can be loaded into a running Python: GCC on Linux.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "build" / "sanitized"
LIBRARIES = "libasan.so", "libubsan.so", "libstdc++.so"
TESTS = [*sorted(ROOT.glob("tests/test_kernels*.py")), ROOT / "tests" / "test_unveil.py"]


def main() -> int:
    """Build, test; the exit status of the tests."""
    preload = [where(name) for name in LIBRARIES]
    if None in preload:
        print("-- sanitizers are left out: this compiler has none that can be loaded", flush=True)
        return 0
    print("-- sanitizers: compiling the kernels once more", flush=True)
    if not built():
        return 1
    # -S: what is installed for development would come before the build
    command = [sys.executable, "-S", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {
        **os.environ,
        "LD_PRELOAD": " ".join(map(str, preload)),
        "ASAN_OPTIONS": "detect_leaks=0",  # Python itself never frees some
        "PYTHONPATH": os.pathsep.join([str(TARGET), str(Path(np.__file__).parents[1])]),
    }
    return subprocess.run([*command, *map(str, TESTS)], cwd=ROOT, env=environment).returncode


def where(library: str) -> Path | None:
    """Where the compiler keeps a library; None if it has none."""
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if compiler is None or sys.platform != "linux":
        return None
    ask = [compiler, f"-print-file-name={library}"]
    found = Path(subprocess.run(ask, capture_output=True, text=True).stdout.strip())
    return found if found.is_absolute() and found.exists() else None


def built() -> bool:
    """Build with sanitizers into a folder of its own; what pip says is shown if it fails."""
    wanted = "cmake.define.FOCUSSTACK_SANITIZE=ON", "build-dir=build/sanitize"
    settings = [f"--config-settings={one}" for one in wanted]  # older pips have no -C
    how = ["-q", "--no-build-isolation", "--no-deps", "--upgrade", "--target", str(TARGET)]
    command = [sys.executable, "-m", "pip", "install", *how, *settings, str(ROOT)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
