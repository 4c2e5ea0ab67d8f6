"""What `make validate` runs: one module per topic, each with `run`, which gives sections of docs/validation.md."""
