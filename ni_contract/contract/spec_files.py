"""Finds and reads the contract's data files, in an installed wheel or in a checkout."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def spec_folder() -> Path:
    """The folder of the contract's data: beside this module when installed, beside the package in a checkout."""
    here = Path(__file__).parent.parent
    installed = here / "spec"
    if installed.is_dir():
        return installed
    return here.parent / "spec"


def spec_names() -> list[str]:
    """The names of all data files, relative to the folder, with forward slashes, sorted."""
    folder = spec_folder()
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def version_of(distribution: str) -> str:
    """The version of an installed distribution, or a phrase that says that it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "(not installed)"


def read_spec(name: str) -> str:
    """The text of the data file *name*, one of `spec_names()`. Raises KeyError for any other name."""
    if name not in spec_names():
        raise KeyError(name)
    return (spec_folder() / name).read_text("utf-8")
