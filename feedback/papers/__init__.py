"""The documents of a meeting, each built as a `core.paper.Paper` from what is on record."""
