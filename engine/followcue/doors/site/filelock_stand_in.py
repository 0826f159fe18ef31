"""What stands for `filelock` in a page: nothing is locked there, as nothing is saved."""
