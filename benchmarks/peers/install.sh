#!/bin/sh
# Make an environment for each peer that cannot live in ours: PyMC-Marketing 1.3.0, which needs pymc < 6.4, lmfit, the
# libraries of logistic regression, and Meridian 2.1.0, which needs Python 3.12 and brings TensorFlow: 3 GB.
#
#     benchmarks/peers/install.sh             the pinned versions, on which the figures were measured
#     benchmarks/peers/install.sh --resolve   the newest that go with PyMC-Marketing and Meridian, and write them down
set -eu
cd "$(dirname "$0")/../.."

PEER=benchmarks/peers/.venv-pymc-marketing
PINS=benchmarks/peers/pymc_marketing.txt
# NumPyro is the sampler that did best on its Hill curves, nutpie the one to fall back to.
WANTED='pymc-marketing==1.3.0 numpyro nutpie'
PYTHON=$PEER/bin/python

sh scripts/setup.sh
UV=
for candidate in .tools/uv/bin/uv uv; do
    if [ -z "$UV" ] && "$candidate" --version >/dev/null 2>&1; then UV=$candidate; fi
done

install() {
    if [ -n "$UV" ]; then "$UV" pip install --quiet --python "$PYTHON" "$@"; else "$PYTHON" -m pip install --quiet "$@"; fi
}

freeze() {
    if [ -n "$UV" ]; then "$UV" pip freeze --quiet --python "$PYTHON"; else "$PYTHON" -m pip freeze; fi
}

if [ ! -x "$PYTHON" ]; then
    if [ -n "$UV" ]; then "$UV" venv --quiet --python .venv/bin/python "$PEER"; else .venv/bin/python -m venv "$PEER"; fi
fi
if [ "${1:-}" = --resolve ]; then
    # The names are separate words on purpose.
    # shellcheck disable=SC2086
    install $WANTED
    freeze >"$PINS"
else
    install -r "$PINS"
fi

# A release that does not import is worse than none: pip may take one in silence.
"$PYTHON" -c '
import jax, nutpie, numpyro, pymc_marketing
from pymc_marketing.mmm import MMM
assert pymc_marketing.__version__ == "1.3.0", pymc_marketing.__version__
' && printf 'peers: PyMC-Marketing 1.3.0 is ready in %s\n' "$PEER"

LMFIT=benchmarks/peers/.venv-lmfit
if [ ! -x "$LMFIT/bin/python" ]; then
    if [ -n "$UV" ]; then "$UV" venv --quiet --python .venv/bin/python "$LMFIT"; else .venv/bin/python -m venv "$LMFIT"; fi
fi
PYTHON=$LMFIT/bin/python
install -r benchmarks/peers/lmfit.txt
"$PYTHON" -c 'import lmfit' && printf 'peers: lmfit is ready in %s\n' "$LMFIT"

LOGISTIC=benchmarks/peers/.venv-logistic
if [ ! -x "$LOGISTIC/bin/python" ]; then
    if [ -n "$UV" ]; then "$UV" venv --quiet --python .venv/bin/python "$LOGISTIC"; else .venv/bin/python -m venv "$LOGISTIC"; fi
fi
PYTHON=$LOGISTIC/bin/python
install -r benchmarks/peers/logistic.txt
"$PYTHON" -c 'import firthmodels, glum, statsmodels' && printf 'peers: logistic regression is ready in %s\n' "$LOGISTIC"

MERIDIAN=benchmarks/peers/.venv-meridian
PINS=benchmarks/peers/meridian.txt
PYTHON=$MERIDIAN/bin/python
if [ ! -x "$PYTHON" ]; then
    # Under pyenv a bare python3.12 may be a shim for a version that is absent.
    FOUND=
    for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12.*/bin/python python3.12; do
        if [ -z "$FOUND" ] && "$candidate" --version >/dev/null 2>&1; then FOUND=$candidate; fi
    done
    if [ -n "$UV" ]; then "$UV" venv --quiet --python "${FOUND:-3.12}" "$MERIDIAN"; else "${FOUND:-python3.12}" -m venv "$MERIDIAN"; fi
fi
if [ "${1:-}" = --resolve ]; then
    install 'google-meridian==2.1.0'
    freeze >"$PINS"
else
    install -r "$PINS"
fi
"$PYTHON" -c 'from meridian.analysis.optimizer import OptimizationGrid' 2>/dev/null &&
    printf 'peers: Meridian 2.1.0 is ready in %s\n' "$MERIDIAN"
