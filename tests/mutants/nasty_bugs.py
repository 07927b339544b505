"""Nasty bugs of providers: each is a right provider of tools/mutation with one text replaced, as people get it wrong."""

from __future__ import annotations

from typing import NamedTuple

ASGI, WSGI, NODE = "asgi_fake.py", "wsgi_fake.py", "node_fake.mjs"


class Bug(NamedTuple):
    """*new* stands in place of *old* in *program*; the first clause that is shown has to be one of *fits*."""

    program: str
    old: str
    new: str
    fits: str


_REGION = "    country = phonenumbers.region_code_for_number(number)\n"
_FACTS = '    return {\n        "international_format_number": phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:],'
_ISO3 = 'COUNTRIES[country]["alpha_3"]'
_NAME = 'COUNTRIES[country]["name"]'
_PREFIX = "str(number.country_code)"
_E164 = "phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]"
_NATIONAL = "phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)"
_MISSING = '    if not number:\n        raise Refused(3, "Invalid request: the number is missing")\n'
_DIGITS = '    digits = re.sub(r"[\\s+()-]", "", number)\n'
_SUCCESS = 'facts = {"status": 0, "status_message": "Success", **look_up(params)}'
_REFUSAL = 'facts = {"status": refused.status, "error_text": str(refused)}'
_ID = 'facts["request_id"] = str(uuid.uuid4())'
_JSON = 'return 200, "application/json", json.dumps(facts).encode()'
_XML = 'return 200, "text/xml", as_xml(facts).encode()'
_KEY = 'if params.get("api_key") != KEY or params.get("api_secret") != SECRET:'
_SIGNED = 'for name in params if name not in ("sig", "api_secret")'
_PAIR = "f\"&{name}={params[name].replace('&', '_').replace('=', '_')}\""
_COMPARED = 'if params["sig"].lower() not in right:'
_ERROR = """parts.append(f'<error code="{facts["status"]}">{escape(text)}</error>')"""
_WRONG = 'raise Refused(4, "Invalid credentials")'


def _region(mapping: str) -> tuple[str, str]:
    return _REGION, f"{_REGION}    country = {mapping}.get(country, country)\n"


COUNTRY_BUGS = {
    "Crown dependencies are GB": Bug(ASGI, *_region('{"JE": "GB", "GG": "GB", "IM": "GB"}'), "NIB-NUM-018"),
    "Jersey is GB": Bug(ASGI, *_region('{"JE": "GB"}'), "NIB-NUM-018"),
    "Kazakhstan is RU": Bug(ASGI, *_region('{"KZ": "RU"}'), "NIB-NUM-018"),
    "Canada is US": Bug(ASGI, *_region('{"CA": "US"}'), "NIB-NUM-018"),
    "Aland is FI": Bug(ASGI, *_region('{"AX": "FI"}'), "NIB-NUM-018"),
    "Svalbard is NO": Bug(ASGI, *_region('{"SJ": "NO"}'), "NIB-NUM-018"),
    "Puerto Rico is US": Bug(ASGI, *_region('{"PR": "US"}'), "NIB-NUM-018"),
    "Jamaica is US": Bug(ASGI, *_region('{"JM": "US"}'), "NIB-NUM-018"),
    "Vatican is IT": Bug(ASGI, *_region('{"VA": "IT"}'), "NIB-NUM-018"),
    "Christmas Island is AU": Bug(ASGI, *_region('{"CX": "AU"}'), "NIB-NUM-018"),
    "Bonaire is CW": Bug(ASGI, *_region('{"BQ": "CW"}'), "NIB-NUM-018"),
    "Guadeloupe is FR": Bug(ASGI, *_region('{"GP": "FR"}'), "NIB-NUM-018 NIB-NUM-015"),
    "GB is UK": Bug(ASGI, 'country,\n        "country_code_iso3"', '{"GB": "UK"}.get(country, country),\n        "country_code_iso3"', "NIB-NUM-018"),
    "the main region always": Bug(ASGI, _REGION, "    country = None\n", "NIB-NUM-018"),
    "lower-case country": Bug(ASGI, 'country,\n        "country_code_iso3"', 'country.lower(),\n        "country_code_iso3"', "NIB-RES-012"),
    "ISO3 for alpha-2": Bug(ASGI, 'country,\n        "country_code_iso3"', f'{_ISO3},\n        "country_code_iso3"', "NIB-RES-012"),
    "alpha-2 for ISO3": Bug(ASGI, _ISO3, "country", "NIB-RES-013"),
    "Germany is GER": Bug(ASGI, _ISO3, f'{{"DE": "GER"}}.get(country, {_ISO3})', "NIB-NUM-016"),
    "Romania is ROM": Bug(ASGI, _ISO3, f'{{"RO": "ROM"}}.get(country, {_ISO3})', "NIB-NUM-016"),
    "lower-case ISO3": Bug(ASGI, _ISO3, f"{_ISO3}.lower()", "NIB-RES-013"),
    "the code for a name": Bug(ASGI, _NAME, "country", "NIB-NUM-017"),
    "GB is England": Bug(ASGI, _NAME, f'{{"GB": "England"}}.get(country, {_NAME})', "NIB-NUM-017"),
    "South Korea is North Korea": Bug(ASGI, _NAME, f'{{"KR": "North Korea"}}.get(country, {_NAME})', "NIB-NUM-017"),
    "no name": Bug(ASGI, f'        "country_name": {_NAME},\n', "", "NIB-RES-014"),
    "a name that is null": Bug(ASGI, _NAME, "None", "NIB-RES-014"),
    "a prefix that is a number": Bug(ASGI, _PREFIX, "number.country_code", "NIB-RES-015"),
    "a prefix with a plus": Bug(ASGI, _PREFIX, 'f"+{number.country_code}"', "NIB-RES-015"),
    "a prefix with zeros": Bug(ASGI, _PREFIX, 'f"00{number.country_code}"', "NIB-RES-015"),
    "a prefix of two digits": Bug(ASGI, _PREFIX, f"{_PREFIX}[:2]", "NIB-NUM-015"),
    "no prefix": Bug(ASGI, f'        "country_prefix": {_PREFIX},\n', "", "NIB-RES-015"),
}  # fmt: skip

NUMBER_BUGS = {
    "international with a plus": Bug(ASGI, _E164, "phonenumbers.format_number(number, PhoneNumberFormat.E164)", "NIB-RES-010"),
    "international is a number": Bug(ASGI, _E164, f"int({_E164})", "NIB-RES-010"),
    "international with spaces": Bug(ASGI, _E164, "phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)[1:]", "NIB-RES-010"),
    "international is national": Bug(ASGI, _E164, f"re.sub('[^0-9]', '', {_NATIONAL})", "NIB-RES-010 NIB-NUM-013 NIB-NUM-014"),
    "Italian zeros are lost": Bug(ASGI, _E164, 'f"{number.country_code}{number.national_number}"', "NIB-NUM-013"),
    "national without spaces": Bug(ASGI, _NATIONAL, f'{_NATIONAL}.replace(" ", "")', "NIB-NUM-020"),
    "national without parentheses": Bug(ASGI, _NATIONAL, f'{_NATIONAL}.replace("(", "").replace(")", "")', "NIB-NUM-020"),
    "national with dots": Bug(ASGI, _NATIONAL, f'{_NATIONAL}.replace("-", ".")', "NIB-NUM-020"),
    "national is international": Bug(ASGI, _NATIONAL, "phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)", "NIB-NUM-019 NIB-NUM-020"),
    "national without its trunk 0": Bug(ASGI, _NATIONAL, f'{_NATIONAL}.removeprefix("0")', "NIB-NUM-019"),
    "national is the significant number": Bug(ASGI, _NATIONAL, "phonenumbers.national_significant_number(number)", "NIB-NUM-019 NIB-NUM-020"),
    "national with a trunk 0 everywhere": Bug(ASGI, _NATIONAL, '"0" + phonenumbers.national_significant_number(number)', "NIB-NUM-019 NIB-NUM-020"),
    "national empty": Bug(ASGI, _NATIONAL, '""', "NIB-RES-011"),
    "no national": Bug(ASGI, f'        "national_format_number": {_NATIONAL},\n', "", "NIB-RES-011"),
    "fewer than 8 digits refused": Bug(ASGI, _DIGITS, f'{_DIGITS}    if len(digits) < 8:\n        raise Refused(5, "The number is not valid")\n', "NIB-NUM-001 NIB-NUM-003"),
    "14 digits refused": Bug(ASGI, _DIGITS, f'{_DIGITS}    if len(digits) >= 14:\n        raise Refused(5, "The number is not valid")\n', "NIB-NUM-001"),
    "13 digits refused": Bug(ASGI, _DIGITS, f'{_DIGITS}    if len(digits) >= 13:\n        raise Refused(5, "The number is not valid")\n', "NIB-NUM-001"),
    "digits cut at 12": Bug(ASGI, _DIGITS, f"{_DIGITS}    digits = digits[:12]\n", "NIB-NUM-013 NIB-NUM-001 NIB-NUM-005"),
    "digits cut at 15": Bug(ASGI, _DIGITS, f"{_DIGITS}    digits = digits[:15]\n", "NIB-NUM-005"),
    "raw number cut at 15": Bug(ASGI, _DIGITS, f"    number = number[:15]\n{_DIGITS}", "NIB-NUM-002 NIB-NUM-005 NIB-NUM-013"),
    "valid numbers only": Bug(ASGI, "    return number\n\n\ndef facts_of", "    return number if phonenumbers.is_valid_number(number) else None\n\n\ndef facts_of", "NIB-NUM-001"),
    "any number is possible": Bug(ASGI, "    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:\n        return None\n", "", "NIB-NUM-005"),
    "a plus alone is taken away": Bug(ASGI, _DIGITS, '    digits = number.lstrip("+")\n', "NIB-NUM-002"),
    "tabs are refused": Bug(ASGI, '[\\s+()-]", "", number)', '[ +()-]", "", number)', "NIB-NUM-002"),
    "parentheses are refused": Bug(ASGI, '[\\s+()-]", "", number)', '[\\s+-]", "", number)', "NIB-NUM-002"),
    "hyphens are refused": Bug(ASGI, '[\\s+()-]", "", number)', '[\\s+()]", "", number)', "NIB-NUM-002"),
    "a space before is refused": Bug(ASGI, _DIGITS, f'{_DIGITS}    if number[0] == " ":\n        raise Refused(5, "The number is not valid")\n', "NIB-NUM-002"),
    "a space behind is refused": Bug(ASGI, _DIGITS, f'{_DIGITS}    if number[-1] == " ":\n        raise Refused(5, "The number is not valid")\n', "NIB-NUM-002"),
    "two spaces are refused": Bug(ASGI, _DIGITS, f'{_DIGITS}    if "  " in number:\n        raise Refused(5, "The number is not valid")\n', "NIB-NUM-002"),
    "dots are accepted": Bug(ASGI, '[\\s+()-]", "", number)', '[\\s+().-]", "", number)', "NIB-NUM-021"),
    "slashes are accepted": Bug(ASGI, '[\\s+()-]", "", number)', '[\\s+()/-]", "", number)', "NIB-NUM-021"),
    "all but digits is taken away": Bug(ASGI, '[\\s+()-]", "", number)', '[^0-9]", "", number)', "NIB-NUM-021 NIB-NUM-005"),
    "Arabic digits are accepted": Bug(ASGI, 're.fullmatch("[0-9]+", digits)', "digits.isdecimal()", "NIB-NUM-021"),
    "the country is ignored": Bug(ASGI, 'params.get("number"), params.get("country")', 'params.get("number"), None', "NIB-NUM-003 NIB-NUM-008"),
    "a country that does not match is ignored": Bug(ASGI, "    if country and not is_of(international, country):", "    if country and international is None:", "NIB-NUM-008 NIB-NUM-003"),
    "the national reading of a number with plus": Bug(ASGI, 'None if number.lstrip(" (").startswith("+") else possible(digits, country)', "possible(digits, country)", "NIB-NUM-008"),
    "UK is a country": Bug(ASGI, _MISSING, f'{_MISSING}    country = {{"UK": "GB"}}.get(country, country)\n', "NIB-NUM-010"),
    "GBR is a country": Bug(ASGI, _MISSING, f'{_MISSING}    country = country and country[:2]\n', "NIB-NUM-010"),
    "an unknown country is ignored": Bug(ASGI, '    if country and country not in COUNTRIES:\n        raise Refused(3, "Invalid request: the country is no ISO 3166-1 alpha-2 code")\n', "    country = country if country in COUNTRIES else None\n", "NIB-NUM-010"),
    "500 for an unknown country": Bug(ASGI, '        raise Refused(3, "Invalid request: the country is no ISO 3166-1 alpha-2 code")', '        raise KeyError(country)', "NIB-REQ-012 NIB-NUM-010"),
    "an empty country is refused": Bug(ASGI, "if country and country not in", "if country is not None and country not in", "none NIB-NUM-009 NIB-NUM-001"),
    "500 for no number": Bug(ASGI, _MISSING, "", "NIB-NUM-004 NIB-REQ-012"),
    "5 for no number": Bug(ASGI, 'Refused(3, "Invalid request: the number is missing")', 'Refused(5, "The number is not valid")', "NIB-NUM-004"),
    "4 for no number": Bug(ASGI, 'Refused(3, "Invalid request: the number is missing")', 'Refused(4, "Invalid credentials")', "NIB-NUM-004 NIB-AUT-001"),
    "a number of its own for none": Bug(ASGI, _MISSING, '    number = number or "441632960960"\n', "NIB-NUM-004"),
    "3 for an impossible number": Bug(ASGI, '    if international is None:\n        raise Refused(5', '    if international is None:\n        raise Refused(3', "NIB-NUM-005"),
    "cnam is refused": Bug(ASGI, _MISSING, f'{_MISSING}    if params.get("cnam") == "true":\n        raise Refused(3, "Invalid request: cnam")\n', "NIB-NUM-011"),
    "cnam=false is refused": Bug(ASGI, _MISSING, f'{_MISSING}    if params.get("cnam") == "false":\n        raise Refused(3, "Invalid request: cnam")\n', "NIB-NUM-011"),
    "cnam changes the layout": Bug(ASGI, "return facts_of(international)", 'return facts_of(international) | ({"country_name": "USA"} if params.get("cnam") == "true" else {})', "NIB-REL-013 NIB-NUM-017"),
    "phonewords are refused": Bug(WSGI, "    if kept[:3].isdigit() and set(kept)", "    if False and set(kept)", "NIB-NUM-012"),
    "5 for an impossible number, as observed": Bug(WSGI, 'raise Refusal(INVALID, f"Invalid request :: Not valid number', 'raise Refusal(5, f"Invalid request :: Not valid number', "NIB-NUM-006 NIB-NUM-007"),
    "national numbers are British": Bug(WSGI, '    digits = keypad(number)\n', '    digits = keypad(number)\n    country = country or ("GB" if digits[:1] == "0" else "")\n', "NIB-NUM-007"),
}  # fmt: skip

CREDENTIAL_BUGS = {
    "the key is not checked": Bug(ASGI, _KEY, 'if params.get("api_secret") != SECRET:', "NIB-AUT-003"),
    "the secret is not checked": Bug(ASGI, _KEY, 'if params.get("api_key") != KEY:', "NIB-AUT-002"),
    "any key but an empty one": Bug(ASGI, _KEY, 'if not params.get("api_key") or params.get("api_secret") != SECRET:', "NIB-AUT-003"),
    "the secret in any case": Bug(ASGI, _KEY, 'if params.get("api_key") != KEY or params.get("api_secret", "").lower() != SECRET:', "NIB-AUT-002"),
    "the key in any case": Bug(ASGI, _KEY, 'if params.get("api_key", "").lower() != KEY or params.get("api_secret") != SECRET:', "NIB-AUT-003"),
    "the beginning of the key is enough": Bug(ASGI, _KEY, 'if not params.get("api_key") or not KEY.startswith(params["api_key"]) or params.get("api_secret") != SECRET:', "NIB-AUT-003"),
    "what begins with the key is enough": Bug(ASGI, _KEY, 'if not params.get("api_key", "").startswith(KEY) or params.get("api_secret") != SECRET:', "NIB-AUT-003"),
    "five characters of the key are enough": Bug(ASGI, _KEY, 'if params.get("api_key", "")[:5] != KEY[:5] or params.get("api_secret") != SECRET:', "NIB-AUT-003"),
    "the secret is not checked in XML": Bug(ASGI, '    is_json = scope["path"]', '    if scope["path"].endswith("xml"):\n        scope["query_string"] = scope["query_string"].replace(b"not-the-secret", SECRET.encode())\n    is_json = scope["path"]', "NIB-AUT-002"),
    "the beginning of the secret is enough": Bug(ASGI, _KEY, 'if params.get("api_key") != KEY or not SECRET.startswith(params.get("api_secret", "-")):', "NIB-AUT-002 NIB-AUT-004"),
    "what begins with the secret is enough": Bug(ASGI, _KEY, 'if params.get("api_key") != KEY or not params.get("api_secret", "").startswith(SECRET):', "NIB-AUT-002"),
    "a missing secret is right": Bug(ASGI, _KEY, 'if params.get("api_key") != KEY or params.get("api_secret", SECRET) != SECRET:', "NIB-AUT-004"),
    "an empty secret is right": Bug(ASGI, _KEY, 'if params.get("api_key") != KEY or (params.get("api_secret") or SECRET) != SECRET:', "NIB-AUT-004 NIB-AUT-002"),
    "a missing key is right": Bug(ASGI, _KEY, 'if params.get("api_key", KEY) != KEY or params.get("api_secret") != SECRET:', "NIB-AUT-004"),
    "no credentials are needed": Bug(ASGI, '    elif authorization[:6].lower() != "basic " or', '    elif authorization and', "NIB-AUT-004"),
    "3 for wrong credentials": Bug(ASGI, f"{_KEY}\n            {_WRONG}", f'{_KEY}\n            raise Refused(3, "Invalid request")', "NIB-AUT-002 NIB-AUT-003"),
    "HTTP 401 for wrong credentials": Bug(ASGI, '    if is_json:\n', '    if is_json and facts["status"] == 4:\n        return 401, "application/json", json.dumps(facts).encode()\n    if is_json:\n', "NIB-RES-001"),
    "a page for wrong credentials": Bug(ASGI, '    if is_json:\n', '    if facts["status"] == 4:\n        return 403, "text/html", b"<h1>Forbidden</h1>"\n    if is_json:\n', "NIB-AUT-002 NIB-AUT-003 NIB-AUT-004"),
    "HTTP 401 with a body of its own": Bug(ASGI, '    if is_json:\n', '    if facts["status"] == 4:\n        return 401, "application/json", b\'{"error": "unauthorized"}\'\n    if is_json:\n', "NIB-AUT-002 NIB-AUT-003 NIB-AUT-004"),
    "Basic is not offered": Bug(ASGI, '    elif authorization[:6].lower() != "basic " or not is_account(authorization[6:]):\n', "    else:\n", "NIB-AUT-006"),
    "Basic is not checked": Bug(ASGI, ' or not is_account(authorization[6:])', "", "NIB-AUT-007"),
    "the key of Basic is not checked": Bug(ASGI, '.decode("utf-8") == f"{KEY}:{SECRET}"', '.decode("utf-8").endswith(f":{SECRET}")', "NIB-AUT-007"),
    "500 for Basic that is not UTF-8": Bug(ASGI, "    except ValueError:\n        return False\n", "    except KeyError:\n        return False\n", "NIB-REQ-012"),
    "signatures are not checked": Bug(ASGI, "        check_signature(params)\n", "        pass\n", "NIB-AUT-010"),
    "the timestamp is not checked": Bug(ASGI, "abs(time.time() - int(timestamp)) > 300", "False", "NIB-AUT-011"),
    "a missing timestamp is right": Bug(ASGI, 'params.get("timestamp", "")', 'params.get("timestamp", str(int(time.time())))', "NIB-AUT-011"),
    "500 for timestamp=abc": Bug(ASGI, ' or not re.fullmatch("[0-9]{1,12}", timestamp)', "", "NIB-REQ-012 NIB-AUT-011"),
    "timestamps in milliseconds": Bug(ASGI, "int(timestamp)) > 300", "int(timestamp) / 1000) > 300", "NIB-AUT-008 NIB-AUT-009"),
    "upper-case hex is refused": Bug(ASGI, _COMPARED, 'if params["sig"] not in right:', "NIB-AUT-008"),
    "lower-case hex is refused": Bug(ASGI, _COMPARED, 'if params["sig"] not in [one.upper() for one in right]:', "NIB-AUT-008 NIB-AUT-009"),
    "the beginning of a signature is enough": Bug(ASGI, _COMPARED, 'if not any(one.startswith(params["sig"].lower()) for one in right):', "NIB-AUT-010"),
    "an empty signature is right": Bug(ASGI, _COMPARED, 'if params["sig"] and params["sig"].lower() not in right:', "NIB-AUT-010"),
    "parameters in the order sent": Bug(ASGI, "signed = sorted(name ", "signed = list(name ", "NIB-AUT-008 NIB-AUT-009"),
    "& is not replaced": Bug(ASGI, ".replace('&', '_')", "", "NIB-AUT-008"),
    "= is not replaced": Bug(ASGI, ".replace('=', '_')", "", "NIB-AUT-008"),
    "api_secret is signed too": Bug(ASGI, _SIGNED, 'for name in params if name != "sig"', "NIB-AUT-008"),
    "empty values are not signed": Bug(ASGI, _SIGNED, f'{_SIGNED} and params[name]', "NIB-AUT-008"),
    "unknown parameters are not signed": Bug(ASGI, _SIGNED, 'for name in ("api_key", "cnam", "country", "number", "timestamp") if name in params', "NIB-AUT-008 NIB-AUT-010"),
    "the country is not signed": Bug(ASGI, _SIGNED, f'{_SIGNED} and name != "country"', "NIB-AUT-008 NIB-AUT-009 NIB-AUT-010"),
    "no & before the first": Bug(ASGI, "in signed)\n", "in signed)[1:]\n", "NIB-AUT-008 NIB-AUT-009"),
    "the API secret for the signature": Bug(ASGI, "SIGNATURE_SECRET = \"n3xm0rocks\", \"12ab34cd\", \"SIGSECRET\"", "SIGNATURE_SECRET = \"n3xm0rocks\", \"12ab34cd\", \"12ab34cd\"", "NIB-AUT-008 NIB-AUT-009"),
    "sha512 is missing": Bug(ASGI, '"sha256", "sha512")', '"sha256")', "NIB-AUT-009"),
    "md5 of the text alone": Bug(ASGI, "hashlib.md5((text + SIGNATURE_SECRET).encode())", "hashlib.md5(text.encode())", "NIB-AUT-008"),
    "the key of a signed request is not checked": Bug(ASGI, 'params.get("api_key") != KEY or not re', "not re", "NIB-AUT-010 NIB-AUT-003"),
    "parameters before credentials": Bug(ASGI, '        check_credentials(params, headers.get("authorization", ""))\n        facts = {"status": 0, "status_message": "Success", **look_up(params)}', '        found = look_up(params)\n        check_credentials(params, headers.get("authorization", ""))\n        facts = {"status": 0, "status_message": "Success", **found}', "NIB-AUT-005"),
    "status 3 for a missing number before credentials": Bug(ASGI, "        check_credentials(params,", '        if not params.get("number"):\n            raise Refused(3, "Invalid request: no number")\n        check_credentials(params,', "NIB-AUT-005"),
    "another text for credentials": Bug(WSGI, 'BAD_CREDENTIALS: "Invalid credentials"', 'BAD_CREDENTIALS: "Bad credentials"', "NIB-ERR-007"),
    "another secret in the settings": Bug(ASGI, '"12ab34cd", "SIGSECRET"', '"another", "SIGSECRET"', "NIB-AUT-001"),
    "Basic refused in node": Bug(NODE, "/^basic /i.test(authorization)", "/^Bearer /i.test(authorization)", "NIB-AUT-006"),
}  # fmt: skip

REQUEST_BUGS = {
    "GET only": Bug(ASGI, '("GET", "HEAD", "POST")', '("GET", "HEAD")', "NIB-REQ-002"),
    "POST only": Bug(ASGI, '("GET", "HEAD", "POST")', '("POST",)', "NIB-REQ-001"),
    "no HEAD in XML": Bug(ASGI, '    is_json = scope["path"]', '    if scope["method"] == "HEAD" and scope["path"].endswith("xml"):\n        return 500, "text/plain", b""\n    is_json = scope["path"]', "NIB-REQ-010 NIB-REQ-012"),
    "OPTIONS is served": Bug(ASGI, '("GET", "HEAD", "POST")', '("GET", "HEAD", "POST", "OPTIONS")', "NIB-REQ-011"),
    "no HEAD": Bug(ASGI, '("GET", "HEAD", "POST")', '("GET", "POST")', "NIB-REQ-010"),
    "PUT is served": Bug(ASGI, '("GET", "HEAD", "POST")', '("GET", "HEAD", "POST", "PUT")', "NIB-REQ-011"),
    "DELETE is served": Bug(ASGI, '("GET", "HEAD", "POST")', '("GET", "HEAD", "POST", "DELETE")', "NIB-REQ-011"),
    "PATCH is served": Bug(ASGI, '("GET", "HEAD", "POST")', '("GET", "HEAD", "POST", "PATCH")', "NIB-REQ-011"),
    "POST reads the query": Bug(ASGI, "    return form(body)\n", '    return form(scope["query_string"])\n', "NIB-REQ-002"),
    "JSON bodies are refused": Bug(ASGI, "    if is_json and media_type in JSON_TYPES:\n", '    if is_json and media_type in JSON_TYPES:\n        raise Refused(3, "Invalid request")\n', "NIB-REQ-003"),
    "JSON bodies get HTTP 415": Bug(ASGI, '    is_json = scope["path"]', '    if b"json" in dict(scope["headers"]).get(b"content-type", b""):\n        return 415, "text/plain", b"unsupported"\n    is_json = scope["path"]', "NIB-REQ-003"),
    "application/json only": Bug(ASGI, "media_type in JSON_TYPES", 'media_type == "application/json"', "NIB-REQ-003"),
    "text/x-json is missing": Bug(ASGI, '    "text/x-json",\n', "", "NIB-REQ-003"),
    "a charset is not expected": Bug(ASGI, '.partition(";")[0].strip().lower()\n', '\n    if scope["method"] == "POST" and ";" in media_type:\n        raise Refused(3, "Invalid request")\n', "NIB-REQ-002"),
    "numbers in JSON are not read": Bug(ASGI, "value if isinstance(value, str) else json.dumps(value)", "value if isinstance(value, str) else ''", "none NIB-REQ-003"),
    "500 for a body that is no JSON": Bug(ASGI, "except (ValueError, RecursionError):", "except KeyError:", "NIB-REQ-012"),
    "500 for a body that is no object": Bug(ASGI, "        if not isinstance(members, dict):\n            raise Refused(3, \"Invalid request: the body is no JSON object\")\n", "", "NIB-REQ-012"),
    "HTTP 400 for a body that is no JSON": Bug(ASGI, '    if is_json:\n', '    if facts.get("error_text", "").endswith("is no JSON"):\n        return 400, "text/plain", b"bad request"\n    if is_json:\n', "NIB-REQ-013"),
    "the Accept header chooses": Bug(ASGI, '    try:\n        params = params_of', '    is_json = is_json and "xml" not in headers.get("accept", "")\n    try:\n        params = params_of', "NIB-REQ-004"),
    "406 for another Accept header": Bug(ASGI, '    try:\n        params = params_of', '    if is_json and "xml" in headers.get("accept", ""):\n        return 406, "text/plain", b"not acceptable"\n    try:\n        params = params_of', "NIB-REQ-004"),
    "unknown parameters are refused": Bug(ASGI, _MISSING, f'{_MISSING}    if set(params) - {{"number", "country", "cnam", "api_key", "api_secret", "sig", "timestamp"}}:\n        raise Refused(3, "Invalid request")\n', "NIB-REQ-007"),
    "a GET with a Content-Type is read as a POST": Bug(ASGI, 'if scope["method"] != "POST":', 'if not dict(scope["headers"]).get(b"content-type"):', "NIB-REQ-008"),
    "a GET with the type of JSON loses its query": Bug(ASGI, '    if scope["method"] != "POST":\n', '    if scope["method"] != "POST":\n        if b"json" in dict(scope["headers"]).get(b"content-type", b""):\n            return {}\n', "NIB-REQ-008"),
    "another Authorization header is refused": Bug(ASGI, '    if "sig" in params:', f'    if authorization and "api_key" in params:\n        {_WRONG}\n    if "sig" in params:', "NIB-REQ-008"),
    "+ is no space": Bug(ASGI, 'text.decode("utf-8", "replace")', 'text.decode("utf-8", "replace").replace("+", "%2B")', "NIB-REQ-005 NIB-AUT-008"),
    "percent escapes are not decoded": Bug(ASGI, "    return dict(reversed(pairs))", '    pairs = [tuple(part.partition("=")[::2]) for part in text.decode("utf-8", "replace").split("&")]\n    return dict(reversed(pairs))', "NIB-REQ-005 NIB-NUM-002"),
    "a trailing & is refused": Bug(ASGI, "    pairs = urllib", '    if text.endswith(b"&"):\n        raise Refused(3, "Invalid request")\n    pairs = urllib', "NIB-REQ-006"),
    "raw parentheses are refused": Bug(ASGI, "    pairs = urllib", '    if b"(" in text:\n        raise Refused(3, "Invalid request")\n    pairs = urllib', "NIB-REQ-006"),
    "UTF-8 is refused": Bug(ASGI, "    pairs = urllib", '    if b"%C3" in text.upper():\n        raise Refused(3, "Invalid request")\n    pairs = urllib', "NIB-REQ-009"),
    "500 for bytes that are not UTF-8": Bug(ASGI, 'text.decode("utf-8", "replace"), keep_blank_values=True)', 'text.decode("ascii"), keep_blank_values=True, errors="strict")', "NIB-REQ-012"),
    "500 for 300 digits": Bug(ASGI, _DIGITS, f'{_DIGITS}    assert len(digits) < 200\n', "NIB-REQ-012"),
    "500 for 800 numbers": Bug(ASGI, '        raise Refused(5, "Internal error: no country has this number")', "        raise KeyError(country)", "NIB-REQ-012"),
    "XML is not there": Bug(ASGI, '("/ni/basic/json", "/ni/basic/xml")', '("/ni/basic/json",)', "NIB-XML-001"),
    "XML answers JSON": Bug(ASGI, _XML, _JSON, "NIB-XML-001 NIB-REQ-004"),
    "JSON answers XML": Bug(ASGI, _JSON, _XML, "NIB-RES-003 NIB-REQ-004"),
    "parameters in one order only": Bug(ASGI, "    pairs = urllib", '    if text.startswith(b"country"):\n        raise Refused(3, "Invalid request")\n    pairs = urllib', "NIB-REL-005"),
    "POST is not served in node": Bug(NODE, '["GET", "HEAD", "POST"]', '["GET", "HEAD"]', "NIB-REQ-002"),
    "an unhandled error in node": Bug(NODE, "  if (members === null || typeof", "  if (typeof", "NIB-REQ-012"),
}  # fmt: skip

ANSWER_BUGS = {
    "status is text": Bug(ASGI, "json.dumps(facts).encode()", 'json.dumps({**facts, "status": str(facts["status"])}).encode()', "NIB-RES-005"),
    "status of a success is text": Bug(ASGI, "json.dumps(facts).encode()", 'json.dumps({**facts, "status": facts["status"] or "0"}).encode()', "NIB-RES-005"),
    "status of a refusal is text": Bug(ASGI, '{"status": refused.status, "error', '{"status": str(refused.status), "error', "NIB-RES-005"),
    "status is a boolean": Bug(ASGI, '{"status": 0, "status_message"', '{"status": False, "status_message"', "NIB-RES-005"),
    "status is a fraction": Bug(ASGI, _ID, f'{_ID}\n    facts["status"] = float(facts["status"])', "NIB-RES-005 NIB-XML-004"),
    "no status": Bug(ASGI, _JSON, 'return 200, "application/json", json.dumps({k: v for k, v in facts.items() if k != "status"}).encode()', "NIB-RES-005"),
    "a status of its own": Bug(ASGI, '{"status": refused.status, "error', '{"status": refused.status + 40, "error', "NIB-RES-006"),
    "status 2": Bug(ASGI, 'Refused(3, "Invalid request: the number is missing")', 'Refused(2, "Invalid request: the number is missing")', "NIB-RES-006 NIB-NUM-004"),
    "always the same id": Bug(ASGI, _ID, 'facts["request_id"] = "d79c3d82-e2ee-46ff-972a-97b76be419cb"', "NIB-REL-008"),
    "an id a second": Bug(ASGI, _ID, 'facts["request_id"] = str(int(time.time()))', "NIB-REL-008"),
    "an id for each number": Bug(ASGI, _ID, 'facts["request_id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, str(scope["query_string"])))', "NIB-REL-008"),
    "an id of 41 characters": Bug(ASGI, _ID, f'{_ID} + "-1234"', "NIB-RES-004"),
    "an empty id": Bug(ASGI, _ID, 'facts["request_id"] = ""', "NIB-RES-004"),
    "an id with braces": Bug(ASGI, _ID, 'facts["request_id"] = "{" + str(uuid.uuid4()) + "}"', "NIB-RES-009"),
    "an id with underscores": Bug(ASGI, _ID, 'facts["request_id"] = str(uuid.uuid4()).replace("-", "_")', "NIB-RES-009"),
    "an id that is a number": Bug(ASGI, _ID, 'facts["request_id"] = int(uuid.uuid4()) % 10**9', "NIB-RES-008"),
    "no id": Bug(ASGI, _ID, "pass", "NIB-RES-008"),
    "no id in XML": Bug(ASGI, """parts = [f"<request_id>{facts['request_id']}</request_id>"]""", "parts = []", "NIB-RES-008"),
    "no id for refusals": Bug(ASGI, _ID, f'if not facts["status"]:\n        {_ID}', "NIB-ERR-009 NIB-XML-001"),
    "status_message is OK": Bug(ASGI, '"status_message": "Success"', '"status_message": "OK"', "NIB-RES-017"),
    "no status_message": Bug(ASGI, '"status_message": "Success", ', "", "NIB-RES-007 NIB-REQ-012 NIB-XML-001"),
    "status-message": Bug(ASGI, _ID, f'{_ID}\n    if is_json and not facts["status"]:\n        facts["status-message"] = facts.pop("status_message")', "NIB-RES-007"),
    "error_text beside a success": Bug(ASGI, '"status_message": "Success"', '"error_text": "", "status_message": "Success"', "NIB-RES-016"),
    "error-text": Bug(ASGI, _ID, f'{_ID}\n    if is_json and facts["status"]:\n        facts["error-text"] = facts.pop("error_text")', "NIB-ERR-001"),
    "status_message for a refusal": Bug(ASGI, _ID, f'{_ID}\n    if is_json and facts["status"]:\n        facts["status_message"] = facts.pop("error_text")', "NIB-ERR-001 NIB-ERR-002"),
    "both texts for a refusal": Bug(ASGI, _REFUSAL, f'{_REFUSAL}\n        facts["status_message"] = str(refused)', "NIB-ERR-002"),
    "an empty error_text": Bug(ASGI, '"error_text": str(refused)', '"error_text": ""', "NIB-ERR-001"),
    "a refusal that says Success": Bug(ASGI, '"error_text": str(refused)', '"error_text": "Success"', "NIB-ERR-006"),
    "a refusal with nulls": Bug(ASGI, _REFUSAL, f'{_REFUSAL}\n        facts["country_code"] = facts["country_name"] = None', "NIB-ERR-005"),
    "a refusal with the number": Bug(ASGI, _REFUSAL, f'{_REFUSAL}\n        facts["international_format_number"] = "441632960960"', "NIB-ERR-005"),
    "error_text as observed": Bug(WSGI, '"status_message": text or TEXTS[status]', '"error_text": text or TEXTS[status], "status_message": text or TEXTS[status]', "NIB-ERR-004 NIB-RES-016"),
    "the quoted number without its plus": Bug(WSGI, "format detected [ {number} ]", "format detected [ {number.lstrip('+')} ]", "NIB-ERR-008"),
    "the quoted number as digits": Bug(WSGI, "format detected [ {number} ]", "format detected [ {digits} ]", "NIB-ERR-008"),
    "text/html": Bug(ASGI, '200, "application/json"', '200, "text/html"', "NIB-RES-002"),
    "text/plain": Bug(ASGI, '200, "application/json"', '200, "text/plain; charset=utf-8"', "NIB-RES-002"),
    "Application/JSON": Bug(ASGI, '200, "application/json"', '200, "Application/JSON"', "NIB-RES-002"),
    "a charset of Latin-1": Bug(ASGI, '200, "application/json"', '200, "application/json; charset=iso-8859-1"', "NIB-RES-002"),
    "no Content-Type": Bug(ASGI, '[(b"content-type", content_type.encode()), ', "[", "NIB-RES-002"),
    "JSON in Latin-1": Bug(ASGI, "json.dumps(facts).encode()", 'json.dumps(facts, ensure_ascii=False).encode("latin-1", "replace")', "NIB-RES-003 NIB-NUM-017"),
    "JSON with a byte order mark": Bug(ASGI, "json.dumps(facts).encode()", 'json.dumps(facts).encode("utf-8-sig")', "NIB-RES-003"),
    "JSON with single quotes": Bug(ASGI, "json.dumps(facts).encode()", "str(facts).encode()", "NIB-RES-003"),
    "JSON in a list": Bug(ASGI, "json.dumps(facts).encode()", "json.dumps([facts]).encode()", "NIB-RES-003"),
    "JSON in an envelope": Bug(ASGI, "json.dumps(facts).encode()", 'json.dumps({"response": facts}).encode()', "NIB-RES-005 NIB-RES-003"),
    "HTTP 400 for refusals": Bug(ASGI, '    if is_json:\n', '    if facts["status"] and is_json:\n        return 400, "application/json", json.dumps(facts).encode()\n    if is_json:\n', "NIB-RES-001"),
    "HTTP 201": Bug(ASGI, '200, "application/json"', '201, "application/json"', "NIB-RES-001"),
    "HTTP 201 in XML": Bug(ASGI, '200, "text/xml"', '201, "text/xml"', "NIB-RES-001"),
    "HTTP 201 for a POST": Bug(ASGI, '    if is_json:\n', '    if is_json and scope["method"] == "POST":\n        return 201, "application/json", json.dumps(facts).encode()\n    if is_json:\n', "NIB-RES-001"),
    "a key of its own": Bug(ASGI, '"status_message": "Success"', '"remaining_balance": "1.0", "status_message": "Success"', "NIB-RES-018"),
    "a key twice": Bug(ASGI, "json.dumps(facts).encode()", 'json.dumps(facts).encode()[:-1] + b", \\"request_id\\": \\"x\\"}"', "NIB-RES-019"),
    "Busy always": Bug(WSGI, "RATE = 5\n", "RATE = 0\n", "NIB-REQ-001 NIB-REL-010 NIB-REL-011 NIB-NUM-001 error:"),
    "one request more than permitted": Bug(WSGI, "len(moments) >= RATE", "len(moments) > RATE + 2", "none NIB-REL-010"),
    "never Busy": Bug(WSGI, "        throttle()\n", "", "NIB-REL-010"),
    "Busy for ever": Bug(WSGI, "        moments.pop(0)\n", "        break\n", "NIB-REL-011 error:"),
    "Busy before credentials": Bug(WSGI, '        authenticate(params, environ.get("HTTP_AUTHORIZATION", ""))\n        throttle()\n', '        throttle()\n        authenticate(params, environ.get("HTTP_AUTHORIZATION", ""))\n', "NIB-REL-014"),
    "the number before Busy": Bug(WSGI, '        throttle()\n', '        insight(params)\n        throttle()\n', "NIB-REL-014"),
    "another text for Busy": Bug(WSGI, "Busy (Throttled) Please re-try", "Too many requests", "NIB-ERR-007 NIB-ERR-006"),
    "the last country is remembered": Bug(ASGI, 'params.get("number"), params.get("country")', 'params.get("number"), params.get("country") or LAST.get("country")\n    LAST["country"] = country', "NIB-REL-009 NIB-NUM-001 NIB-NUM-008 NIB-NUM-013"),
    "refusals for ever after one": Bug(ASGI, "    if not number:\n", '    if LAST.setdefault("refused", number is None):\n        raise Refused(3, "Invalid request")\n    if not number:\n        LAST["refused"] = True\n', "NIB-REL-009"),
    "the first answer for a number": Bug(ASGI, "    return facts_of(international)", '    return LAST.setdefault(digits, facts_of(international))', "NIB-NUM-013 NIB-NUM-003"),
}  # fmt: skip

XML_BUGS = {
    "names are not escaped": Bug(ASGI, 'f"{name}={quoteattr(facts[name])}"', "f\"{name}='{facts[name]}'\"", "NIB-XML-001"),
    "another root": Bug(ASGI, '<format>{"".join(parts)}</format>', '<response>{"".join(parts)}</response>', "NIB-XML-003"),
    "a DTD": Bug(ASGI, '"UTF-8"?>\\n<format>', '"UTF-8"?>\\n<!DOCTYPE format>\\n<format>', "NIB-XML-001"),
    "no code": Bug(ASGI, _ERROR, "parts.append(f'<error>{escape(text)}</error>')", "NIB-XML-004"),
    "the code as an element": Bug(ASGI, _ERROR, """parts.append(f'<error><code>{facts["status"]}</code>{escape(text)}</error>')""", "NIB-XML-004"),
    "the status as an element": Bug(ASGI, _ERROR, """parts.append(f'<status>{facts["status"]}</status>')""", "NIB-XML-004"),
    "the code is called status": Bug(ASGI, "<error code=", "<error status=", "NIB-XML-004"),
    "two errors": Bug(ASGI, _ERROR, _ERROR.replace("parts.append(", "parts.extend(2 * [").replace("')", "'])"), "NIB-XML-004 NIB-RES-019"),
    "no text": Bug(ASGI, "{escape(text)}</error>", "</error>", "NIB-XML-005"),
    "no error in a success": Bug(ASGI, f"    {_ERROR}", f'    if facts["status"]:\n        {_ERROR}', "NIB-XML-004"),
    "labelled as JSON": Bug(ASGI, '200, "text/xml"', '200, "application/json"', "NIB-XML-002"),
    "labelled as HTML": Bug(ASGI, '200, "text/xml"', '200, "text/html"', "NIB-XML-002"),
    "labelled Latin-1": Bug(ASGI, '200, "text/xml"', '200, "text/xml; charset=iso-8859-1"', "NIB-XML-002"),
    "declared Latin-1": Bug(ASGI, 'encoding="UTF-8"?>', 'encoding="ISO-8859-1"?>', "NIB-NUM-017 NIB-XML-001 NIB-XML-002 NIB-REL-001"),
    "a space before the declaration": Bug(ASGI, "return f'<?xml", "return f' <?xml", "NIB-XML-001"),
    "the national number as an attribute": Bug(ASGI, """<local_number {attributes}>{escape(facts['national_format_number'])}</local_number>""", """<local_number {attributes} national={quoteattr(facts['national_format_number'])}/>""", "NIB-RES-011"),
    "iso3 has another name": Bug(ASGI, 'ATTRIBUTES = ("country_code", "country_code_iso3",', 'ATTRIBUTES = ("country_code",', "NIB-RES-013"),
    "a plus in XML only": Bug(ASGI, "<international_format_number>{number}", "<international_format_number>+{number}", "NIB-RES-010"),
    "national is international in XML only": Bug(ASGI, ">{escape(facts['national_format_number'])}<", ">{escape(facts['international_format_number'])}<", "NIB-NUM-019 NIB-NUM-020 NIB-REL-001"),
    "another text in XML": Bug(ASGI, '    text = facts["status_message"]', '    text = "success"', "NIB-REL-001"),
    "facts in a refusal": Bug(ASGI, """    if facts["status"] == 0:\n        number = facts["international_format_number"]""", """    if facts["status"]:\n        parts.append("<local_number country_code='GB'>01632 960960</local_number>")\n    if facts["status"] == 0:\n        number = facts["international_format_number"]""", "NIB-ERR-005"),
    "the status of refusals is 0": Bug(ASGI, """<error code="{facts["status"]}">""", """<error code="0">""", "NIB-AUT-002 NIB-AUT-003 NIB-AUT-004 NIB-REL-001 NIB-RES-017 NIB-RES-010"),
    "the quoted number is not escaped": Bug(WSGI, 'return ET.tostring(root, "UTF-8")', 'return ET.tostring(root, "UTF-8").replace(b"&lt;", b"<")', "NIB-XML-001"),
    "control characters in XML": Bug(WSGI, "printable(answer[\"status_message\"])", "answer[\"status_message\"]", "NIB-XML-001"),
    "not escaped in node": Bug(NODE, '.replace(/"/g, "&quot;")', '.replace(/ /g, "&nbsp;")', "NIB-XML-001"),
}  # fmt: skip

# For bugs that remember what was asked before.
_MEMORY = {ASGI: "\n\nLAST = {}\n"}

NASTY_BUGS = COUNTRY_BUGS | NUMBER_BUGS | CREDENTIAL_BUGS | REQUEST_BUGS | ANSWER_BUGS | XML_BUGS


def source_of(bug: Bug, right: str) -> str:
    """The source of *right* with the bug in it."""
    assert right.count(bug.old) >= 1, bug.old
    return right.replace(bug.old, bug.new, 1) + _MEMORY.get(bug.program, "")
