"""The plan of a month: where to go first, whose turn it is, what is proposed and shown."""
