"""The catalogue of a pack: every rule as a sentence, with its sources, examples and neighbours, as pages."""
