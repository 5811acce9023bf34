"""Refusals that a person reads: every message is a Vietnamese sentence that says how to go on."""


class DomainError(Exception):
    """A rule says no. `field` names the form field the sentence belongs to, if any."""

    status_code = 422

    def __init__(self, message, field=None):
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(DomainError):
    """The actor may not do this (403)."""

    status_code = 403


class Conflict(DomainError):
    """Somebody else saved first (409); nothing was overwritten."""

    status_code = 409
