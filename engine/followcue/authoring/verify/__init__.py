"""Whether all matchers say the same: on situations of the tests, variants of them and made-up ones."""
