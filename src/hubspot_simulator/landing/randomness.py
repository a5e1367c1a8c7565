"""Repeatable randomness in SQL: the same seed gives the same draw on every machine.

``random()`` depends on threads and ``hash()`` on the DuckDB version, so neither is used. A draw is
an integer mixer (two rounds of xor-shift and multiply modulo 2**32) over a key and a salt:

* ``key_hash(key)``: a 32-bit number for a key below 2**32, different for each seed and portal;
* ``draw(h, 'salt')``: a double in [0, 1) for that number and the named decision;
* ``draw_int(h, 'salt', n)``: a bigint in 0 .. n-1.

Only +, -, *, /, floor are applied to draws (never ln or sqrt, whose last bit differs between C
libraries), so that the results are bit-identical everywhere.
"""

from string import Template

# md5 is only ever taken of constants: DuckDB folds it, and no row pays for it.
_MACROS = Template(
    """
    create or replace temp macro shuffle_bits(x) as (
        xor(
            (xor(x, x >> 16) * 2146121005) & 4294967295,
            ((xor(x, x >> 16) * 2146121005) & 4294967295) >> 15
        ) * 2221713035
    ) & 4294967295;
    create or replace temp macro key_hash(key) as shuffle_bits(
        xor(shuffle_bits(key::ubigint), md5_number_lower('$seed|$portal') & 4294967295)
    );
    create or replace temp macro draw(h, salt) as shuffle_bits(
        xor(h, md5_number_lower('$seed|' || salt) & 4294967295)
    )::double / 4294967296.0;
    create or replace temp macro draw_int(h, salt, n) as floor(draw(h, salt) * n)::bigint;
    """
)


def macros(seed: int, portal: str) -> str:
    """SQL that defines the macros for one portal; seed any integer, portal its id."""
    return _MACROS.substitute(seed=int(seed), portal=portal)
