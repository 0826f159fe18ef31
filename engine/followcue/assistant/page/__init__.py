"""The report as a page: what to do, a timeline of each record of the scope, and why."""
