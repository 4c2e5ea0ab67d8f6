"""What `make validate` runs: one module per topic, whose `run` gives sections of docs/validation.md."""
