"""Nasty bugs of providers with malformed or unusual requests, and with what was asked before."""

from __future__ import annotations

from typing import Final

from mutants.nasty_texts import ASGI, COMPARED, DIGITS, JSON, KEY, PAIR, SIGNED, SUCCESS, WSGI, XML, Bug

_CREDENTIALS: Final = 'check_credentials(params, headers.get("authorization", ""))'
_FORM: Final = "    pairs = urllib"
_RETURN: Final = "    return dict(reversed(pairs))"
_LOOKUP: Final = '    number, country = params.get("number"), params.get("country")\n'
_HEADERS: Final = "    try:\n        params = params_of"
_PATH: Final = '    if scope["method"] not in'
_MEDIA_TYPE: Final = "    media_type ="
_CHARSET: Final = '    charset = headers.get("content-type", "").partition("charset=")[2] or "utf-8"\n'
_MEMBER: Final = "value if isinstance(value, str) else json.dumps(value)"
_LOADED: Final = "members = json.loads(body)"
_NATIONALLY: Final = 'parse(digits, country) if "+" not in number else None'
_POSSIBLE: Final = "        return None\n    return number\n"


def _crash(condition: str, old: str) -> tuple[str, str]:
    return old, f"    if {condition}:\n        raise RuntimeError\n{old}"


def _after_lookup(line: str) -> tuple[str, str]:
    return _LOOKUP, f"{_LOOKUP}    {line}\n"


UNUSUAL_BUGS: Final = {
    "cnam by a form is refused": Bug(
        ASGI, "    return form(body)\n", '    if b"cnam=true" in body:\n        raise Refused(3, "cnam")\n    return form(body)\n', "NIB-NUM-011 NIB-REQ-002"
    ),
    "a tab in JSON is lost": Bug(ASGI, _LOADED, f'{_LOADED}\n            body = re.sub(rb"\\\\t", b"x", body)\n            {_LOADED}', "NIB-NUM-002 NIB-REQ-003"),
    "the first part of a body": Bug(ASGI, 'if not event.get("more_body"):', "if True:", "NIB-REQ-002 NIB-REQ-015"),
    "values are decoded twice": Bug(
        ASGI, _RETURN, "    return {name: urllib.parse.unquote(value) for name, value in reversed(pairs)}", "NIB-REQ-005"
    ),
    "500 for repeated parameters": Bug(ASGI, *_crash("len(dict(pairs)) < len(pairs)", _RETURN), "NIB-REQ-007"),
    "500 for a stray percent sign": Bug(
        ASGI, *_crash('re.search(rb"%(?![0-9A-Fa-f]{2})", text)', _FORM), "NIB-REQ-014"
    ),
    "500 for a long query": Bug(ASGI, *_crash("len(text) > 4000", _FORM), "NIB-REQ-014"),
    "500 for empty parameters": Bug(ASGI, *_crash('b"&&" in text', _FORM), "NIB-REQ-006 NIB-REQ-012"),
    "500 for cookies": Bug(ASGI, *_crash('"cookie" in headers', _HEADERS), "NIB-REQ-008"),
    "500 for another cnam": Bug(
        ASGI,
        *_after_lookup("if params.get('cnam', 'true') not in ('true', 'false'): raise RuntimeError"),
        "NIB-REQ-012",
    ),
    "500 for a country without numbers": Bug(
        ASGI, *_after_lookup("if country == 'AQ': raise RuntimeError"), "NIB-REQ-012"
    ),
    "414 for what signed requests need": Bug(
        ASGI,
        _PATH,
        f'    if len(scope["query_string"]) > 150:\n        return 414, "text/plain", b"no"\n{_PATH}',
        "NIB-REQ-001",
    ),
    "the country of the request before": Bug(
        ASGI,
        *_after_lookup("country, LAST['country'] = country or LAST.get('country'), country"),
        "NIB-REL-007 NIB-REL-009 NIB-REL-004",
    ),
    "cached by number alone": Bug(
        ASGI,
        SUCCESS,
        'seen = params.get("number")\n'
        '        facts = {"status": 0, "status_message": "Success",'
        " **(LAST.get(seen) or LAST.setdefault(seen, look_up(params)))}",
        "NIB-REL-009 NIB-NUM-008",
    ),
    "valid numbers only in Germany": Bug(
        ASGI,
        _POSSIBLE,
        "        return None\n"
        "    if number.country_code == 49 and not phonenumbers.is_valid_number(number):\n"
        "        return None\n"
        "    return number\n",
        "NIB-NUM-001",
    ),
    "a secret that is null in JSON is right": Bug(
        ASGI, _MEMBER, f"SECRET if value is None else {_MEMBER}", "NIB-AUT-002 NIB-AUT-004"
    ),
    "any object for a secret in JSON is right": Bug(
        ASGI, _MEMBER, f"SECRET if isinstance(value, dict) else {_MEMBER}", "NIB-AUT-002 NIB-AUT-003 NIB-AUT-004"
    ),
    "a list called api_secret[] is right": Bug(
        ASGI, KEY, KEY.replace('params.get("api_secret") != SECRET', '"api_secret[]" not in params and params.get("api_secret") != SECRET'), "NIB-AUT-004"
    ),
    "JSON with a charset is refused": Bug(
        ASGI, '.partition(";")[0].strip().lower()', ".strip().lower()", "NIB-REQ-003 NIB-REQ-002"
    ),
    "escapes in JSON are not read": Bug(ASGI, _LOADED, 'members = json.loads(body.replace(b"\\\\u", b"u"))', "NIB-REQ-003"),
    "500 for JSON beyond ASCII": Bug(ASGI, _LOADED, 'members = json.loads(body.decode("ascii"))', "NIB-REQ-003 NIB-REQ-009"),
    "500 for 4,400 digits": Bug(ASGI, *_after_lookup("int(re.sub('[^0-9]', '', number or '') or 0)"), "NIB-REQ-012"),
    "names in XML are encoded twice": Bug(
        ASGI, XML, 'return 200, "text/xml", as_xml(facts).replace("\xe9", "\xc3\xa9").encode()', "NIB-NUM-017 NIB-REL-001"
    ),
    "Canadian numbers with CA are refused": Bug(
        ASGI, *_after_lookup("if country == 'CA' and number[0] == '1': raise Refused(5, 'No')"), "NIB-NUM-009"
    ),
    "Austrian numbers may be German": Bug(
        ASGI, *_after_lookup("country = {'AU': 'AT'}.get(country, country) if (number or '')[:3] == '+43' else country"), "NIB-NUM-008"
    ),
    "key and secret are compared as one text": Bug(
        ASGI, KEY, 'if params.get("api_key", "") + params.get("api_secret", "") != KEY + SECRET:', "NIB-AUT-003 NIB-AUT-002 NIB-AUT-004"
    ),
    "no credentials are needed for XML": Bug(
        ASGI, _CREDENTIALS, f'{_CREDENTIALS} if is_json or "api_key" in params or "authorization" in headers else None', "NIB-AUT-004"
    ),
    "a zero for the letter O in a secret": Bug(
        ASGI, KEY, KEY.replace("SECRET:", "SECRET and params.get('api_secret', '').translate({79: 48, 108: 49}) != SECRET:"), "NIB-AUT-002"
    ),
    "an unknown parameter called to is the number": Bug(ASGI, *_after_lookup("number = params.get('to', number)"), "NIB-REQ-007"),
    "another method in a header": Bug(
        ASGI, _HEADERS, f'    if headers.get("x-http-method-override", "GET") not in ("GET", "POST"):\n        return 405, "text/plain", b"no"\n{_HEADERS}', "NIB-REQ-008"
    ),
    "a parameter by the end of its name": Bug(
        ASGI, _RETURN, '    found = {name: re.search(name + "=([^&]*)", text.decode("utf-8", "replace")) for name in ("api_key", "api_secret", "number", "country", "cnam", "sig", "timestamp")}\n    return {name: urllib.parse.unquote_plus(one[1]) for name, one in found.items() if one}', "NIB-REQ-007"
    ),
    "500 for a calling code twice": Bug(ASGI, *_after_lookup("if country == 'DO' and number[:2] == '11': raise RuntimeError"), "NIB-REQ-012"),
    "500 for a signature beyond ASCII": Bug(ASGI, COMPARED, f'params["sig"].encode("ascii")\n    {COMPARED}', "NIB-REQ-012"),
    "a wrong signature beside a wrong secret is right": Bug(ASGI, COMPARED, f'{COMPARED[:-1]} and "api_secret" not in params:', "NIB-AUT-002"),
    "a form is read up to its 64th byte": Bug(ASGI, "    return form(body)\n", "    return form(body[:64])\n", "NIB-REQ-002"),
    "a form is read up to its 4096th byte": Bug(ASGI, "    return form(body)\n", "    return form(body[:4096])\n", "NIB-REQ-002"),
    "HMACs are made over Latin-1": Bug(
        ASGI, "text.encode(), method", 'text.encode("latin-1", "replace"), method', "NIB-REQ-009 NIB-AUT-009"
    ),
    "the start of an HMAC is enough": Bug(
        ASGI, COMPARED, 'if params["sig"].lower() != right[0] and params["sig"].lower()[:16] not in [one[:16] for one in right[1:]]:', "NIB-AUT-010"
    ),
    "500 for a parameter that every object has": Bug(
        ASGI, *_after_lookup("if 'toString' in params: raise RuntimeError"), "NIB-REQ-007 NIB-REQ-012"
    ),
    "a zero behind a plus is dropped": Bug(
        ASGI, DIGITS, f'{DIGITS}    digits = digits.lstrip("0") if "+" in number else digits\n', "NIB-NUM-005"
    ),
    "a zero in parentheses is dropped": Bug(ASGI, DIGITS, DIGITS.replace("number)", 'number.replace("(0)", ""))'), "NIB-NUM-013"),
    "a boolean in JSON is refused": Bug(
        ASGI, "        return {name: value if", "        if any(isinstance(value, bool) for value in members.values()):\n            raise Refused(3, 'Invalid request')\n        return {name: value if", "NIB-NUM-011 NIB-REQ-007"
    ),
    "a blank before a plus hides it": Bug(ASGI, 'number.lstrip(" (")', 'number.lstrip("(")', "NIB-NUM-008"),
    "numbers are cached without their plus": Bug(
        WSGI, _NATIONALLY, f"vars(insight).setdefault((digits, country), {_NATIONALLY})", "NIB-NUM-008"
    ),
    "answers are cached by their digits": Bug(
        ASGI, SUCCESS, 'digits = re.sub("[^0-9]", "", params.get("number", "")) + params.get("country", "")\n        if digits not in LAST:\n            LAST[digits] = {"status": 0, "status_message": "Success", **look_up(params), "request_id": str(uuid.uuid4())}\n        if is_json:\n            return 200, "application/json", json.dumps(LAST[digits]).encode()\n        return 200, "text/xml", as_xml(LAST[digits]).encode()', "NIB-REL-008"
    ),
    "JSON with members that are no text is refused": Bug(
        ASGI, "        return {name: value if", "        if not all(isinstance(value, str) for value in members.values()):\n            raise Refused(3, 'Invalid request')\n        return {name: value if", "NIB-NUM-011 NIB-REQ-007"
    ),
    "500 for a charset in quotes": Bug(ASGI, _MEDIA_TYPE, f'{_CHARSET}    "".encode(charset)\n{_MEDIA_TYPE}', "NIB-REQ-014"),
    "500 for an unknown charset": Bug(ASGI, _MEDIA_TYPE, f"{_CHARSET}    \"\".encode(charset.strip('\"'))\n{_MEDIA_TYPE}", "NIB-REQ-014"),
    "500 for JSON by XML": Bug(ASGI, "    return form(body)\n", "    if body[:1] == b'{':\n        raise RuntimeError\n    return form(body)\n", "NIB-REQ-012"),
    "refusals are JSON always": Bug(ASGI, "    if is_json:\n", '    if is_json or facts["status"]:\n', "NIB-XML-001"),
    "the letter O is a zero": Bug(
        WSGI, "    digits = keypad(number)\n", '    digits = keypad(number.replace("O", "0"))\n', "NIB-NUM-012"
    ),
    "the number in a text is a pattern": Bug(WSGI, "format detected [ {number} ]", "format detected [ {number.replace('$&', '[]').replace('$$', '$')} ]", "NIB-ERR-008"),
    "the number in a text is trimmed": Bug(WSGI, "format detected [ {number} ]", "format detected [ {number.strip()} ]", "NIB-ERR-008"),
    "a locale is a country": Bug(
        ASGI, *_after_lookup("country = country and country.replace('_', '-').split('-')[-1]"), "NIB-NUM-010"
    ),
    "tel: is taken away": Bug(ASGI, *_after_lookup("number = number and number.removeprefix('tel:')"), "NIB-NUM-021"),
    "a cookie for a parameter": Bug(
        ASGI, _HEADERS, f'    scope["query_string"] = headers.get("cookie", "").replace("; ", "&").encode() + b"&" + scope["query_string"]\n{_HEADERS}', "NIB-REQ-008 NIB-NUM-013"
    ),
    "unknown parameters twice are refused": Bug(
        ASGI, _RETURN, f"    if len(dict(pairs)) < len(pairs):\n        raise Refused(3, 'Invalid request')\n{_RETURN}", "NIB-REQ-007"
    ),
    "gzip without its label": Bug(
        ASGI, JSON, f'import gzip\n        if headers.get("accept-encoding") == "gzip":\n            return 200, "application/json", gzip.compress(json.dumps(facts).encode())\n        {JSON}', "NIB-REQ-008 NIB-RES-003"
    ),
    "capital hex of HMAC is refused": Bug(
        ASGI, COMPARED, 'if params["sig"].lower() not in right or (len(params["sig"]) > 32 and params["sig"].isupper()):', "NIB-AUT-009"
    ),
    "a refusal that is cut off": Bug(ASGI, "str(len(body)).encode()", 'str(len(body) + (b"error_text" in body)).encode()', "NIB-REQ-012"),
    "a plus behind other characters": Bug(ASGI, DIGITS, f'{DIGITS}    if number.rfind("+") > 0:\n        raise Refused(5, "The number is not valid")\n', "NIB-NUM-002"),
    "500 for an & at the end of a form": Bug(ASGI, "    return form(body)", '    if body.endswith(b"&"):\n        raise KeyError\n    return form(body)', "NIB-REQ-006"),
    "a plus in a form is no space": Bug(ASGI, "    return form(body)", '    return form(body.replace(b"+", b"%2B"))', "NIB-REQ-005 NIB-AUT-008"),
    "the country of the last form": Bug(ASGI, "    return form(body)", '    params = form(body)\n    LAST["c"] = params.get("country") or LAST.get("c")\n    return params | ({"country": LAST["c"]} if LAST["c"] else {})', "NIB-REL-009 NIB-REL-007 NIB-AUT-008"),
    "500 for a country that is a list": Bug(ASGI, _MEMBER, "value", "NIB-REQ-012 NIB-REQ-014"),
    "500 for a template": Bug(ASGI, DIGITS, f'{DIGITS}    number % ()\n', "NIB-NUM-005 NIB-NUM-021 NIB-REQ-012"),
    "414 for more than 512 characters": Bug(
        ASGI, _PATH, f'    if len(scope["query_string"]) > 512:\n        return 414, "text/plain", b"no"\n{_PATH}', "NIB-REQ-001 NIB-REQ-007"
    ),
    "names in any case": Bug(ASGI, _RETURN, "    return {name.lower(): value for name, value in reversed(pairs)}", "NIB-REQ-007"),
    "names in any case, the last": Bug(ASGI, _RETURN, "    return {name.lower(): value for name, value in pairs}", "NIB-REQ-007"),
    "cnam is not signed": Bug(ASGI, SIGNED, f'{SIGNED} and name != "cnam"', "NIB-AUT-008"),
    "the number before credentials in XML": Bug(ASGI, f"        {_CREDENTIALS}", f'        if not is_json and not params.get("number"):\n            raise Refused(3, "no number")\n        {_CREDENTIALS}', "NIB-AUT-005"),
    "a dollar sign ends the connection": Bug(WSGI, "    digits = keypad(number)\n", '    digits = keypad(number)\n    assert "$" not in number\n', "NIB-REQ-012 NIB-NUM-006"),
    "500 for NUL": Bug(ASGI, *_crash('b"%00" in text', _FORM), "NIB-REQ-012 NIB-NUM-021"),
    "one digit is the example": Bug(ASGI, *_after_lookup("number = '441632960960' if number == '1' else number"), "NIB-NUM-005"),
    "national numbers in JSON are refused": Bug(ASGI, "        return {name: value if", '        if str(members.get("number")).startswith("0"):\n            raise Refused(5, "The number is not valid")\n        return {name: value if', "NIB-NUM-003 NIB-REQ-003"),
    "signatures without leading zeros": Bug(ASGI, COMPARED, 'if params["sig"].lower() not in [one.lstrip("0") for one in right]:', "NIB-AUT-008 NIB-AUT-009"),
    "md5 of the text alone is right": Bug(ASGI, "hashlib.md5((text + SIGNATURE_SECRET).encode())", "hashlib.md5(text.encode())", "NIB-AUT-008 NIB-AUT-010"),
    "an = at the end is not signed": Bug(ASGI, PAIR, PAIR.replace("params[name]", "params[name].rstrip('=')"), "NIB-AUT-008"),
    "cnam needs no credentials": Bug(ASGI, f"        {KEY}", f"        if params.get('cnam') == 'true':\n            return\n        {KEY}", "NIB-AUT-002 NIB-AUT-003"),
    "what was refused once": Bug(ASGI, '        raise Refused(3, "Invalid request: the country is no', '        LAST[number] = True\n    if LAST.get(number):\n        raise Refused(3, "Invalid request: the country is no', "NIB-REL-009 NIB-REL-007"),
    "countries that are no more": Bug(ASGI, *_after_lookup("country = {'AN': 'CW', 'SU': 'RU'}.get(country, country)"), "NIB-NUM-010"),
    "500 for a form in Latin-1": Bug(ASGI, "    return form(body)\n", "    body.decode()\n    return form(body)\n", "NIB-REQ-012"),
    "500 for half a surrogate pair in a name": Bug(ASGI, "        return {name: value if", '        "".join(members).encode()\n        return {name: value if', "NIB-REQ-012"),
    "bodies are read as Latin-1": Bug(WSGI, 'text = raw.decode("utf-8")', 'text = raw.decode("latin-1")', "NIB-REQ-009 NIB-ERR-008 NIB-REQ-003"),
    "a plus in a query is no space": Bug(ASGI, '        return form(scope["query_string"])\n', '        return form(scope["query_string"].replace(b"+", b"%2B"))\n', "NIB-REQ-005"),
    "500 for JSON that says true": Bug(ASGI, "        return {name: value if", '        [value.strip() for value in members.values() if value is True]\n        return {name: value if', "NIB-NUM-011 NIB-REQ-007"),
    "pieces of a body are decoded one by one": Bug(ASGI, 'event.get("body", b"")', 'event.get("body", b"").decode("utf-8", "replace").encode()', "NIB-REQ-009 NIB-REQ-003"),
    "status 4 for a national number": Bug(ASGI, *_after_lookup("if not country and (number or '')[:1] == '0': raise Refused(4, 'Invalid credentials')"), "NIB-AUT-001"),
    "status 4 for numbers of no country": Bug(ASGI, 'raise Refused(5, "Internal error: no country', 'raise Refused(4, "Internal error: no country', "NIB-AUT-001"),
    "forms are read as Latin-1": Bug(ASGI, "    return form(body)\n", '    return dict(reversed(urllib.parse.parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")))\n', "NIB-REQ-009 NIB-REQ-002"),
    "countries are told by two digits": Bug(ASGI, "country in phonenumbers.region_codes_for_country_code(number.country_code)", "str(number.country_code)[:2] == str(phonenumbers.country_code_for_region(country))[:2]", "NIB-NUM-008"),
    "a country that every object has": Bug(ASGI, *_after_lookup("country = None if country == 'constructor' else country"), "NIB-NUM-010"),
    "JSON is read as Latin-1": Bug(ASGI, "members = json.loads(body)", 'members = json.loads(body.decode("latin-1"))', "NIB-REQ-003"),
    "one answer in a thousand is HTTP 503": Bug(
        ASGI, _HEADERS, f'    LAST["n"] = LAST.get("n", 0) + 1\n    if LAST["n"] == 1000:\n        return 503, "text/plain", b""\n{_HEADERS}', "NIB-REQ-012"
    ),
}  # fmt: skip
