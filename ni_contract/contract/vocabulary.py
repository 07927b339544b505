"""The words of a request and an answer that several rooms need: media types, names of parameters, statuses, texts."""

from typing import Final

API_HOST: Final = "api.nexmo.com"
API_URL: Final = f"https://{API_HOST}"
API_PATH: Final = "/ni/basic"

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
JSON_TYPES: Final = (
    JSON,
    "application/jsonrequest",
    "application/x-javascript",
    "text/json",
    "text/javascript",
    "text/x-javascript",
    "text/x-json",
)
XML: Final = "text/xml"
# Two names of one format (RFC 7303, section 9.2).
XML_TYPES: Final = (XML, "application/xml")
XML_ROOTS: Final = ("format", "lookup")
# The media type of the answer by the format in the path.
ANSWER_TYPES: Final = {"json": JSON, "xml": XML}

CREDENTIAL_NAMES: Final = ("api_key", "api_secret", "sig")
KNOWN: Final = frozenset({"number", "country", "cnam", "timestamp", *CREDENTIAL_NAMES})

HTTP_OK: Final = 200
SUCCESS, BUSY, INVALID, BAD_CREDENTIALS, BAD_FORMAT, NO_CREDIT = 0, 1, 3, 4, 5, 9
STATUSES: Final = (SUCCESS, BUSY, INVALID, BAD_CREDENTIALS, BAD_FORMAT, NO_CREDIT)
# Every status that the reference page names ("Keys and Values, status"): also those of the larger products.
PAGE_STATUSES: Final = (*STATUSES, 19, 43, 44, 45, 999)
# The texts of these statuses in every recorded answer.
OBSERVED_TEXTS: Final = {BUSY: "Busy (Throttled) Please re-try", BAD_CREDENTIALS: "Invalid credentials"}
REQUEST_ID: Final = "[0-9A-Za-z-]{1,40}"


def most_served(rate: int, seconds: float) -> int:
    """The maximum number of requests that a limit of *rate* a second lets pass within *seconds*.

    Limits that count by the second of the clock let pass *rate* in each that the time touches.
    """
    return rate * (int(seconds) + 2)
