"""Text that people write -> plain data that knows its places, checked against a JSON Schema."""
