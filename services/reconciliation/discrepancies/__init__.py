"""What is different, since when, whose work it is, by when, and how it ended."""
