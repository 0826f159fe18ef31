"""What the tests see of the rules: conditions, edges and outcomes that some test shows to matter."""
