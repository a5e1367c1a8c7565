# Every target sets up what it needs. `make help` lists them.
# Beside each stands which variables it takes; any other one on the command line is an error.
LANDING ?=
WAREHOUSE ?=
FULL_REFRESH ?=
PORTAL ?=
PORT ?=
FAULTS ?=
ARGS ?=
CONFIG ?=

python := .venv/bin/python
landing := $(if $(LANDING),--landing "$(LANDING)")
warehouse := $(if $(WAREHOUSE),--warehouse "$(WAREHOUSE)")
config := $(if $(CONFIG),--config "$(CONFIG)")
options := $(landing) $(warehouse) $(config) \
	$(if $(filter-out 0 false no,$(FULL_REFRESH)),--full-refresh)

.DEFAULT_GOAL := help
.PHONY: help run extract test test-clients test-long airflow hubspot-sim sample dbt metrics generate lineage lint format lock wheel docs benchmark benchmark-extract

help: ## list the targets and the variables that each takes
	@awk -F ' := |:.*## ' '/^[a-z-]+\.takes := / {takes = sprintf("%25s%s\n", "", $$2)} \
		/^[a-z-]+:.*## / {printf "  make %-17s %s\n%s", $$1, $$2, takes; takes = ""}' \
		$(MAKEFILE_LIST)

.venv/ready: requirements/dev.lock scripts/setup.sh
	@scripts/setup.sh

# adds to the same environment; a new .venv/ready takes it out again
.venv/clients: .venv/ready requirements/clients.lock
	@.venv/bin/uv pip install --quiet --no-deps --require-hashes --python .venv/bin/python \
		-r requirements/clients.lock
	@touch .venv/clients

run.takes := LANDING=dir WAREHOUSE=dir CONFIG=dir FULL_REFRESH=1
run: .venv/ready ## load, validate, build, publish; default: the sample
	@$(python) -m sequence_warehouse run $(options)

extract.takes := LANDING=dir PORTAL=id CONFIG=dir ARGS=--sweep HUBSPOT_TOKEN=… HUBSPOT_BASE_URL=…
extract: .venv/ready ## pull what is new from HubSpot, with HUBSPOT_TOKEN in the environment
	@$(python) -m sequence_warehouse extract $(landing) $(config) $(if $(PORTAL),--portal "$(PORTAL)") $(ARGS)

test.takes := ARGS="-k name"
test: .venv/ready ## every test and linter, on every core; with ARGS some, on one (-m: every)
	@$(python) -m pytest $(ARGS) $(if $(filter -m,$(or $(ARGS),-m)),--numprocesses logical)

test-clients: .venv/clients ## the deployment on a real PostgreSQL, others' clients, the wheel; minutes
	@$(python) -m pytest -m clients

test-long: .venv/ready ## many more random faults and kills than `make test` has; prints their seeds
	@$(python) -m pytest -m long -rP

airflow.takes := LANDING=dir WAREHOUSE=dir CONFIG=dir FULL_REFRESH=1 PORT=n
airflow: .venv/ready ## scheduler and web page on loopback
	@$(python) -m sequence_warehouse airflow $(options) $(if $(PORT),--port $(PORT))

sample.takes := LANDING=dir ARGS="--enrollments n"
sample: .venv/ready ## simulate two HubSpot accounts into a folder (default: sample)
	@$(python) -m hubspot_simulator.landing --landing "$(or $(LANDING),sample)" $(ARGS)

hubspot-sim.takes := PORT=n FAULTS=429@0.05,403/deals LANDING=dir ARGS=--help
hubspot-sim: .venv/ready ## a simulated HubSpot on loopback; ARGS=--help lists the faults
	@$(python) -m hubspot_simulator.api $(if $(PORT),--port "$(PORT)") --faults "$(FAULTS)" \
		$(landing) $(ARGS)

dbt.takes := ARGS="build -s step_funnel" WAREHOUSE=dir CONFIG=dir
dbt: .venv/ready ## dbt on a warehouse
	@$(python) -m sequence_warehouse dbt $(warehouse) $(config) -- $(ARGS)

metrics.takes := ARGS="query --metrics open_rate --group-by sequence__sequence_name" WAREHOUSE=dir CONFIG=dir
metrics: .venv/ready ## ask the metrics; ARGS=list names them
	@$(python) -m sequence_warehouse metrics $(warehouse) $(config) $(ARGS)

docs.takes := WAREHOUSE=dir CONFIG=dir
docs: .venv/ready ## what every table and column means, as one page
	@$(python) -m sequence_warehouse docs $(warehouse) $(config)

generate.takes := ARGS=--check
generate: .venv/ready ## write what follows from lists of the project; ARGS=--check only looks
	@$(python) -m scripts.generate $(ARGS)

lineage: .venv/ready ## draw which folders of models are made of which: docs/lineage.svg
	@$(python) -m scripts.lineage

lint: .venv/ready ## every linter over Python, SQL, shell scripts, Dockerfile and workflow
	@$(python) -m scripts.lint

format: .venv/ready ## let the linters mend what they can
	@$(python) -m scripts.lint --fix

benchmark.takes := ARGS="--enrollments 103000 --limit-mib 4096"
benchmark: .venv/ready ## time load and build at scale, under a limit for the memory of all processes
	@$(python) -m benchmarks.scale $(ARGS)

benchmark-extract.takes := ARGS="--events 1000000 --requests-per-10s 190"
benchmark-extract: .venv/ready ## time an extraction from a simulated HubSpot
	@$(python) -m benchmarks.extract $(ARGS)

wheel: .venv/ready ## build the package into dist/
	@.venv/bin/uv build --quiet --wheel --no-build-isolation --offline --python .venv/bin/python --out-dir dist

compile := .venv/bin/uv pip compile --quiet --generate-hashes --no-annotate --no-emit-index-url \
	--custom-compile-command "make lock" --python-version 3.11 pyproject.toml --extra postgres
lock: .venv/ready ## pin what pyproject.toml names: requirements/*.lock, each with the versions of the one before
	@$(compile) -o requirements/run.lock
	@$(compile) --group dev -c requirements/run.lock -o requirements/dev.lock
	@$(compile) --group dev --group clients -c requirements/dev.lock -o requirements/clients.lock

# A misspelt variable would be taken silently: WAREHOSE=mine, and the sample is loaded into ./warehouse.
names = $(foreach word,$(1),$(if $(findstring =,$(word)),$(firstword $(subst =, ,$(word)))))
goals := $(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))
takes := $(sort $(call names,$(foreach goal,$(goals),$($(goal).takes))))
given := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
unknown := $(filter-out $(takes) PYTHON,$(given))
takers = $(strip $(foreach list,$(sort $(filter %.takes,$(.VARIABLES))),$(if $(filter $(1)=%,$($(list))),$(list:.takes=))))
ifneq ($(unknown),)
$(foreach name,$(unknown),$(shell awk -f scripts/unknown_variable.awk '$(goals)' '$(subst ','\'',$(name))' '$(takes)' '$(call takers,$(name))' >&2))
$(error Nothing was done)
endif
# a make that a target calls is not given these variables
MAKEOVERRIDES :=
