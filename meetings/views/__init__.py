"""Pages of meetings and expected meetings. Those that need opinions, too, live in `feedback`."""
