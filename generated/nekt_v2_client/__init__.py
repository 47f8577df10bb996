# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.

"""A client of Nekt v2.

from nekt_v2_client import NektV2

with NektV2(token=...) as api:
    ...
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import errors
from ._runtime.model import UNSET, Answer, UnsetType, answer
from ._runtime.retry import NO_RETRIES, Retries
from ._runtime.session import CallOptions
from .client import BASE_URL, NektV2
from .errors import (
    ApiError,
    ConnectionFailedError,
    DecodeError,
    NektV2Error,
    RequestTimeoutError,
    RunCanceledError,
    RunFailedError,
    WaitError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from . import lifecycle, models
    from ._runtime.lifecycle import Outcome
    from ._runtime.look import Look
    from ._runtime.memory import encode, evolve, unfold, unknown
    from ._runtime.pages import AsyncPages, Pages
    from ._runtime.progress import progress_bar
    from ._runtime.vigil import Ended, Progress
    from ._runtime.waiting import Pace, Patience
    from .async_client import AsyncNektV2
else:
    _DEFERRED = {
        ".async_client": ["AsyncNektV2"],
        "._runtime.lifecycle": ["Outcome"],
        "._runtime.look": ["Look"],
        "._runtime.memory": ["encode", "evolve", "unfold", "unknown"],
        "._runtime.pages": ["AsyncPages", "Pages"],
        "._runtime.progress": ["progress_bar"],
        "._runtime.vigil": ["Ended", "Progress"],
        "._runtime.waiting": ["Pace", "Patience"],
    }

    def __getattr__(name: str) -> Any:
        """Import what only some programs need when it is asked for."""
        if name in ("lifecycle", "models"):
            return import_module(f".{name}", __name__)
        for module, names in _DEFERRED.items():
            if name in names:
                return globals().setdefault(name, getattr(import_module(module, __name__), name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "BASE_URL",
    "NO_RETRIES",
    "UNSET",
    "Answer",
    "ApiError",
    "AsyncNektV2",
    "AsyncPages",
    "CallOptions",
    "ConnectionFailedError",
    "DecodeError",
    "Ended",
    "Look",
    "Outcome",
    "Pace",
    "Pages",
    "Patience",
    "Progress",
    "RequestTimeoutError",
    "Retries",
    "RunCanceledError",
    "RunFailedError",
    "UnsetType",
    "WaitError",
    "WaitTimeoutError",
    "NektV2",
    "NektV2Error",
    "answer",
    "encode",
    "errors",
    "evolve",
    "lifecycle",
    "models",
    "progress_bar",
    "unfold",
    "unknown",
]
