"""The language server: what editors ask of a pack, over the Language Server Protocol."""
