"""Data of benchmark size, and the performance report over it."""
