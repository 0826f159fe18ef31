"""Tools for assistants over the Model Context Protocol: the same questions and answers, as values."""
