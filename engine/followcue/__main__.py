"""`python -m followcue`: the command line."""

from followcue.cli import main

if __name__ == "__main__":
    main()
