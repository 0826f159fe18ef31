"""Spreadsheets: somebody's own brought along into a situation, and a situation written as one."""
