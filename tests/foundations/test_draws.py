"""Posteriors in files: as they were, whole or not at all, nothing pickled, nothing run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.draws import load_tree, save_tree
from mixcurve.foundations.errors import InputError

xr = pytest.importorskip("xarray")


def _needs(ending: str) -> None:
    for library in ("h5netcdf", "h5py") if ending == "nc" else ("zarr",):
        pytest.importorskip(library)


@pytest.fixture
def tree() -> Any:
    rng = np.random.default_rng(0)
    dates = np.datetime64("2024-01-01", "ns") + 7 * np.arange(10) * np.timedelta64(1, "D")
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(
                {"roi": (("chain", "draw", "channel"), rng.random((2, 50, 2)))},
                coords={"channel": ["tv", "Büro"], "chain": [0, 1], "draw": np.arange(50)},
            ),
            "sample_stats": xr.Dataset({"diverging": (("chain", "draw"), np.zeros((2, 50), dtype=bool))}),
            "log_likelihood": xr.Dataset(
                {"response": (("chain", "draw", "row"), -0.5 * rng.random((2, 50, 10)) ** 0.2)}
            ),
            "observed_data": xr.Dataset(
                {"response": ("row", np.arange(10.0))}, coords={"date": ("row", dates)}
            ),
        }
    )


@pytest.mark.parametrize("ending", ["nc", "zarr"])
def test_what_is_saved_comes_back_and_arviz_reads_it(tree: Any, ending: str, tmp_path: Path) -> None:
    _needs(ending)
    az = pytest.importorskip("arviz")
    path = save_tree(tree, tmp_path / "deep" / f"draws.{ending}")
    save_tree(tree, path)  # over the former one
    found = load_tree(path)
    assert found.equals(tree)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert list(az.summary(found).index) == ["roi[tv]", "roi[Büro]"]
    likelihood = np.exp(tree["log_likelihood"]["response"].values)
    harmonic = -np.log((1.0 / likelihood).mean(axis=(0, 1))).sum()  # without smoothing
    assert az.loo(found).elpd == pytest.approx(harmonic, rel=1e-3)


@pytest.mark.parametrize("ending", ["nc", "zarr"])
def test_a_failure_leaves_the_former_file(
    tree: Any, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _needs(ending)
    path = save_tree(tree, tmp_path / f"draws.{ending}")

    def broken(self: Any, where: Path, **words: Any) -> None:
        Path(where).mkdir() if ending == "zarr" else Path(where).write_text("half")
        raise OSError("no space left")

    monkeypatch.setattr(xr.DataTree, "to_netcdf" if ending == "nc" else "to_zarr", broken)
    with pytest.raises(OSError, match="no space left"):
        save_tree(tree, path)
    assert load_tree(path).equals(tree)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_objects_are_refused(tree: Any, tmp_path: Path) -> None:
    tree["posterior"] = (
        tree["posterior"].to_dataset().assign(what=("draw", np.array([{}] * 50, dtype=object)))
    )
    with pytest.raises(
        InputError, match="'what' in /posterior holds object values, which only pickling could save"
    ):
        save_tree(tree, tmp_path / "draws.nc")


def test_a_store_that_asks_for_another_codec_is_refused(tree: Any, tmp_path: Path) -> None:
    _needs("zarr")
    path = save_tree(tree, tmp_path / "draws.zarr")
    found = path / "posterior" / "roi" / "zarr.json"
    described = json.loads(found.read_text())
    described["codecs"].append({"name": "numcodecs.pickle", "configuration": {}})
    found.write_text(json.dumps(described))
    with pytest.raises(InputError, match=r"asks for the codec 'numcodecs\.pickle'"):
        load_tree(path)


def test_an_older_store_with_its_pickled_objects_is_not_read(tmp_path: Path) -> None:
    _needs("zarr")
    path = tmp_path / "draws.zarr"
    path.mkdir()
    (path / ".zgroup").write_text('{"zarr_format": 2}')
    with pytest.raises(InputError, match="cannot be read as a posterior"):
        load_tree(path)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("draws.pkl", "x", r"path must end in \.nc or \.zarr, got"),
        ("draws.nc", None, r"There is no .*draws\.nc\. Give the path of a posterior that was saved\."),
        ("draws.nc", "hello", r"cannot be read as a posterior: .* It may be damaged or of another kind"),
    ],
)
def test_refusals(name: str, content: str | None, sentence: str, tmp_path: Path) -> None:
    if content == "hello":
        _needs("nc")
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=sentence):
        load_tree(path)
