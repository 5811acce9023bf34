"""Closing of periods: who may, what is kept, what it forbids, and what differs afterwards."""
