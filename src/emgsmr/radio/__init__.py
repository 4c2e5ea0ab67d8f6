"""The Bleak edge: scan, connect, receive, reconnect; and the virtual radio that stands in for the air."""
