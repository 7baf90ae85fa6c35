"""Pictures as people and offices send them, with the truth beside them: to measure reading on, not to train."""
