"""Excel books on their way in: sheets, columns, cells, faults, what is asked before a book is written."""
