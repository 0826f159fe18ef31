"""A situation and a program become a report, in every form: situation, match, advice, report."""
