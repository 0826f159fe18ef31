"""Text that people write becomes a checked, stratified program: documents, then model, then logic."""
