"""A whole small world from one JSON file of the format `giaoban-scenario/1`: read, checked, then written in bulk.

`reading` (shape) → `tree` (dated units and what refers to them) → `checks` (everything else) → `writing_*` (rows),
led by `loading`; `clearing` says whether a database holds data and empties it.
"""
