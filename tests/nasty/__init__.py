"""Files with something wrong with them, each named after its fault, and what must come of each."""
