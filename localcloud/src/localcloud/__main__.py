"""`python -m localcloud serve` and `python -m localcloud run PROGRAM …`."""

import sys

from localcloud.gateway.command_line import main

if __name__ == "__main__":
    sys.exit(main())
