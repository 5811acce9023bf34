"""Training courses and commendations."""
