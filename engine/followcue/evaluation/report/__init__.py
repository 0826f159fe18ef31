"""Output forms: a report in, text out; one module a form."""
