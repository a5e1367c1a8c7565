"""How a simulated account describes itself: details, exchange rates, and the templates of its sequences."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from hubspot_simulator.landing import accounts, deals
from sequence_warehouse.storage.database import literal, only_row

_CURRENCIES = ("EUR", "GBP", "NOK", "USD")

_ACCOUNT = """
    insert into read_objects by name
    select
        'accounts' as kind,
        {portal} as id,
        {portal}::ubigint as number,
        {newest} as updated_ms,
        false as archived,
        {{
            'id': {portal},
            'updatedAt': strftime(make_timestamp({newest} * 1000), '%Y-%m-%dT%H:%M:%S.%gZ'),
            'portalId': {portal}::bigint,
            'accountType': 'STANDARD',
            'timeZone': {time_zone},
            'companyCurrency': home_currency(),
            'additionalCurrencies': list_filter({currencies}, lambda code: code <> home_currency()),
            'utcOffset': {offset},
            'utcOffsetMilliseconds': {offset_ms},
            'uiDomain': 'app-eu1.hubspot.com',
            'dataHostingLocation': 'eu1',
        }}::json::varchar as document,
"""

# Each rate of the simulator's deals, and what it was before their time.
_RATES = """
    insert into read_objects by name
    with rates as (
        select
            code,
            unnest([
                {{'since': '2023-01-01', 'rate': round(exchange_rate(code)::double * 0.9, 4)}},
                {{'since': '2025-01-01', 'rate': exchange_rate(code)::double}},
            ], recursive := true),
        from (select unnest({currencies}) as code)
        where code <> home_currency()
    )

    select
        'exchange_rates' as kind,
        (7000 + row_number() over (order by code, since))::varchar as id,
        id::ubigint as number,
        epoch_ms(since::timestamptz) as updated_ms,
        false as archived,
        {{
            'id': id,
            'fromCurrencyCode': code,
            'toCurrencyCode': home_currency(),
            'conversionRate': rate,
            'effectiveAt': since || 'T00:00:00.000Z',
            'createdAt': since || 'T00:00:00.000Z',
            'updatedAt': since || 'T00:00:00.000Z',
            'visibleInUI': true,
        }}::json::varchar as document,
    from rates
"""

# The templates that the steps of the sequences name, each in the folder of its sequence.
_TEMPLATES = """
    insert into read_objects by name
    with steps as (
        select
            document->>'$.name' as sequence_name,
            unnest((document->'$.steps')::json[]) as step,
            updated_ms,
        from read_objects
        where kind = 'sequences'
    ),

    named as (
        select
            coalesce(step->>'$.emailPattern.templateId', step->>'$.taskPattern.templateId') as template_id,
            any_value(sequence_name) as sequence_name,
            min((step->>'$.stepOrder')::integer) as step_order,
            max(updated_ms) as changed_ms,
            length(any_value(sequence_name)) % 3 as folder_no,
        from steps
        where template_id <> ''
        group by template_id
    )

    select
        'templates' as kind,
        template_id as id,
        template_id::ubigint as number,
        changed_ms as created_ms,
        changed_ms as updated_ms,
        false as archived,
        json_merge_patch('{}', {
            'id': template_id,
            'name': sequence_name || ', e-mail ' || (step_order + 1),
            'subject': 'A question about ' || lower(sequence_name),
            'body': '<p>Hello {{ contact.firstname }}</p>',
            -- one of the folders is none
            'folderId': if(folder_no > 0, (900 + folder_no)::varchar, null),
            'folderName': ['Outbound', 'Customers'][folder_no],
            'createdAt': changed_ms,
            'updatedAt': changed_ms,
        }::json)::varchar as document,
    from named
"""


def complete(connection: duckdb.DuckDBPyConnection, portal: str) -> None:
    """Adds to ``read_objects`` how a simulated account describes itself."""
    newest = only_row(connection.execute("select coalesce(max(occurred_ms), 0) from events"))[0]
    home = literal(accounts.currency(portal))
    connection.execute(f"create or replace temp macro home_currency() as {home}; {deals.MACROS}")
    zone = ZoneInfo(accounts.time_zone(portal))
    moment = datetime.fromtimestamp(newest / 1000, zone)
    values = {
        "offset": literal(moment.isoformat()[-6:]),
        "offset_ms": int((moment.utcoffset() or timedelta()).total_seconds() * 1000),
        "portal": literal(portal),
        "newest": newest,
        "time_zone": literal(accounts.time_zone(portal)),
        "currencies": list(_CURRENCIES),
    }
    connection.execute(_ACCOUNT.format(**values))
    connection.execute(_RATES.format(**values))
    connection.execute(_TEMPLATES)
