"""Run mixcurve: python -m mixcurve."""

from mixcurve.cli.main import main

main()
