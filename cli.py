"""Runs followcue from a checkout without installing it: `python cli.py evaluate ...`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "engine"))

from followcue.cli import main

if __name__ == "__main__":
    main()
