"""Thu hộ: what a site collects for another body, what it has handed on, and what it still holds. It is never the site's money."""
