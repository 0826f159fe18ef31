"""What a person wrote about their search, as typed facts: from a document to a `Situation`."""
