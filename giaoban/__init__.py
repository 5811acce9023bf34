"""The composition root of the application."""

from giaoban.celery import app as celery_app

__all__ = ["celery_app"]
