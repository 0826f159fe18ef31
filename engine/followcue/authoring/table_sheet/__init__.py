"""A sheet of a spreadsheet -> a decision table in YAML: heads become columns, cells become phrases."""
