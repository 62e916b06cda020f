# make run    the whole portal with its demo on http://127.0.0.1:$(PORT)
# make demo   the same with the demo put back to its start
# make test   everything that must hold before a change is handed in; ARGS= goes to pytest alone
# make soak   a long night of many steps and operators, whose invariants are checked afterwards
# make bench  times at 10 thousand and a million changes, as JSON lines; ARGS= goes to the bench
# make venv   the environment with all tools; make lock compiles the requirements anew

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
export PORT

.PHONY: run demo test soak bench venv lock

run:
	@$(PYTHON) ops/bootstrap.py && exec .venv/bin/python -m ops.run

demo:
	@$(PYTHON) ops/bootstrap.py && exec .venv/bin/python -m ops.run --fresh

test:
	@$(PYTHON) ops/bootstrap.py --dev && exec .venv/bin/python -m ops.test $(ARGS)

soak:
	@$(PYTHON) ops/bootstrap.py --dev && exec .venv/bin/python -m pytest -q -n 0 -m soak $(ARGS)

bench:
	@$(PYTHON) ops/bootstrap.py && exec .venv/bin/python -m bench $(ARGS)

venv:
	@$(PYTHON) ops/bootstrap.py --dev

COMPILE = .venv/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 \
	--custom-compile-command "make lock"

lock: venv
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	echo uv | $(COMPILE) - -o ops/uv.txt
