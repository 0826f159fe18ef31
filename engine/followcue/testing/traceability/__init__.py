"""From each item of a source to the rules that cite it, and to the tests that show it."""
