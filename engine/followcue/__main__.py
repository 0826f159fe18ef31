"""`python -m followcue`: the command line."""

from followcue.cli.start import run

if __name__ == "__main__":
    run()
