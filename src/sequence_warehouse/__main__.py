"""``python -m sequence_warehouse``: the command line."""

import sys

from sequence_warehouse.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
