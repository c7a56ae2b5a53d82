"""The command line: ``python -m mixcurve`` is ``mixcurve``."""

import sys

from mixcurve.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
