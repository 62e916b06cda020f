# make run    the whole portal with its demo on http://127.0.0.1:$(PORT)
# make test   everything that must hold before a change is handed in

PYTHON ?= python3
PORT ?= 8000
export PORT

.PHONY: run test venv lock

venv:
	@$(PYTHON) ops/bootstrap.py --dev

COMPILE = .venv/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 \
	--custom-compile-command "make lock"

lock: venv
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	echo uv | $(COMPILE) - -o ops/uv.txt
