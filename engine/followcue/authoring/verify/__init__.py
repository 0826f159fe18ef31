"""Differential testing of the matchers: situations of the tests, variants of them and made-up ones."""
