"""The corpus: recipes that are correct, and the same with one seeded mistake each."""
