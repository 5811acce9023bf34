"""Templates as they are sent: the line breaks and indentation of the source are one space, as a browser reads them.

Templates are written one element a line; on the wire, and in elements that keep line breaks of their text
(`.text-pre`), that layout would be noise. What a value holds is never touched: only the source is read here.
"""

import re

from django.template.loaders.filesystem import Loader as FilesystemLoader

LAYOUT = re.compile(r"[ \t]*\n\s*")


class Loader(FilesystemLoader):
    def get_contents(self, origin):
        text = super().get_contents(origin)
        return LAYOUT.sub(" ", text) if origin.name.endswith(".html") else text
