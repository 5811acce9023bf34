"""The yearly sheet about a cadre: its figures, its list, its paper."""
