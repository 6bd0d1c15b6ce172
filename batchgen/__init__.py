"""batchgen: rows of a spreadsheet become videos, safely."""
