"""Templates as they are sent: the line breaks and indentation of the source are what a browser makes of them.

Templates are written one element a line; on the wire, and in elements that keep line breaks of their text
(`.text-pre`), that layout would be noise. It is nothing beside the tag of a block and one space elsewhere. What a value
holds is never touched: only the source is read here.
"""

import re

from django.template.loaders.filesystem import Loader as FilesystemLoader

BLOCKS = (
    "address|article|aside|blockquote|body|caption|col|colgroup|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h1|h2|h3|h4|head|header|html|legend|li|link|main|meta|nav|ol|optgroup|option|p|script|section|summary|table|"
    "tbody|td|tfoot|th|thead|title|tr|ul"
)
AFTER_BLOCK = re.compile(rf"(</?(?:{BLOCKS})\b[^<>]*>)[ \t]*\n\s*")
BEFORE_BLOCK = re.compile(rf"[ \t]*\n\s*(?=</?(?:{BLOCKS})\b)")
LAYOUT = re.compile(r"[ \t]*\n\s*")


def without_layout(source: str) -> str:
    """The source of a page without the line breaks and indentation it was written with."""
    return LAYOUT.sub(" ", BEFORE_BLOCK.sub("", AFTER_BLOCK.sub(r"\1", source)))


class Loader(FilesystemLoader):
    def get_contents(self, origin):
        source = super().get_contents(origin)
        return without_layout(source) if origin.name.endswith(".html") else source
