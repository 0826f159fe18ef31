"""Small changes of the rules, and which of them the tests would notice: mutation testing."""
