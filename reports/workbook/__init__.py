"""The yearly workbook.

openpyxl in its normal mode: the sheets are small (a province's year is a few thousand rows) and need merged
headings, which the streaming mode cannot write.
"""

from reports.workbook.book import write_workbook

__all__ = ["write_workbook"]
