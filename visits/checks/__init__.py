"""Cross-checks: neutral questions about records, and check pairs drawn by lot."""
