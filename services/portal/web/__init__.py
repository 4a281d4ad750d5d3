"""Pages as such: how they are written, what they bring along, where they are, what comes back, and what goes wrong."""
