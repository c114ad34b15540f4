"""A simulator alive where it is read about: in the published page, and in JupyterLab.

    from companion.panel import panel
    from companion.simulators import metastable

    panel(metastable, "collapse", seed=seed)

In JupyterLab the call shows widgets. In the built book it becomes a panel that runs the package's own module inside
the reader's browser (`companion.book.sphinx.live.panel_pages` writes its HTML, `companion.panel.page` runs there).
Both are made from the one description of the simulator's parameters.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

from companion.panel.offer import offered

MIME = "application/vnd.companion.panel+json"
"""The media type under which a panel stands among a cell's outputs."""


def panel(module: str | ModuleType, preset: str, **values: Any) -> None:
    """Show the panel of a simulator.

    Parameters
    ----------
    module : str or module
        The simulator, such as ``companion.simulators.metastable``; see `companion.panel.offer` for what it must offer.
    preset : str
        The scenario from which the reader starts.
    **values
        Parameters that differ from the preset's, such as the seed.

    Raises
    ------
    companion.parameters.ParameterError
        If the preset or a parameter is unknown, or a value is out of its range.
    """
    from IPython.display import display

    offer = offered(module if isinstance(module, str) else module.__name__)
    settings = offer.settings_of(preset, values)
    if "JPY_SESSION_NAME" in os.environ:  # set by Jupyter's server for a notebook that is open in a browser
        from companion.panel.widgets import Widgets

        display(Widgets(offer, preset, values).box)
        return
    told = ", ".join([f"preset {preset}", *(f"{name} {value}" for name, value in values.items())])
    plain = {name: getattr(settings, name) for name in values}
    content = {"module": offer.name, "preset": preset, "values": plain}
    display({"text/plain": f"panel of {offer.page.COMMAND}: {told}", MIME: content}, raw=True)


__all__ = ["MIME", "panel"]
