"""The usual mistakes in lookups, and unusual right ones, in XML, by forms, by JSON and by HTTP Basic."""

import json
from collections.abc import Iterator
from itertools import cycle

from ni_contract.contract.features import Claims
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, FORM, JSON, JSON_TYPES
from ni_contract.drivers.provider.controls import (
    AMERICAN,
    KEY,
    SECRET,
    WRONG,
    Fields,
    Parameters,
    by_get,
    escaped,
    with_parameters,
)
from ni_contract.exchanges.credentials import WRONG_KEY

_NATIONAL = "02079460018"
# A national number in the US, and an international one of Norway.
_TWO_READINGS = "4792345678"


def by_other_carriers(number: str, claims: Claims) -> tuple[Fields, ...]:
    """Lookups of *number* in XML, by forms, JSON and HTTP Basic, as far as *claims* has them."""
    wrong_credentials = list(_with_wrong_credentials(number))
    others = [[*parameters, KEY, SECRET] for parameters in _with_right_credentials(number)]
    others.append([SECRET, KEY, ("number", number)])
    lookups: list[Fields] = []
    # In order, because a set has another one in each process.
    types = cycle(sorted(JSON_TYPES))
    for parameters in (*wrong_credentials, *others):
        query = _query(parameters)
        if "xml" in claims.claimed:
            lookups.append(by_get(*query, path="/xml"))
        if "post-form" in claims.claimed:
            lookups.append(with_parameters(_post(FORM), query))
        if "post-json" in claims.claimed:
            body = json.dumps(dict(parameters), ensure_ascii=False)
            # Without the second, where it is JSON too.
            media_types = dict.fromkeys((JSON, next(types)))
            lookups += [{**_post(media_type), "body": body} for media_type in media_types]
    if {"xml", "post-form"} <= set(claims.claimed):
        lookups += (with_parameters({**_post(FORM), "path": "/xml"}, _query(parameters)) for parameters in others)
    if "basic-auth" in claims.claimed:
        lookups += map(_by_basic, others)
        # Who was let in on a connection needs credentials there again; a few, for there are several connections.
        lookups += (by_get(("number", number), ("note", str(place))) for place in range(8))
    return tuple(lookups)


def _with_wrong_credentials(number: str) -> Iterator[Parameters]:
    asked = ("number", number)
    for change in ("padded", "after_space", "other_case", "extended", "cut"):
        yield [asked, KEY, ("api_secret", f"{{{{api_secret.{change}}}}}")]
    for change in ("padded", "other_case"):
        yield [asked, ("api_key", f"{{{{api_key.{change}}}}}"), SECRET]
    yield [asked, KEY]
    yield [asked]
    yield [asked, ("cnam", "true")]
    yield [asked, ("country", "ZZ"), KEY, WRONG]
    yield [("number", "1"), KEY, WRONG]
    yield [KEY, WRONG]
    # Whatever else is asked, the credentials are wrong.
    for others in ([asked, ("cnam", "true")], [asked, ("cnam", "false")], [("note", "1"), asked]):
        yield [*others, KEY, WRONG]
    yield [("number", _NATIONAL), ("country", "GB"), KEY, WRONG]
    yield [("number", f"+{number}"), ("cnam", "true"), ("api_key", WRONG_KEY), SECRET]
    yield [("number", f"{number}/"), KEY, WRONG]


def _with_right_credentials(number: str) -> Iterator[Parameters]:
    """The parameters but for the credentials: usual mistakes in number and country, and unusual right ones."""
    for character in "/.#*\t\xa0":  # the last two are white space: with a tab, the number is to be served
        yield [("number", f"{number[:4]}{character}{number[4:]}")]
    for wrong in ("123", f"{number}1234567", _NATIONAL, "%s{0}$1", "\xe9\u20ac"):
        yield [("number", wrong)]
    yield [("note", "\xe9\u20ac"), ("number", number)]
    yield [("number", AMERICAN), ("cnam", "true")]
    yield [("number", "+1 (415) 555-0100"), ("country", "US"), ("cnam", "true")]
    yield [("number", f"{number[:4]}%20{number[4:]}")]
    # What is kept of one lookup, such as its country, spoils the next.
    yield [("number", _TWO_READINGS), ("country", "US")]
    yield [("number", AMERICAN)]
    yield [("number", _NATIONAL), ("country", "GB")]
    yield [("number", AMERICAN)]
    for country in ("AU", "ZZ", "UK"):
        yield [("number", f"+{number}"), ("country", country)]
    yield [("number", f"+{_TWO_READINGS}"), ("country", "US")]
    yield [("page_index", "1"), ("number", number)]
    yield [("number", f"+{number[:2]} ({number[2:5]}) {number[5:]}")]


def _post(media_type: str) -> Fields:
    return {"method": "POST", "path": "/json", "headers": {"Content-Type": media_type}}


def _by_basic(parameters: Parameters) -> Fields:
    asked = [pair for pair in parameters if pair[0] not in CREDENTIAL_NAMES]
    return by_get(*_query(asked), headers={"Authorization": "Basic {{basic}}"})


def _query(parameters: Parameters) -> Parameters:
    return [(name, escaped(value)) for name, value in parameters]
