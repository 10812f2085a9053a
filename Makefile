# Two commands are enough: `make demo` opens Winnow, `make test` runs everything that is checked.
#
#   make demo    the window, with handwritten digits of which some are labelled wrongly
#   make test    style, types, import contracts and every test, without a screen
#   make check   the same with the quick unit tests alone, in under a minute
#   make soak    kill, fault and fuzz tests in full number; takes hours
#   make bench   every benchmark
#   make clean   remove the environment and all caches
#
# TORCH chooses another version, TORCH_INDEX another index for it (its builds for CPU alone or
# for other GPUs have one each: see pytorch.org), PYTHON another interpreter from 3.11 on.

PYTHON ?= python3
TORCH ?= $(shell grep '^torch==' constraints.txt)
TORCH_INDEX ?=

# Hundreds of children would else compile the same sources, each for itself.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
KEY := $(shell { cat setup.cfg pyproject.toml constraints.txt; echo '$(CURDIR) $(TORCH)'; } | sha256sum | cut -c1-16)
APP := $(VENV)/.installed-$(KEY)
DEV := $(VENV)/.installed-dev-$(KEY)

# Debian packages: installed as root, else the line to run is shown.
install_packages = \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(1); \
	else \
		echo "Please run this line (these are Debian's names), then make again:"; \
		echo "    sudo apt-get install -y $(1)"; \
		exit 1; \
	fi

.PHONY: demo test check soak bench clean lint libraries-window libraries-offscreen \
	libraries-display

demo: $(APP) libraries-window
	@$(BIN)/winnow demo

test: export QT_QPA_PLATFORM = offscreen
test: $(DEV) libraries-offscreen lint
	$(BIN)/python -m pytest -n auto --dist worksteal

check: export QT_QPA_PLATFORM = offscreen
check: $(DEV) libraries-offscreen lint
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not slow" tests/unit tests/test_architecture.py

soak: export QT_QPA_PLATFORM = offscreen
soak: $(DEV) libraries-window libraries-offscreen libraries-display
	$(BIN)/python -m pytest --soak tests/faults tests/e2e
	$(BIN)/python -m pytest --soak -m soak tests/unit
	xvfb-run -a -s '-screen 0 1920x1200x24' sh -c \
		'openbox & QT_QPA_PLATFORM=xcb exec $(BIN)/python -m pytest tests/e2e'

bench: export QT_QPA_PLATFORM = offscreen
bench: $(DEV) libraries-offscreen
	$(BIN)/python -m benchmarks all

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

libraries-window libraries-offscreen: libraries-%: $(APP)
	@missing="$$($(BIN)/python -m qtapp.launch $*)"; \
	if [ -n "$$missing" ]; then $(call install_packages,$$missing); fi

# A screen in memory, with a window manager: without one no window gets the keyboard.
libraries-display:
	@{ command -v xvfb-run && command -v openbox; } >/dev/null || { \
		$(call install_packages,xvfb xauth openbox); }

# -- the environment: one file marks it as complete for one set of requirements ---------------
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Winnow needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(call install_packages,python3-venv); }
	$(PYTHON) -m venv $(VENV)

# torch comes first and alone, so that its index is asked for nothing else.
$(APP): | $(BIN)/pip
	@echo "Installing Winnow into $(VENV); the first time takes some minutes."
	$(BIN)/python -m pip install -q $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) --no-deps '$(TORCH)'
	@grep -v '^torch==' constraints.txt > $(VENV)/constraints.txt
	$(BIN)/python -m pip install -q -c $(VENV)/constraints.txt -e .
	@touch $@

$(DEV): $(APP)
	$(BIN)/python -m pip install -q -c $(VENV)/constraints.txt -e '.[dev]'
	@touch $@
