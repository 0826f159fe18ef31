"""What rule authors' tests demand, cover and kill."""
