#!/bin/sh
# Make .env and connections.env beside docker-compose.yml, with new secrets; never touch ones that exist.
set -eu
cd "${1:-$(dirname "$0")/..}"
umask 077

secret() {
    head -c 32 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'
}

if [ -e .env ]; then
    echo ".env is there already: nothing was changed."
else
    cat >.env <<END
# Made by scripts/new_env.sh. Keep it: FERNET_KEY decrypts what Airflow has stored.
POSTGRES_PASSWORD=$(secret | tr -d '=')
ADMIN_PASSWORD=$(secret | tr -d '=' | cut -c 1-20)
FERNET_KEY=$(secret)
JWT_SECRET=$(secret | tr -d '=')
API_SECRET_KEY=$(secret | tr -d '=')
# AIRFLOW_URL=https://airflow.example.com
# AIRFLOW_ADDRESS=127.0.0.1
# AIRFLOW_PORT=8080
# LANDING_VOLUME=/srv/landing
# WAREHOUSE_VOLUME=/srv/warehouse
# CONFIG_VOLUME=/srv/config
END
    echo "Made .env: user admin, the password is ADMIN_PASSWORD in it."
fi
if [ ! -e connections.env ]; then
    cat >connections.env <<END
# What only Airflow's processes get: HubSpot tokens, notifications, settings of the warehouse.
# Accounts to extract, separated by commas, and the token of each; no quotes around the JSON.
# SEQUENCE_WAREHOUSE_PORTALS=12345678
# AIRFLOW_CONN_HUBSPOT_12345678={"conn_type": "http", "password": "the private app's token"}
# SEQUENCE_WAREHOUSE_NOTIFY_URL=
# SEQUENCE_WAREHOUSE_NOTIFY_EMAIL=
# AIRFLOW_CONN_SMTP_DEFAULT=
END
    echo "Made connections.env."
fi
