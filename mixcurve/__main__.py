"""The command line: ``python -m mixcurve`` is ``mixcurve``."""

from mixcurve.cli.main import main

if __name__ == "__main__":
    main()
