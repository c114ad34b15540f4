"""The panel in JupyterLab: widgets made from the description of a simulator's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets
from IPython.display import display

from companion.figures import draw
from companion.panel.offer import Offer, as_text
from companion.parameters import Parameter, ParameterError

WIDE = {"description_width": "11em"}


class Widgets:
    """The controls of one panel.

    Attributes
    ----------
    box : ipywidgets.Widget
        What a notebook shows.
    preset : ipywidgets.Dropdown
        The scenario; choosing one sets every control.
    controls : dict of str to ipywidgets.Widget
        One for each parameter.
    button : ipywidgets.Button
        Runs the simulation.
    output : ipywidgets.Output
        Where the figure, or what is wrong with a value, appears.
    """

    def __init__(self, offer: Offer, preset: str, values: Mapping[str, Any]) -> None:
        self.offer = offer
        presets = offer.simulator.PRESETS
        self.preset = ipywidgets.Dropdown(options=list(presets), value=preset, description="preset", style=WIDE)
        self.help = ipywidgets.HTML()
        self.controls = {parameter.name: control(parameter) for parameter in offer.parameters}
        self.button = ipywidgets.Button(description="Run", button_style="primary")
        self.progress = ipywidgets.FloatProgress(min=0, max=1, layout={"visibility": "hidden"})
        self.output = ipywidgets.Output()
        self._show(preset, values)
        self.preset.observe(lambda change: self._show(change["new"], self._kept()), names="value")
        self.button.on_click(lambda _: self.run())
        run = ipywidgets.HBox([self.button, self.progress])
        self.box = ipywidgets.VBox([self.preset, self.help, *self._arranged(), run, self.output])

    def run(self) -> None:
        """Simulate with the values of the controls, and show the chapter's figure."""
        self.output.clear_output()
        texts = {name: as_text(widget.value) for name, widget in self.controls.items()}
        with self.output:
            try:
                settings = self.offer.settings_of(self.preset.value, texts)
            except ParameterError as error:
                print(error)
                return
            self.progress.layout.visibility = "visible"
            result = self.offer.simulate(settings, progress=self._advance(settings.duration))
            self.progress.layout.visibility = "hidden"
            display(draw(self.offer.page.chart(result)))

    def _advance(self, seconds: float) -> Any:
        def tell(done: int) -> None:
            if done % max(1, int(seconds / 50)) == 0:
                self.progress.value = done / seconds

        return tell

    def _kept(self) -> dict[str, Any]:
        """Another scenario under the same seed is what a comparison needs."""
        return {"seed": self.controls["seed"].value} if "seed" in self.controls else {}

    def _show(self, preset: str, values: Mapping[str, Any]) -> None:
        settings = self.offer.settings_of(preset, values)
        self.help.value = self.offer.simulator.PRESETS[preset].help
        for parameter in self.offer.parameters:
            widget, value = self.controls[parameter.name], getattr(settings, parameter.name)
            if parameter.useful and not parameter.optional:
                # A slider spans where most values of interest lie, and stretches for one that lies elsewhere.
                widget.max = max(parameter.useful[1], value)
                widget.min = min(parameter.useful[0], value)
            widget.value = as_text(value) if isinstance(widget, ipywidgets.Text) else value

    def _arranged(self) -> list[Any]:
        groups: dict[str, list[Any]] = {}
        for parameter in self.offer.parameters:
            groups.setdefault(parameter.group, []).append(self.controls[parameter.name])
        first = groups.pop("", [])
        rest = ipywidgets.Accordion([ipywidgets.VBox(widgets) for widgets in groups.values()], titles=tuple(groups))
        return [*first, rest] if groups else first


def control(parameter: Parameter) -> Any:
    """Make the widget of one parameter: a slider, a list of choices, a box to tick, or a field to type in."""
    label = f"{parameter.name} ({parameter.unit})" if parameter.unit else parameter.name
    told = f"{parameter.help} It takes {parameter.range}."
    common: dict[str, Any] = {"description": label, "tooltip": told, "style": WIDE, "layout": {"width": "34em"}}
    if parameter.choices:
        return ipywidgets.Dropdown(options=list(parameter.choices), **common)
    if parameter.optional or parameter.kind is str:
        return ipywidgets.Text(placeholder=parameter.range, continuous_update=False, **common)
    if parameter.kind is bool:
        return ipywidgets.Checkbox(**common)
    if parameter.useful:
        low, high = parameter.useful
        kind = ipywidgets.IntSlider if parameter.kind is int else ipywidgets.FloatSlider
        return kind(value=low, min=low, max=high, step=parameter.step, continuous_update=False, **common)
    return ipywidgets.IntText(**common) if parameter.kind is int else ipywidgets.FloatText(**common)
