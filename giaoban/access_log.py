"""The web server's access log, should somebody switch it on: without the secret addresses of calendars."""

from gunicorn.glogging import Logger

from core.logs import masked


class MaskedLogger(Logger):
    def atoms(self, resp, req, environ, request_time):
        atoms = super().atoms(resp, req, environ, request_time)
        return {name: masked(value) if isinstance(value, str) else value for name, value in atoms.items()}
