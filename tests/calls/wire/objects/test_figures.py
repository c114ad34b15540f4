"""The figure of the cures: its title is the finding, computed from what is drawn."""

from companion.calls.wire.objects.figures import figure_cures
from companion.calls.wire.objects.invoker import Attempt


def test_the_title_names_the_cures_with_which_nothing_runs_and_nothing_takes_the_memory() -> None:
    tried = [
        Attempt("a", "none", "runs", 9),
        Attempt("a", "list", "refused", 9),
        Attempt("b", "list", "takes the memory", 9),
        Attempt("a", "JSON", "refused", 9),
        Attempt("b", "JSON", "replayed", 9),
    ]
    figure = figure_cures(tried)
    assert figure.title == "With 1 of 2 cures nothing runs and nothing takes the memory: JSON"
    assert "b: list takes the memory, JSON replayed." in figure.alt
