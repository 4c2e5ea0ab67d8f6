# make demo    see it work: installs into .venv, streams virtual sensors, leaves recording, tables and report in ./demo
# make test    installs into .venv and runs the tests
# make check   format, lint, types, rooms, documents
# make validate   measures everything that is claimed about the numbers, and writes docs/validation.md
# make validate-detector   changes found, false alarms, what must stay silent (hours); writes docs/detector.md
# make test-faults   ten minutes of eight sensors that lose packets; every loss has to be known
# make test-bluez    a session over Linux' own Bluetooth, in a small virtual machine (Debian on x86-64)
#
# Another Python than python3: make demo PYTHON=python3.12

PYTHON ?= python3
PYTEST_ARGS ?= -n 2 --dist worksteal
VALIDATE_ARGS ?= --write
DETECTOR_ARGS ?= --write

VENV := .venv
OLDEST := .venv-oldest
PIP := -m pip --disable-pip-version-check install --quiet

.PHONY: help demo test test-faults test-bluez check test-oldest benchmark validate validate-detector pictures screenshots clean
.DELETE_ON_ERROR:

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

demo: $(VENV)/installed-demo
	$(VENV)/bin/emgsmr demo -o demo
	@echo
	@echo "Open the report in a browser. The program is $(VENV)/bin/emgsmr; its --help lists what else it does."

test: $(VENV)/installed-test
	$(VENV)/bin/python -m pytest $(PYTEST_ARGS)

test-faults: $(VENV)/installed-test
	EMGSMR_FAULT_SECONDS=600 $(VENV)/bin/python -m pytest tests/session/test_faults.py

# The real Bleak on the real bluetoothd and kernel, in a small virtual machine; what is unpacked for it stays in .bluez-vm.
# In the CI (as root) it installs what it needs; for you it says what that is.
test-bluez: $(VENV)/installed-test
	@$(VENV)/bin/python tests/bluez/boot.py $(if $(filter true,$(CI)),--install)

check: $(VENV)/installed-test
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/python -m pytest --quiet tests/test_docs.py

# The oldest libraries that pyproject.toml promises to work with; needs a Python that they still support (3.11, 3.12).
test-oldest: $(OLDEST)/installed
	$(OLDEST)/bin/python -m pytest $(PYTEST_ARGS)

benchmark: $(VENV)/installed-benchmark
	$(VENV)/bin/python benchmarks/startup.py
	$(VENV)/bin/python benchmarks/clock.py

# Real recordings are used where EMGSMR_REAL_DATA names their folder; make validate VALIDATE_ARGS=--quick to see it run.
validate: $(VENV)/installed-benchmark
	$(VENV)/bin/python benchmarks/validate.py $(VALIDATE_ARGS)

# The same for the detector: well over an hour on two cores; DETECTOR_ARGS="--write --minutes 10" for what fits.
validate-detector: $(VENV)/installed-test
	$(VENV)/bin/python benchmarks/detector.py $(DETECTOR_ARGS)

# The pictures of docs/measurement.md, from a public walk in EMGSMR_REAL_DATA.
pictures: $(VENV)/installed-test
	$(VENV)/bin/python docs/pictures.py

# The pictures of docs/live.md: a user drives the window through a whole session; no display is needed.
screenshots: $(VENV)/installed-test
	$(VENV)/bin/python docs/screenshots.py

clean:
	rm -rf $(VENV) $(OLDEST) .bluez-vm demo build dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "emgsmr needs Python 3.11 or newer as '$(PYTHON)'; name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python came without venv; on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }

$(VENV)/installed-demo: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing emgsmr into $(VENV) (once; a minute or two) ..."
	$(VENV)/bin/python $(PIP) --constraint constraints.txt --editable '.[virtual,report]'
	@touch $@

$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing emgsmr and its test tools into $(VENV) (once; a minute or two) ..."
	$(VENV)/bin/python $(PIP) --constraint constraints.txt --editable '.[test]'
	@touch $@ $(VENV)/installed-demo

$(VENV)/installed-benchmark: $(VENV)/installed-test
	$(VENV)/bin/python $(PIP) --constraint constraints.txt --editable '.[benchmark]'
	@touch $@

$(OLDEST)/installed: pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python $(PIP) --constraint constraints-oldest.txt --editable '.[virtual,report]' \
	  hypothesis pytest pytest-timeout pytest-xdist
	@touch $@
