"""Masks credentials in logs while a provider is driven, because HTTP clients and servers log whole URLs."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Redact = Callable[[str], str]

_FORMATTER = logging.Formatter()


@contextmanager
def masked_logs(redact: Redact) -> Iterator[None]:
    """Masks by *redact* every log record made meanwhile in any thread, whatever its logger, level and handler.

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
        # If another factory has wrapped this one since, it stays in place and passes records on.
        if logging.getLogRecordFactory() is make:
            logging.setLogRecordFactory(inner)


def _mask(record: logging.LogRecord, redact: Redact) -> None:
    if record.exc_info and not record.exc_text:
        # Formatters use this text where it is set, instead of formatting the message.
        record.exc_text = redact(_FORMATTER.formatException(record.exc_info))
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001  a message that cannot be formatted is reported by logging, as always
        return
    if (masked := redact(text)) == text:
        return
    # Some formatters, such as uvicorn's, read the arguments, so they stay unless they hold a secret.
    msg, args = str(record.msg), record.args
    if isinstance(args, tuple) and redact(msg) == msg:
        shown = tuple(value if redact(str(value)) == str(value) else redact(str(value)) for value in args)
        # A masked argument is a text, which not every placeholder takes.
        with suppress(Exception):
            if redact(msg % shown) == msg % shown:
                record.args = shown
                return
    record.msg, record.args = masked, ()
