# One image for every process of the warehouse: what running needs, pinned by requirements/run.lock.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /opt/sequence-warehouse
COPY requirements/run.lock requirements/
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/run.lock \
    && echo /opt/sequence-warehouse/src >.venv/lib/python3.11/site-packages/sequence_warehouse.pth

FROM python:3.11.14-slim-bookworm
ENV PATH=/opt/sequence-warehouse/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1
# a volume that is made on these folders belongs to the user
RUN useradd --uid 10001 --user-group --home-dir /opt/airflow --no-create-home warehouse \
    && install -d -m 0700 -o warehouse -g warehouse \
        /opt/airflow /opt/airflow/logs /opt/airflow/auth /data/landing /data/warehouse /data/config
WORKDIR /opt/sequence-warehouse
COPY --from=build /opt/sequence-warehouse/.venv .venv
COPY dbt_project.yml profiles.yml ./
COPY seeds seeds
COPY macros macros
COPY models models
COPY tests/dbt tests/dbt
COPY expectations expectations
COPY dags dags
COPY src/sequence_warehouse src/sequence_warehouse
USER 10001:10001
# what any process writes is readable by this user alone
ENTRYPOINT ["sh", "-c", "umask 077; exec \"$0\" \"$@\""]
CMD ["airflow", "version"]
