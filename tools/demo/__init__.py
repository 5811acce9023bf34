"""Material of the demo: made-up people, villages, opinions and meetings. Pure functions of a `random.Random`."""
