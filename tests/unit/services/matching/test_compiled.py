"""Which build of the matching core is taken. That a build decides alike is checked where it is made (`make compile`)."""

from __future__ import annotations

import sys

import pytest

from services.matching import compiled


@pytest.fixture
def core(tmp_path, monkeypatch):
    """A core of two files, with no build yet."""
    sources = tmp_path / "matcher"
    sources.mkdir()
    (sources / "__init__.py").write_text("")
    (sources / "stages.py").write_text("A = 1\n")
    monkeypatch.setattr(compiled, "SOURCES", sources)
    monkeypatch.setattr(compiled, "BUILDS", tmp_path / "builds")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    return sources


def preferred() -> list[str]:
    path = ["/sources"]
    compiled.prefer(path)
    return path


def test_without_a_build_the_sources_run(core):
    assert preferred() == ["/sources"]


def test_a_build_of_these_sources_comes_first_unless_it_is_switched_off(core, monkeypatch):
    build = compiled.build_path()
    build.mkdir(parents=True)
    assert preferred() == [str(build / "services" / "matching"), "/sources"]
    assert sys.path[-1] == str(build)
    monkeypatch.setenv(compiled.SWITCH, "no")
    assert preferred() == ["/sources"]


@pytest.mark.parametrize("change", ["changed", "added", "removed", "renamed"])
def test_a_build_of_other_sources_is_left_alone(core, change):
    compiled.build_path().mkdir(parents=True)
    stages = core / "stages.py"
    if change == "changed":
        stages.write_text("A = 2\n")
    elif change == "added":
        (core / "words.py").write_text("")
    elif change == "removed":
        stages.unlink()
    else:
        stages.rename(core / "words.py")
    assert preferred() == ["/sources"]
