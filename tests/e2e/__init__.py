"""Whole journeys in a real browser. A package, so that what has `scope="package"` ends with the last of them."""
