# Routine words. Each works on a machine with nothing but python3, make and a package index:
# the environment in .venv is made from uv.lock on first use, trusting what the system trusts (a clinic may
# sit behind a proxy with a certificate of its own).

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
CASE ?= examples/fessler-c6-left.toml
SERVE ?= yes
PORT ?= 8000
ATTEMPTS ?= 20000
OUT ?= out/$(basename $(notdir $(CASE)))

.DEFAULT_GOAL := help
.PHONY: help run test test-journeys test-validation test-postgresql test-newest test-all check check-native validate bench bench-clinic storm docs clean

help:  ## Show these words.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 17

CORE := CMakeLists.txt $(wildcard src/myotome/physiology/*.[ch]pp src/myotome/simulation/moment/*.[ch]pp)

# A changed kernel is built again; without a C++ compiler the NumPy reference does the work. Bytecode is
# made here once: where Python may not write beside its sources, every process would compile all that it
# imports, which is half of a cold start.
$(READY): uv.lock pyproject.toml $(CORE)
	@test -x .tools/bin/uv || { $(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet uv; }
	.tools/bin/uv sync --system-certs --frozen --quiet --python $(PYTHON) --reinstall-package myotome \
		--compile-bytecode
	$(BIN)/python -m compileall -q src
	@touch $@

run: $(READY)  ## Run the main job on a published case, then serve the clinic's demonstration (SERVE=no: do not).
	@$(BIN)/myotome run $(CASE) --out $(OUT)
	@test "$(SERVE)" = no || exec $(BIN)/myotome clinic demo --port $(PORT)

# One worker more than processors: browsers, mail and killed servers are waited for.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else "auto")')

test: $(READY)  ## Run the default test suite, the clinic on SQLite.
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not slow and not postgresql and not validation and not more_journeys"

test-journeys: $(READY)  ## Run the other journeys in a real browser, the clinic on SQLite.
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "more_journeys and not slow" tests/clinic/journeys

test-validation: $(READY)  ## Compare the whole model with published numbers; hold the laws of its landscape and of 10,000 moments.
	$(BIN)/pytest -n auto --dist worksteal -m "validation and not slow"

test-postgresql: $(READY)  ## Run the clinic's tests once more, on a PostgreSQL that they start themselves.
	CLINIC_TEST_ENGINE=postgresql $(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not slow" tests/clinic

test-all: $(READY)  ## Run every test, the larger samples too, the clinic's on both engines.
	$(BIN)/pytest -n auto
	CLINIC_TEST_ENGINE=postgresql $(BIN)/pytest -n auto tests/clinic

# An environment of its own, with the newest Django and the newest Python that uv finds or may fetch; pyenv
# keeps each Python in a folder of its own. NEWEST names another: NEWEST=3.14, or a path.
NEWEST ?= >=3.12
OTHERS := $(shell ls -d $(HOME)/.pyenv/versions/*/bin 2>/dev/null | sort -rV | tr '\n' ':')
build/newest/.ready: uv.lock pyproject.toml $(CORE) | $(READY)
	PATH="$(OTHERS)$$PATH" .tools/bin/uv venv --system-certs --quiet --clear --python '$(NEWEST)' build/newest
	echo 'django>=6' > build/newest/newest.txt
	.tools/bin/uv pip install --system-certs --quiet --python build/newest/bin/python --upgrade \
		--override build/newest/newest.txt --group dev --editable .
	@touch $@

test-newest: build/newest/.ready  ## Run the clinic's tests on the newest Django and Python, which the lock does not hold.
	@build/newest/bin/python -c 'import django, sys; print("Django", django.__version__, "on Python", sys.version.split()[0])'
	build/newest/bin/python -m pytest -p no:cacheprovider -n auto -m "not slow" tests/clinic

check: $(READY)  ## Check format, lint, types, import contracts and doctests.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q --doctest-modules src/myotome

check-native: $(READY)  ## Run kernel and closed-loop tests on kernels built with address and undefined-behaviour sanitizers.
	.tools/bin/uv pip install --system-certs --quiet --python $(BIN)/python --target build/native --no-deps --reinstall . \
		-C cmake.define.MYOTOME_SANITIZE=ON
	MYOTOME_KERNELS_FROM=build/native/myotome ASAN_OPTIONS=detect_leaks=0 \
		LD_PRELOAD="$$(g++ -print-file-name=libasan.so) $$(g++ -print-file-name=libstdc++.so)" \
		$(BIN)/pytest -q -s -p no:cacheprovider tests/physiology/test_kernels.py tests/physiology/test_motoneuron.py \
		tests/physiology/test_nerve_kernels.py tests/physiology/test_muscle_kernels.py \
		"tests/simulation/moment/test_engines.py::test_any_number_of_threads_gives_the_same_bits" \
		"tests/simulation/moment/test_engines.py::test_a_person_gives_the_same_bits_alone_and_in_company" \
		"tests/simulation/moment/test_engines.py::test_single_precision_follows_double_in_the_closed_loop" \
		"tests/simulation/moment/test_probes.py::test_threads_write_the_same_states"

validate: $(READY)  ## Compare every link with published numbers; check calibration on 10,000 patients.
	$(BIN)/myotome validate
	$(BIN)/python tools/check_calibration.py
	$(BIN)/python tools/write_reference.py

bench: $(READY)  ## Measure speed and memory beside their targets; fail if one is not met.
	@rm -rf build/promises
	$(BIN)/python benchmarks/examination.py
	$(BIN)/python benchmarks/course.py
	$(BIN)/python benchmarks/moment/compare.py
	$(BIN)/python benchmarks/promises.py

bench-clinic: $(READY)  ## Measure what audited pages, examinations and guarded bookings cost, beside without.
	@$(BIN)/python benchmarks/verdicts.py benchmarks/chart_page.py benchmarks/examination_page.py benchmarks/booking.py

storm: $(READY)  ## Send ATTEMPTS concurrent bookings at each engine; fail on any overlap.
	$(BIN)/python tools/storm.py --attempts $(ATTEMPTS)

docs: $(READY)  ## Rewrite the pages and pictures that are printed from the code and from the example cases.
	$(BIN)/python tools/write_reference.py
	$(BIN)/python tools/draw_protocols.py

clean:  ## Remove the environment and everything generated.
	rm -rf .venv .tools out build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
