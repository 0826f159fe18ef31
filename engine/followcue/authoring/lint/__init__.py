"""Lints: what is well formed and yet cannot be meant, each with a situation that shows it if there is one."""
