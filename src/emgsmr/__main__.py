"""``python -m emgsmr``: the command line."""

from emgsmr.cli.main import main

main()
