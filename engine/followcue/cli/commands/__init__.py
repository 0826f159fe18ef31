"""The commands of the program, a module each, imported when they are asked for: open, call, render."""
