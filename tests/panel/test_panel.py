"""One call is a panel in the page, and widgets in JupyterLab, made from one description."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from typing import Any

import pytest

from companion.panel import MIME, panel
from companion.panel.offer import as_text, described, offered
from companion.panel.page import run
from companion.parameters import ParameterError
from companion.simulators import metastable
from companion.simulators.metastable import PRESETS, Settings, simulate

SHORT = {"spike_start": "5", "spike_seconds": "2", "duration": "20"}


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what a cell displays."""
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", lambda what, **_: shown.append(what))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return shown


@pytest.fixture
def offer() -> Any:
    """Give what the simulator of chapter 18 offers."""
    return offered("companion.simulators.metastable")


# In a notebook that is built


@pytest.mark.parametrize("module", [metastable, "companion.simulators.metastable"])
def test_a_built_notebook_holds_a_small_bundle_that_repeats(displayed: list[Any], module: Any) -> None:
    panel(module, "collapse", seed=11)
    panel(module, "collapse", seed=11)
    assert displayed[0] == displayed[1]
    assert displayed[0] == {
        "text/plain": "panel of metastable: preset collapse, seed 11",
        MIME: {"module": "companion.simulators.metastable", "preset": "collapse", "values": {"seed": 11}},
    }


@pytest.mark.parametrize(
    ("preset", "values", "message"),
    [("flood", {}, "preset = 'flood' is not accepted: it takes collapse |"),
     ("collapse", {"load": -1}, "load = -1.0 is not accepted: it takes 0 to 10000 requests/s"),
     ("collapse", {"tide": 3}, "tide is no parameter here")],
)  # fmt: skip
def test_a_panel_with_a_wrong_setting_is_refused_where_it_is_written(
    displayed: list[Any], preset: str, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        panel(metastable, preset, **values)
    assert message in str(refused.value)
    assert displayed == []


# The description


def test_the_description_has_every_parameter_and_every_preset(offer: Any) -> None:
    told = json.loads(json.dumps(described(offer)))
    assert [parameter["name"] for parameter in told["parameters"]] == [field.name for field in fields(Settings)]
    assert list(told["presets"]) == list(PRESETS)
    load = next(parameter for parameter in told["parameters"] if parameter["name"] == "load")
    assert (load["minimum"], load["maximum"], load["unit"], load["default"]) == (0, 10000, "requests/s", "70")
    assert load["range"] == "0 to 10000 requests/s"


def test_few_parameters_are_shown_first_and_the_others_lie_in_named_groups(offer: Any) -> None:
    first = [parameter.name for parameter in offer.parameters if not parameter.group]
    assert set(first) >= {
        "policy",
        "max_retries",
        "load",
        "spike_load",
        "spike_seconds",
        "queue_bound",
        "timeout",
        "seed",
    }
    assert len(first) < 12


def test_a_slider_spans_values_that_are_accepted_and_steps_onto_the_default(offer: Any) -> None:
    for parameter in offer.parameters:
        for value in parameter.useful or ():
            parameter.check(parameter.kind(value))
        if parameter.useful and not parameter.optional:
            low, high = parameter.useful
            assert low <= parameter.default <= high, parameter.name


@pytest.mark.parametrize("preset", PRESETS)
def test_a_presets_texts_give_its_settings_back(offer: Any, preset: str) -> None:
    texts = {name: as_text(value) for name, value in PRESETS[preset].values.items()}
    assert offer.settings_of("collapse", texts) == PRESETS[preset].settings()


# What runs in the page


def test_a_run_gives_chart_table_words_and_numbers() -> None:
    given = {"load": "40", "seed": "7", **SHORT}
    told = json.loads(
        run(json.dumps({"module": "companion.simulators.metastable", "preset": "collapse", "values": given}))
    )
    result = simulate("collapse", load=40.0, seed=7, spike_start=5.0, spike_seconds=2.0, duration=20.0)
    assert told["summary"] == result.summary and told["totals"] == result.totals
    assert told["chart"]["alt"].startswith(f"Line chart: {told['chart']['title']}.")
    assert [line["name"] for line in told["chart"]["panels"][0]["series"]] == [
        "goodput (requests)", "attempts", "answers too late"]  # fmt: skip
    assert told["said"].startswith(told["chart"]["title"])
    header, *rows = told["csv"].splitlines()
    assert header.split(",") == list(result.series) and len(rows) == 20


def test_the_page_draws_what_the_chapter_draws() -> None:
    from companion.simulators.metastable.figures import figure_goodput

    result = simulate("collapse", duration=120.0)
    told = json.loads(run(json.dumps({"module": "companion.simulators.metastable", "preset": "collapse",
                                      "values": {"duration": "120"}})))  # fmt: skip
    figure = figure_goodput(result)
    assert (told["chart"]["title"], told["chart"]["alt"]) == (figure.title, figure.alt)


@pytest.mark.parametrize(
    ("values", "words"),
    [({}, "130 s after the spike "), ({"duration": 100.0}, "At the end "), ({"pattern": "constant"}, "At the end "),
     ({"pattern": "outage", "clients": "closed"}, "130 s after the outage "),
     ({"policy": "budget"}, "After the spike ")],
)  # fmt: skip
def test_a_title_names_the_trigger_that_there_was(values: dict[str, Any], words: str) -> None:
    from companion.simulators.metastable.figures import goodput_chart

    assert goodput_chart(simulate("collapse", **{"duration": 200.0, **values})).title.startswith(words)


def test_progress_is_told_in_per_cent_and_comes_to_the_end() -> None:
    told: list[int] = []
    asked = {"module": "companion.simulators.metastable", "preset": "collapse", "values": {"duration": "400"}}
    run(json.dumps(asked), told.append)
    assert told == list(range(1, 101))


def test_a_page_needs_nothing_but_the_standard_library() -> None:
    program = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in {*sys.stdlib_module_names, "companion"}:
            raise ImportError(f"not in a page: {name}")
sys.meta_path.insert(0, Refuse())
import json
from companion.panel.exercise import check
from companion.panel.page import run
run(json.dumps({"module": "companion.simulators.metastable", "preset": "collapse", "values": {"duration": "5"}}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# In JupyterLab


@pytest.fixture
def widgets(offer: Any) -> Any:
    """Make the widgets, for a run that is short."""
    from companion.panel.widgets import Widgets

    return Widgets(offer, "collapse", {"seed": 7, **SHORT})


def test_a_person_at_the_notebook_gets_widgets(displayed: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    import ipywidgets

    monkeypatch.setenv("JPY_SESSION_NAME", "18-metastable.ipynb")
    panel(metastable, "recovers", seed=3)
    assert isinstance(displayed[0], ipywidgets.VBox)


def test_there_is_a_widget_for_every_parameter_with_unit_range_and_help(widgets: Any, offer: Any) -> None:
    assert set(widgets.controls) == {parameter.name for parameter in offer.parameters}
    load = widgets.controls["load"]
    assert (load.value, load.min, load.max, load.description) == (70.0, 0, 200, "load (requests/s)")
    assert "It takes 0 to 10000 requests/s." in load.tooltip
    assert widgets.controls["seed"].value == 7
    assert widgets.controls["queue_bound"].value == "none"


def test_a_preset_sets_the_widgets_and_keeps_the_seed(widgets: Any) -> None:
    widgets.preset.value = "cache_flush_bounded"
    assert widgets.controls["load"].value == 1000.0  # beyond the useful range, for which the slider stretches
    assert widgets.controls["queue_bound"].value == "50"
    assert widgets.controls["seed"].value == 7
    assert widgets.help.value == PRESETS["cache_flush_bounded"].help


def test_the_button_runs_the_simulation_and_shows_the_chapters_figure(
    widgets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("companion.panel.widgets.display", shown.append)
    widgets.controls["load"].value = 40.0
    widgets.button.click()
    (figure,) = shown
    expected = simulate("collapse", load=40.0, seed=7, spike_start=5.0, spike_seconds=2.0, duration=20.0)
    assert f"{expected.attempts_per_s:.0f} attempts/s" in figure.title


def test_values_that_contradict_each_other_are_explained_and_nothing_is_drawn(
    widgets: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("companion.panel.widgets.display", lambda _: pytest.fail("drawn"))
    widgets.controls["policy"].value = "shedding"
    widgets.controls["shed_margin"].value = 2.0
    widgets.button.click()
    assert "it takes 0 to less than the timeout, 1 s" in capsys.readouterr().out
