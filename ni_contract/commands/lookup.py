"""`ni-contract lookup NUMBER`: one lookup by the thin client, printed for a person or as JSON."""

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from urllib.parse import urlsplit

from ni_contract.client import (
    Basic,
    Client,
    InvalidArgument,
    KeyAndSecret,
    LookupFailed,
    LookupResult,
    Refusal,
    Signed,
    Success,
)
from ni_contract.client.calls import MAX_RETRIES
from ni_contract.commands.options import add_credentials, positive_float, whole
from ni_contract.contract.signature import METHODS
from ni_contract.drivers.provider.find_target import is_public
from ni_contract.errors import HarnessError, UsageError
from ni_contract.exchanges.credentials import Credentials, credentials_from
from ni_contract.printable import printable

EXIT_SUCCESS, EXIT_REFUSED = 0, 1

BUSY_DELAY = 1.0
_LABELS = (
    ("international", "international_format_number"),
    ("national", "national_format_number"),
    ("country", "country_name"),
    ("calling code", "country_prefix"),
    ("request id", "request_id"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="NUMBER", help="as people write it: digits, spaces, + - ( )")
    parser.add_argument("--country", metavar="CC", help="alpha-2 code, for a national number: GB")
    parser.add_argument("--base-url", metavar="URL", help="where to ask: $NI_BASE_URL, else the vendor's API by --live")
    parser.add_argument("--live", action="store_true", help="allow a public host, where a lookup may cost money")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for a refusal too")
    parser.add_argument("--xml", action="store_true", help="ask for the answer in XML")
    parser.add_argument("--post", action="store_true", help="send a form instead of a query")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--basic", action="store_true", help="key and secret by HTTP Basic")
    way.add_argument("--sign", choices=METHODS, metavar="METHOD", help=f"sign instead: {', '.join(METHODS)}")
    add_credentials(parser)
    parser.add_argument(
        "--retry", type=whole(0, MAX_RETRIES), default=0, metavar="N", help="ask again, at most N times, while busy"
    )
    parser.add_argument("--timeout", type=positive_float, default=10.0, metavar="S", help="per request")
    parser.add_argument("--ca-file", metavar="FILE", help="certificates to trust: $NI_CA_FILE, else the system's")


def run(args: argparse.Namespace) -> int:
    """Prints the result and returns 0 for a success, 1 for a refusal. Raises UsageError and HarnessError."""
    account = credentials_from(args)
    try:
        credentials = _credentials(args, account)
        with Client(
            credentials,
            args.base_url or os.environ.get("NI_BASE_URL") or None,
            timeout=args.timeout,
            ca_file=args.ca_file or os.environ.get("NI_CA_FILE") or None,
            busy_retries=args.retry,
            busy_delay=BUSY_DELAY,
        ) as client:
            _check_host(client, args, account)
            result = _ask(client, args)
    except InvalidArgument as error:
        raise UsageError(str(error)) from None
    except LookupFailed as error:
        raise HarnessError(f"{type(error).__name__}: {error}") from None
    text = _for_a_person(result)
    if args.json:
        text = _as_json(result)
    print(account.redactor()(text))
    return EXIT_SUCCESS if isinstance(result, Success) else EXIT_REFUSED


def _credentials(args: argparse.Namespace, account: Credentials) -> KeyAndSecret | Basic | Signed:
    if args.sign is not None:
        return Signed(account.api_key, account.signature_secret, args.sign)
    if args.basic:
        return Basic(account.api_key, account.api_secret)
    return KeyAndSecret(account.api_key, account.api_secret)


def _check_host(client: Client, args: argparse.Namespace, account: Credentials) -> None:
    """Raises UsageError for a public host without --live, or with the published examples as credentials."""
    host = urlsplit(client.base_url).hostname or ""
    if not is_public(host):
        return
    if not args.live:
        raise UsageError(
            f"{host} is a public host, where a lookup may cost money: say --live to ask it, or give the --base-url of "
            "a simulator (ni-contract serve)"
        )
    if account.api_key == Credentials().api_key:
        raise UsageError(f"{host} needs an account: give its --api-key and --api-secret, or NI_API_KEY, NI_API_SECRET")


def _ask(client: Client, args: argparse.Namespace) -> LookupResult:
    asks: dict[tuple[bool, bool], Callable[[str, str | None], LookupResult]] = {
        (False, False): client.lookup_json,
        (False, True): client.lookup_json_post,
        (True, False): client.lookup_xml,
        (True, True): client.lookup_xml_post,
    }
    return asks[args.xml, args.post](args.number, args.country)


def _as_json(result: LookupResult) -> str:
    values = asdict(result)
    if isinstance(result, Refusal):
        values["reason"] = result.reason
    return json.dumps({name: value for name, value in values.items() if value is not None})


def _for_a_person(result: LookupResult) -> str:
    if not isinstance(result, Success):
        return f"refused        status {result.status}, {type(result).__name__}: {printable(result.reason)}"
    lines = [f"{label:<14} {printable(getattr(result, name))}" for label, name in _LABELS]
    lines[2] += f" ({printable(result.country_code)}, {printable(result.country_code_iso3)})"
    return "\n".join(lines)
