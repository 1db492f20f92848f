# The README says what each target does. Everything runs in .venv; no index of packages is named anywhere.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
BENCH ?= small
EVIDENCE ?= small
CHROMIUM ?= /usr/bin/chromium
VENV := .venv/bin
export HOST PORT CHROMIUM EVIDENCE
export DSOP_ENVIRONMENT := sandbox

# `exec`, so that a signal to make reaches the program itself and not a shell in between.
BOOTSTRAP = command -v $(PYTHON) >/dev/null || { echo "Python is missing: install python3 and python3-venv (3.11 or newer)." >&2; exit 1; }; \
	exec $(PYTHON) sandbox/bootstrap.py

.PHONY: run test lint test-keys test-browser test-openapi test-evidence bench requirements sbom audit-dependencies chaos test-monitoring

run:
	@$(BOOTSTRAP) sandbox -m sandbox.run

test:
	@$(BOOTSTRAP) dev -m pytest -n 2 --dist worksteal $(ARGS)

lint:
	@$(BOOTSTRAP) dev
	$(VENV)/python -m ruff format --check .
	$(VENV)/python -m ruff check .
	@$(VENV)/python -m sandbox.run --settings
	$(VENV)/python -m mypy
	$(VENV)/lint-imports
	$(VENV)/python manage.py makemigrations --check --dry-run --skip-checks
	$(VENV)/python .ci/check_deploy.py

test-keys:
	@command -v softhsm2-util >/dev/null || { echo "SoftHSM is missing: install Debian's package softhsm2." >&2; exit 1; }
	@$(BOOTSTRAP) dev -m pytest -o python_files='hsm_*.py' tests/hsm $(ARGS)

test-browser:
	@command -v $(CHROMIUM) >/dev/null || { echo "Chromium is missing: install Debian's package chromium." >&2; exit 1; }
	@$(BOOTSTRAP) dev -m pytest -o python_files='browser_*.py' tests/browser $(ARGS)

test-openapi:
	@$(BOOTSTRAP) dev -m pytest -p schemathesis.pytest.plugin -o python_files='schema_*.py' tests/openapi $(ARGS)

test-evidence:
	@$(BOOTSTRAP) dev -m pytest -o python_files='evidence_*.py' tests/evidence $(ARGS)

sbom:
	@$(BOOTSTRAP) dev -m tools.sbom

audit-dependencies:
	@$(BOOTSTRAP) dev -m tools.audit_dependencies $(ARGS)

bench:
	@$(BOOTSTRAP) bench -m bench --size $(BENCH) $(ARGS)

chaos:
	@$(BOOTSTRAP) dev -m tests.chaos $(ARGS)

test-monitoring:
	@command -v promtool >/dev/null || { echo "promtool is missing: install Debian's package prometheus." >&2; exit 1; }
	@cd deploy/monitoring && promtool check config prometheus.yml && promtool check rules rules.yml && promtool test rules rules_test.yml

requirements:
	@command -v uv >/dev/null || { echo "uv is missing: it resolves requirements/*.txt; install it with pip install uv." >&2; exit 1; }
	$(COMPILE) -o requirements/base.txt
	$(COMPILE) --extra sandbox -o requirements/sandbox.txt
	$(COMPILE) --extra bench -o requirements/bench.txt
	$(COMPILE) --extra pkcs11 -o requirements/pkcs11.txt
	$(COMPILE) --extra otel -o requirements/otel.txt
	$(COMPILE) --extra parquet -o requirements/parquet.txt
	$(COMPILE) --extra valkey -o requirements/valkey.txt
	$(COMPILE) --extra granian -o requirements/granian.txt
	$(COMPILE) --extra dev -o requirements/dev.txt

COMPILE = uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
