"""The search for parameters: a grid, the same folds for every candidate, and what came of it."""
