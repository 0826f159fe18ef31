"""What stands for `filelock` in a page, where nobody else could write: nothing is locked, as nothing is saved."""
