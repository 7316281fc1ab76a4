"""Fields read from single lines: dates, bylines, names, credits."""
