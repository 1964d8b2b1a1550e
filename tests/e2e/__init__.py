"""A month of business as people and outside services see it; README.md has its figures."""
