"""The simulator: an ASGI app that answers as the Number Insight Basic API does. Sections: wire facts, all of them.

    uvicorn ni_contract.simulator:app              any ASGI server; the published example credentials
    create_app(edition="observed", rate=2)         an app of your own settings
    with RunningSimulator() as server: ...         served on 127.0.0.1, in a thread, for a test

Each name is imported when it is first used; `app` is made then.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ni_contract.recordings.replay import load_replay
    from ni_contract.simulator.running import RunningSimulator
    from ni_contract.simulator.script import Step
    from ni_contract.simulator.service import Simulator, create_app
    from ni_contract.simulator.settings import Settings

    app: Simulator

_HOMES = {
    "RunningSimulator": "simulator.running",
    "Settings": "simulator.settings",
    "Simulator": "simulator.service",
    "Step": "simulator.script",
    "create_app": "simulator.service",
    "load_replay": "recordings.replay",
}

__all__ = ["RunningSimulator", "Settings", "Simulator", "Step", "app", "create_app", "load_replay"]


def __getattr__(name: str) -> Any:
    if name == "app":
        return globals().setdefault("app", import_module("ni_contract.simulator.service").create_app())
    if name not in _HOMES:
        raise AttributeError(f"module 'ni_contract.simulator' has no attribute {name!r}")
    return getattr(import_module(f"ni_contract.{_HOMES[name]}"), name)
