"""Runs followcue from a checkout without installing it: `python cli.py evaluate ...`."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "engine"))

from followcue.cli.start import run

if __name__ == "__main__":
    run()
