"""The pages of the libraries that are installed."""

from __future__ import annotations

import importlib

import pytest

from companion.corpus import LIBRARIES, SHORTEST, pages


@pytest.mark.parametrize("library", LIBRARIES)
def test_pages_are_whole_docstrings_under_the_name_that_one_calls_them_by(library: str) -> None:
    found = pages(library)
    assert 500 < len(found) < 1200
    assert [page.title for page in found] == sorted({page.title for page in found})
    assert len({page.body for page in found}) == len(found)
    for page in found:
        assert page.title.startswith(f"{library}.")
        assert len(page.body) > SHORTEST


@pytest.mark.parametrize("title", ["pandas.DataFrame.rolling", "pandas.DataFrame.ffill", "pandas.DataFrame.to_csv"])
def test_what_a_class_inherits_is_there(title: str) -> None:
    assert title in {page.title for page in pages("pandas")}


def test_the_text_is_what_help_shows() -> None:
    (page,) = [page for page in pages("numpy") if page.title == "numpy.linalg.lstsq"]
    found = importlib.import_module("numpy").linalg.lstsq.__doc__
    assert page.body.split()[:12] == found.split()[:12]


def test_what_a_module_has_imported_from_elsewhere_is_not_its_page() -> None:
    titles = {page.title for page in pages("matplotlib")}
    assert "matplotlib.widgets.Slider" in titles
    assert "matplotlib.pyplot.Slider" not in titles


def test_a_library_that_is_none_of_them_is_refused() -> None:
    with pytest.raises(KeyError):
        pages("scipy")
