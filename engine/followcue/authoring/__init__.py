"""Rules checked, compared, shown, edited and reloaded."""
