"""Bounds that keep the memory of a load bounded."""

# One record (a JSON line, a CSV row) longer than this many characters, four bytes each at the most,
# is rejected.
MAX_RECORD_CHARACTERS = 4 * 1024 * 1024
MAX_RECORD_BYTES = 4 * MAX_RECORD_CHARACTERS
# A .json file that is one single document (an API page, not JSON lines, not an array) is parsed whole.
MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
