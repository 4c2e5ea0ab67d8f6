"""Nothing here is for pytest: it runs inside a virtual machine, where `make test-bluez` starts it."""

collect_ignore_glob = ["*.py"]
