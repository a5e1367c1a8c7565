# Every target sets up what it needs. `make help` lists them.
LANDING ?=
WAREHOUSE ?=
FULL_REFRESH ?=
PORTAL ?=
PORT ?=
FAULTS ?=
ARGS ?=

python := .venv/bin/python
options := $(if $(LANDING),--landing "$(LANDING)") $(if $(WAREHOUSE),--warehouse "$(WAREHOUSE)") \
	$(if $(filter-out 0 false no,$(FULL_REFRESH)),--full-refresh)

.DEFAULT_GOAL := help
.PHONY: help run extract test test-long airflow hubspot-sim sample dbt metrics lint format lock docs benchmark benchmark-extract

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/ready: requirements.lock scripts/setup.sh
	@scripts/setup.sh

run: .venv/ready ## load, validate, build, publish; LANDING=dir WAREHOUSE=dir FULL_REFRESH=1, default: the sample
	@$(python) -m sequence_warehouse run $(options)

extract: .venv/ready ## pull what is new from HubSpot; LANDING=dir PORTAL=id, HUBSPOT_TOKEN in the environment
	@$(python) -m sequence_warehouse extract $(options) $(if $(PORTAL),--portal "$(PORTAL)") $(ARGS)

test: .venv/ready ## every test and linter, on every core; ARGS="-k name" for some, on one
	@$(python) -m pytest $(or $(ARGS),--numprocesses logical)

test-long: .venv/ready ## many more random faults and kills than `make test` has; prints their seeds
	@$(python) -m pytest -m long -rP

airflow: .venv/ready ## scheduler and web page on loopback; PORT=n LANDING=dir WAREHOUSE=dir
	@$(python) -m sequence_warehouse airflow $(options) $(if $(PORT),--port $(PORT))

sample: .venv/ready ## simulate two HubSpot accounts into LANDING (default: sample)
	@$(python) -m sequence_warehouse.simulator --landing "$(or $(LANDING),sample)" $(ARGS)

hubspot-sim: .venv/ready ## a simulated HubSpot on loopback; PORT=n FAULTS=429@0.05,403/deals; ARGS="--help" lists the faults
	@$(python) -m sequence_warehouse.hubspot_sim $(if $(PORT),--port "$(PORT)") --faults "$(FAULTS)" \
		$(if $(LANDING),--landing "$(LANDING)") $(ARGS)

dbt: .venv/ready ## dbt on a warehouse, as in: make dbt ARGS="build -s step_funnel" WAREHOUSE=dir
	@$(python) -m sequence_warehouse dbt $(if $(WAREHOUSE),--warehouse "$(WAREHOUSE)") -- $(ARGS)

metrics: .venv/ready ## ask the metrics: make metrics ARGS="query --metrics open_rate --group-by sequence__sequence_name"
	@$(python) -m sequence_warehouse metrics $(if $(WAREHOUSE),--warehouse "$(WAREHOUSE)") -- $(ARGS)

docs: .venv/ready ## what every table and column means, as one page; WAREHOUSE=dir
	@$(python) -m sequence_warehouse docs $(options)

lint: .venv/ready ## ruff and sqlfluff
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/sqlfluff lint --disable-progress-bar models macros

format: .venv/ready ## let ruff and sqlfluff mend what they can
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format . && .venv/bin/sqlfluff fix --disable-progress-bar models

benchmark: .venv/ready ## time load and build at scale; ARGS="--enrollments 103000"
	@$(python) -m benchmarks.scale $(ARGS)

benchmark-extract: .venv/ready ## time an extraction from a simulated HubSpot; ARGS="--events 1000000 --requests-per-10s 190"
	@$(python) -m benchmarks.extract $(ARGS)

lock: .venv/ready ## requirements.in -> requirements.lock
	@.venv/bin/uv pip compile --quiet --generate-hashes --no-annotate --no-emit-index-url \
		--custom-compile-command "make lock" --python-version 3.11 requirements.in -o requirements.lock
