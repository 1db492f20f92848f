"""`python -m sandbox.counterparts --port N --folder DIR --issuer URL`: serve the stand-ins on 127.0.0.1."""

import argparse
import os
import signal
import sys
from pathlib import Path

from sandbox.counterparts.server import serve
from sandbox.guardian import die_with


def main() -> None:
    parent = os.getppid()
    parser = argparse.ArgumentParser(prog="python -m sandbox.counterparts", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", required=True, help="the sandbox's folder, whose keys the tokens are signed with")
    parser.add_argument("--issuer", required=True, help="the issuer of those tokens")
    options = parser.parse_args()
    if os.environ.get("DSOP_ENVIRONMENT") != "sandbox":
        sys.exit("The stand-ins run in the sandbox only: set DSOP_ENVIRONMENT to sandbox.")
    die_with(parent, signal.SIGTERM)
    serve(options.port, str(Path(options.folder).absolute()), options.issuer)


if __name__ == "__main__":
    main()
