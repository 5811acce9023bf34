"""The yearly workbook.

openpyxl in its normal mode makes the sheets, because the streaming one cannot merge headings; the rows of lists never
pass through it: `rows` writes them as they stand in the file and `package` puts them into their places
(docs/decisions/0007).
"""

from reports.workbook.book import write_workbook

__all__ = ["write_workbook"]
