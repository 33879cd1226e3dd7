# Two commands do everything: `make demo` and `make test`. Each sets up .venv by itself.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$python && break; done)
IN = .venv/bin/

.PHONY: demo test chaos figures run check lint types tests clean

demo: .venv/sandbox.ready  ## Watch a member's /video become a posted video, offline.
	$(IN)python -m sandbox

test: lint types tests  ## Everything that must hold before a commit.

chaos: .venv/sandbox.ready  ## Kill the real bot at every edge, stop it at random; takes a while.
	$(IN)python -m tests.chaos
	$(IN)python -m tests.chaos.stops
	$(IN)python -m tests.chaos.mutants

figures: .venv/sandbox.ready  ## Measure speed, memory, the start after a crash, a million ledger lines.
	$(IN)python -m sandbox.figures
	$(IN)python -m sandbox.backlog
	$(IN)python -m tests.figures.admissions
	$(IN)python -m tests.figures.usage

run: .venv/bot.ready  ## Run the bot with the settings in .env.
	$(IN)python bot.py

check: .venv/bot.ready  ## Look at settings, database, key and models; start nothing.
	$(IN)python bot.py --check

lint: .venv/sandbox.ready
	$(IN)ruff format --check .
	$(IN)ruff check .

types: .venv/sandbox.ready
	$(IN)pyright

tests: .venv/sandbox.ready
	$(IN)pytest -n 2 --cov --cov-report=
	$(IN)coverage report --fail-under=90
	$(IN)coverage report --fail-under=100 --include='$(PURE)'

# What decides without input or output is covered to the last branch.
PURE = seedance/*,render/prompt.py,render/allowance.py,render/policy.py,render/errors.py,render/lifecycle.py,render/transitions.py,render/words.py

.venv/bot.ready: requirements.txt
	@test -n "$(PYTHON)" || { echo "Paperboat needs Python 3.11, 3.12 or 3.13."; exit 1; }
	test -x $(IN)python || $(PYTHON) -m venv .venv
	$(IN)python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/sandbox.ready: requirements.txt requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Paperboat needs Python 3.11, 3.12 or 3.13."; exit 1; }
	test -x $(IN)python || $(PYTHON) -m venv .venv
	$(IN)python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/bot.ready $@

clean:
	rm -rf .venv .coverage .pytest_cache .ruff_cache .hypothesis
