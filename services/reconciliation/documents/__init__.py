"""The numbers of statutory documents, which the unit's own system issues; Khớp issues none and only knows their numbers."""
