"""From data to a model: needs the `train` extra."""
