"""What the rules mean: a stratified logic program."""
