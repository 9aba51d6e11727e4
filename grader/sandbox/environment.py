"""The environment variables of a worker: nothing of the caller's, all that fixes results."""

from __future__ import annotations

import os
import sys
from pathlib import Path

THREADS = 1
"""One thread count changes bit-exact results of some networks: fixed, and recorded."""


def worker_environment(*, home: str, library: str, temporary: str) -> dict[str, str]:
    """Build the environment of a worker.

    Args:
        home: Its home folder.
        library: Folder that holds the visible part of our package; empty to rely on the
            interpreter's own path.
        temporary: For temporary files.
    """
    environment = {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
        "HOME": home,
        "USER": "student",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": temporary,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "OMP_NUM_THREADS": str(THREADS),
        "OPENBLAS_NUM_THREADS": str(THREADS),
        "MKL_NUM_THREADS": str(THREADS),
        "TF_NUM_INTRAOP_THREADS": str(THREADS),
        "TF_NUM_INTEROP_THREADS": str(THREADS),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "-1",
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "KERAS_HOME": f"{home}/.keras",
        "TORCH_HOME": f"{home}/.torch",
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    if library:
        environment["PYTHONPATH"] = library
    return environment
