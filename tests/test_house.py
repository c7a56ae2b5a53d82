"""The house keeps its arrows (who may import whom) and its habits; the sources themselves are read, nothing is run."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mixcurve"

# A room may import from rooms with a lower number, and from itself.
FLOOR = {
    "homes": 0,
    "sigmoid": 0,
    "foundations": 1,
    "tables": 2,
    "calibration": 2,
    "thresholds": 2,
    "response": 3,
    "propensity": 3,
    "budget": 4,
    "scale": 4,
    "plots": 5,
    "report": 6,
    "cli": 7,
}

# Where each of the large libraries may be imported; "bayes" is any folder of that name.
SAMPLERS = ("arviz", "blackjax", "jax", "nutpie", "numpyro", "pymc", "pytensor")
KEEPERS: dict[str, Callable[[str], bool]] = {
    **{name: lambda path: "/bayes/" in path for name in SAMPLERS},
    "matplotlib": lambda path: path.startswith("plots/"),
    "typst": lambda path: path.startswith("report/pdf"),
    "pyspark": lambda path: path.startswith("scale/spark"),
}
EXCEPTIONS = {("foundations/arrays.py", "pytensor")}  # the array namespace, imported when first asked for

UNSAFE_MODULES = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
UNSAFE_CALLS = {"eval", "exec"}
LONGEST_MODULE = 300
LONGEST_BODY = 45

Finding = str
Rule = Callable[[str, ast.Module], Iterator[Finding]]


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Yield each module that is imported anywhere in the tree, as a dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield "." * node.level + (node.module or ""), node
            elif node.module == "mixcurve":
                for alias in node.names:
                    yield f"mixcurve.{alias.name}", node
            elif node.module:
                yield node.module, node


def arrows(path: str, tree: ast.Module) -> Iterator[Finding]:
    """A room imports only from rooms below it, each name from its own module."""
    here = path.split("/")[0].removesuffix(".py")
    if here in ("__init__", "__main__"):
        return
    if here not in FLOOR:
        yield f"{path}: '{here}' is no room of the house"
        return
    for module, node in imports(tree):
        if module.startswith("."):
            yield f"{path}:{node.lineno}: relative import; write the full name"
        if module == "mixcurve.__version__" or not (module + ".").startswith("mixcurve."):
            continue
        there = module.partition(".")[2].partition(".")[0]
        if there not in FLOOR:
            yield f"{path}:{node.lineno}: imports {module}; take it from its own module"
        elif there != here and FLOOR[there] >= FLOOR[here]:
            yield f"{path}:{node.lineno}: {here} imports from {there}, which is not below it"


def keepers(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Each large library is imported only in the room that keeps it."""
    for module, node in imports(tree):
        library = module.split(".")[0]
        if library in KEEPERS and not KEEPERS[library](path) and (path, library) not in EXCEPTIONS:
            yield f"{path}:{node.lineno}: imports {library}"


def lightness(path: str, tree: ast.Module) -> Iterator[Finding]:
    """The array namespaces are light: PyTensor is imported inside a function."""
    if path == "foundations/arrays.py":
        for module, node in chain.from_iterable(imports(ast.Module([n], [])) for n in tree.body):
            if module.startswith("pytensor") and node in tree.body:
                yield f"{path}:{node.lineno}: imports {module} at module level"


def sizes(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Modules stay under 300 lines and function bodies, docstring aside, under 45."""
    length = max((node.end_lineno or 0 for node in tree.body), default=0)
    if length >= LONGEST_MODULE:
        yield f"{path}: {length} lines"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines >= LONGEST_BODY:
                yield f"{path}:{node.lineno}: the body of {node.name} has {lines} lines"


def handlers(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Nothing is caught wholesale; BaseException only to clean up and raise again."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        caught = {ast.unparse(kind) if kind else "everything" for kind in kinds}
        last = node.body[-1]
        raised_again = isinstance(last, ast.Raise) and last.exc is None
        if caught & {"everything", "Exception"} or ("BaseException" in caught and not raised_again):
            yield f"{path}:{node.lineno}: catches {', '.join(sorted(caught))}"


def unsafe(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Nothing that is read can run: no pickle, no eval."""
    for module, node in imports(tree):
        if module.split(".")[0] in UNSAFE_MODULES:
            yield f"{path}:{node.lineno}: imports {module}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS:
            yield f"{path}:{node.lineno}: calls {node.func.id}"
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"read_pickle", "to_pickle"}:
            yield f"{path}:{node.lineno}: calls {node.func.attr}"
        if any(k.arg == "allow_pickle" and getattr(k.value, "value", True) for k in node.keywords):
            yield f"{path}:{node.lineno}: allows pickle"


RULES: tuple[Rule, ...] = (arrows, keepers, lightness, sizes, handlers, unsafe)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_package_keeps(rule: Rule) -> None:
    sources = {p.relative_to(PACKAGE).as_posix(): p for p in sorted(PACKAGE.rglob("*.py"))}
    assert len(sources) > 1
    trees = {name: ast.parse(p.read_text(encoding="utf-8"), filename=name) for name, p in sources.items()}
    found = [finding for name, tree in trees.items() for finding in rule(name, tree)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("rule", "path", "source", "finding"),
    [
        (arrows, "tables/a.py", "from mixcurve.response.curves import base", "tables imports from response"),
        (arrows, "response/a.py", "def f():\n    import mixcurve.propensity.newton", "not below it"),
        (arrows, "propensity/a.py", "from mixcurve.response import evidence", "not below it"),
        (arrows, "calibration/a.py", "from mixcurve.tables.spend import read_spend", "not below it"),
        (arrows, "sigmoid.py", "from mixcurve.foundations import checks", "not below it"),
        (arrows, "budget/a.py", "from mixcurve import fit_mix", "take it from its own module"),
        (arrows, "budget/a.py", "import mixcurve", "take it from its own module"),
        (arrows, "budget/a.py", "from .solve import allocate", "relative import"),
        (arrows, "attic/a.py", "", "no room of the house"),
        (keepers, "response/fit/mix/fit.py", "def f():\n    import pymc as pm", "imports pymc"),
        (keepers, "foundations/arrays.py", "import pymc", "imports pymc"),
        (keepers, "report/pdf.py", "import matplotlib.pyplot as plt", "imports matplotlib"),
        (keepers, "report/payload.py", "from typst import compile", "imports typst"),
        (lightness, "foundations/arrays.py", "import pytensor.tensor as pt", "at module level"),
        (sizes, "budget/a.py", "x = 1\n" * 300, "300 lines"),
        (
            sizes,
            "budget/a.py",
            "def f():\n    '''Doc.'''\n" + "    x = 1\n" * 45,
            "the body of f has 45 lines",
        ),
        (handlers, "budget/a.py", "try:\n    f()\nexcept:\n    pass", "catches everything"),
        (
            handlers,
            "budget/a.py",
            "try:\n    f()\nexcept (OSError, Exception):\n    raise",
            "catches Exception",
        ),
        (handlers, "budget/a.py", "try:\n    f()\nexcept BaseException:\n    pass", "catches BaseException"),
        (unsafe, "budget/a.py", "import pickle", "imports pickle"),
        (unsafe, "budget/a.py", "eval('1')", "calls eval"),
        (unsafe, "budget/a.py", "import numpy as np\nnp.load('a.npy', allow_pickle=True)", "allows pickle"),
    ],
)
def test_rule_can_fail(rule: Rule, path: str, source: str, finding: str) -> None:
    found = list(rule(path, ast.parse(source)))
    assert len(found) == 1
    assert finding in found[0]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("budget/solve.py", "from mixcurve.response.curves.shape import marginal"),
        ("cli/main.py", "from mixcurve import __version__"),
        ("foundations/arrays.py", "from mixcurve import sigmoid\ndef f():\n    import pytensor.tensor as pt"),
        ("response/bayes/model.py", "import pymc as pm"),
        ("plots/curves.py", "import matplotlib.pyplot as plt"),
        ("report/pdf/compile.py", "import typst"),
        ("tables/spend.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
        ("tables/spend.py", "def f():\n    '''Doc.\n" + "    line\n" * 60 + "    '''\n    return 1"),
        ("tables/spend.py", "import numpy as np\nnp.load('a.npy', allow_pickle=False)"),
    ],
)
def test_what_is_allowed_passes(path: str, source: str) -> None:
    assert [finding for rule in RULES for finding in rule(path, ast.parse(source))] == []


# Written in two parts, so that this file passes its own check.
REGISTRY_HOSTS = re.compile(
    "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "conda" + r"\.anaconda\.org"))
)
INDEX_OPTIONS = re.compile(r"(?:--(?:extra-)?index" + r"-url|--find" + r"-links)[ =]+\S")
MACHINE_PATHS = re.compile(r"(?<![\w.~}/-])/(?:work|root|home|Users|mnt|workspace)/\w")


def machine_words(text: str) -> list[str]:
    """Return what ties a text to one registry or one machine."""
    return [
        found[0] for rule in (REGISTRY_HOSTS, INDEX_OPTIONS, MACHINE_PATHS) for found in rule.finditer(text)
    ]


def tracked_files() -> list[Path]:
    """Return the files under version control, or skip where this is no clone."""
    try:
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--full-name"]
        done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs a git clone: {error}")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """Return the text of a file, nothing for a picture or other binary file."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def test_tracked_files_name_no_registry_and_no_machine() -> None:
    found = {str(path.relative_to(ROOT)): machine_words(text_of(path)) for path in tracked_files()}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_lock_file_is_tracked() -> None:
    assert not [path.name for path in tracked_files() if path.suffix == ".lock" or path.name == "poetry.lock"]


@pytest.mark.parametrize(
    "text",
    ["https://py" + "pi.org/simple", "--index" + "-url https://mirror", "open('/ho" + "me/ann/data.csv')"],
)
def test_machine_words_can_fail(text: str) -> None:
    assert len(machine_words(text)) == 1


def test_machine_words_leave_web_addresses_and_relative_paths() -> None:
    assert machine_words("https://example.com/home/page ../shared/data $HOME/.cache ~/jobs/x") == []


def test_pins_are_names_and_versions() -> None:
    """Each line of the pins is name==version, every declared dependency among them."""
    import tomllib

    pins = (ROOT / "pins" / "environment.txt").read_text(encoding="utf-8").splitlines()
    assert [
        line for line in pins if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*==[0-9][0-9a-z.]*", line)
    ] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.split(r"[<>=!~ ;\[]", line)[0] for line in declared}
    assert names - {line.partition("==")[0] for line in pins} == set()
