"""Keeps credentials out of logs while a provider is driven: HTTP clients and servers log whole URLs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Redact = Callable[[str], str]

_FORMATTER = logging.Formatter()


@contextmanager
def masked_logs(redact: Redact) -> Iterator[None]:
    """Masks by *redact* every log record that any thread makes meanwhile, whatever its logger, level and handler.

    Loggers keep their levels and handlers: records are masked where they are made, and only for as long as needed.
    """
    inner, is_active = logging.getLogRecordFactory(), True

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = inner(*args, **kwargs)
        if is_active:
            _mask(record, redact)
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        is_active = False
        # Where somebody has put another factory around ours, it stays and does nothing.
        if logging.getLogRecordFactory() is make:
            logging.setLogRecordFactory(inner)


def _mask(record: logging.LogRecord, redact: Redact) -> None:
    if record.exc_info and not record.exc_text:
        # Formatters use this text where it is set, instead of making it themselves.
        record.exc_text = redact(_FORMATTER.formatException(record.exc_info))
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001  a message that cannot be formatted is reported by logging, as always
        return
    if (masked := redact(text)) == text:
        return
    # Some formatters, uvicorn's for one, count on the arguments, so they stay what they are where that is enough.
    args, msg = record.args, record.msg
    record.msg, record.args = masked, ()
    if isinstance(args, tuple) and redact(str(msg)) == str(msg):
        record.msg, record.args = msg, tuple(_masked(value, redact) for value in args)
        if redact(_message(record)) != _message(record):
            record.msg, record.args = masked, ()


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001  a masked argument is a text, which not every placeholder takes
        return "api_key=?"


def _masked(value: Any, redact: Redact) -> Any:
    text = str(value)
    masked = redact(text)
    if masked == text:
        return value
    return masked
