"""The entry point: `python pipeline.py VERB`; `python pipeline.py --help` names the verbs."""

import sys

from cli.main import main

if __name__ == "__main__":
    sys.exit(main())
