"""Numbering plans: libphonenumber's metadata compiled once a region, for texts of ASCII digits alone.

The rules are those of `parse`, `is_possible_number_with_reason`, `region_code_for_number` and `format_number` in
`phonenumbers`, and `tests/test_numbering_plans.py` holds them against that library.
"""

import re
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, ValidationResult

# The regions that share a calling code; the main one comes first.
REGIONS: Final[dict[int, tuple[str, ...]]] = COUNTRY_CODE_TO_REGION_CODE
MIN_NATIONAL_DIGITS, MAX_NATIONAL_DIGITS, MAX_CALLING_CODE_DIGITS = 2, 17, 3
_FIRST_GROUP: Final = re.compile(r"(\\\d)")
_GROUP: Final = re.compile(r"\\(\d)")
_TYPES: Final = (
    *("premium_rate", "toll_free", "shared_cost", "voip", "personal_number"),
    *("pager", "uan", "voicemail", "fixed_line", "mobile"),
)
# Texts of one of these lengths without the national prefix keep the prefix.
_UNFIT: Final = frozenset(
    (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY, ValidationResult.INVALID_LENGTH)
)


class PlanNumber(NamedTuple):
    """A parsed number: its calling code and its national significant number with leading zeros."""

    calling_code: int
    national: str


# Of one number several questions are asked, one after the other.
@lru_cache(maxsize=16)
def parse_international(digits: str) -> PlanNumber | None:
    """The number that "+" and *digits* are; None where no calling code matches or no plan has that length."""
    if len(digits) <= MIN_NATIONAL_DIGITS or digits.startswith("0"):
        return None
    for length in range(1, MAX_CALLING_CODE_DIGITS + 1):
        code = int(digits[:length])
        if code in REGIONS:
            return _main_plan(code).number(digits[length:])
    return None


def parse_in_region(digits: str, region: str) -> PlanNumber | None:
    """The number that *digits* are when dialled in *region* (alpha-2); None where they are none."""
    plan = _plan(region)
    if (abroad := plan.without_international_prefix(digits)) is not None:
        return parse_international(abroad)
    if (national := plan.without_calling_code(digits)) is not None:
        return _main_plan(plan.calling_code).number(national)
    return plan.number(digits)


def possibility(number: PlanNumber) -> int:
    """Whether the plan has numbers of this length: one of `phonenumbers.ValidationResult`."""
    return _main_plan(number.calling_code).possibility(number.national)


def region_of(number: PlanNumber) -> str | None:
    """The region of *number*; None where several share its calling code and none of their plans matches."""
    regions = REGIONS[number.calling_code]
    if len(regions) == 1:
        return regions[0]
    return next((region for region in regions if _plan(region).claims(number.national)), None)


def is_valid_in(number: PlanNumber, region: str) -> bool:
    """Whether *region* (alpha-2) assigns *number*."""
    plan = _plan(region)
    return plan.calling_code == number.calling_code and plan.is_valid(number.national)


def national_format(number: PlanNumber) -> str:
    """*number* in libphonenumber's NATIONAL layout."""
    return _main_plan(number.calling_code).layout(number.national)


def is_written_nationally_only(number: PlanNumber) -> bool:
    """Whether the layout of *number* is one for calls within the country, which libphonenumber-js does not have."""
    return _main_plan(number.calling_code).is_written_nationally_only(number.national)


@cache
def _main_plan(calling_code: int) -> "_Plan":
    return _Plan(PhoneMetadata.metadata_for_region_or_calling_code(calling_code, REGIONS[calling_code][0]))


@cache
def _plan(region: str) -> "_Plan":
    return _Plan(PhoneMetadata.metadata_for_region(region))


class _Plan:
    """The numbering plan of one region: patterns, possible lengths and layouts."""

    def __init__(self, metadata: Any) -> None:
        self._metadata, general = metadata, metadata.general_desc
        self.calling_code: int = metadata.country_code
        self._possible, self._local = general.possible_length, general.possible_length_local_only
        self._valid: dict[int, re.Pattern[str]] = {}
        self._general = _pattern(general.national_number_pattern)
        self._international_prefix = _pattern(metadata.international_prefix)
        self._national_prefix = _pattern(metadata.national_prefix_for_parsing)
        self._leading = metadata.leading_digits and re.compile(metadata.leading_digits)
        self._layouts = [_layout(each) for each in metadata.number_format]
        abroad = [_layout(each)[:2] for each in metadata.intl_number_format]
        self._national_only = [bool(abroad) and layout[:2] not in abroad for layout in self._layouts]

    def number(self, digits: str) -> PlanNumber | None:
        """The number that *digits* are behind the calling code."""
        stripped = self._without_national_prefix(digits)
        national = digits if self.possibility(stripped) in _UNFIT else stripped
        fits = len(digits) >= MIN_NATIONAL_DIGITS and MIN_NATIONAL_DIGITS <= len(national) <= MAX_NATIONAL_DIGITS
        if fits:
            return PlanNumber(self.calling_code, national)
        return None

    def without_international_prefix(self, digits: str) -> str | None:
        """*digits* behind the prefix for calls abroad; None where it is missing. No calling code begins with 0."""
        match = self._international_prefix.match(digits)
        if match is None or digits.startswith("0", match.end()):
            return None
        return digits[match.end() :]

    def without_calling_code(self, digits: str) -> str | None:
        """*digits* without the region's calling code, where they match the plan only without it, or are too long."""
        code = str(self.calling_code)
        if not digits.startswith(code):
            return None
        rest = self._without_national_prefix(digits[len(code) :])
        gains_match = not self._general.fullmatch(digits) and self._general.fullmatch(rest)
        if gains_match or self.possibility(digits) == ValidationResult.TOO_LONG:
            return rest
        return None

    def _without_national_prefix(self, digits: str) -> str:
        """*digits* without the national prefix, unless they match the plan only with it."""
        match = self._national_prefix.match(digits)
        if match is None or not digits:
            return digits
        stripped, rule = digits[match.end() :], self._metadata.national_prefix_transform_rule
        if rule and match.groups()[-1] is not None:
            stripped = match.expand(rule) + stripped
        loses_match = self._general.fullmatch(digits) and not self._general.fullmatch(stripped)
        if loses_match:
            return digits
        return stripped

    def possibility(self, national: str) -> int:
        """The result for the length of *national*: one of `phonenumbers.ValidationResult`."""
        length = len(national)
        if length in self._local:
            return ValidationResult.IS_POSSIBLE_LOCAL_ONLY
        if length in self._possible:
            return ValidationResult.IS_POSSIBLE
        if length < self._possible[0]:
            return ValidationResult.TOO_SHORT
        if length > self._possible[-1]:
            return ValidationResult.TOO_LONG
        return ValidationResult.INVALID_LENGTH

    def claims(self, national: str) -> bool:
        """Whether *national* belongs to this region among those that share the calling code."""
        if self._leading:
            return bool(self._leading.match(national))
        return self.is_valid(national)

    def is_valid(self, national: str) -> bool:
        """Whether *national* matches the plan and one of its types of number."""
        length = len(national)
        if length not in self._possible:
            return False
        # Compiled when it is needed: of most regions only one or two lengths are ever asked.
        if length not in self._valid:
            self._valid[length] = _pattern(_any_type(self._metadata, length))
        return self._valid[length].fullmatch(national) is not None

    def layout(self, national: str) -> str:
        """*national* as it is written in the region."""
        fitting = self._fitting(national)
        if fitting is None:
            return national
        index, match = fitting
        return self._layouts[index][2].format(*match.groups(""))

    def is_written_nationally_only(self, national: str) -> bool:
        """Whether the layout of *national* is none of those for calls from abroad."""
        if True not in self._national_only:
            return False
        fitting = self._fitting(national)
        return fitting is not None and self._national_only[fitting[0]]

    def _fitting(self, national: str) -> tuple[int, re.Match[str]] | None:
        """The index of the first layout that fits *national*, with its match."""
        for index, (leading, pattern, _) in enumerate(self._layouts):
            if leading.match(national) and (match := pattern.fullmatch(national)):
                return index, match
        return None


def _pattern(text: str | None) -> re.Pattern[str]:
    return re.compile(text or "(?!)")


def _any_type(metadata: Any, length: int) -> str:
    types = [each for name in _TYPES if (each := getattr(metadata, name)) and each.national_number_pattern]
    fitting = [each for each in types if not each.possible_length or length in each.possible_length]
    choices = "|".join(f"(?:{each.national_number_pattern})" for each in fitting) or "(?!)"
    return f"(?=(?:{metadata.general_desc.national_number_pattern})$)(?:{choices})"


def _layout(each: Any) -> tuple[re.Pattern[str], re.Pattern[str], str]:
    leading = each.leading_digits_pattern[-1] if each.leading_digits_pattern else ""
    prefixed = each.national_prefix_formatting_rule
    rule = _FIRST_GROUP.sub(prefixed, each.format, count=1) if prefixed else each.format
    return re.compile(leading), re.compile(each.pattern), _GROUP.sub(_field, rule)


def _field(group: re.Match[str]) -> str:
    r"""The field of `str.format` for a group: "{0}" for `\1`."""
    return f"{{{int(group[1]) - 1}}}"
