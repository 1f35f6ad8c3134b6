"""Values as printed: numbers, P values and their operators, which parse, print back and compare only when comparable.

A source prints `36+`, `<0.01`, `NS`, `>= 70` or `36.0`; each says more than its float. `Quantity` keeps the print and
offers the number. Nothing here needs pydantic until a model is built.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

Printed = int | float | str

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_QUANTITY = re.compile(rf"(?P<operator><=|>=|<|>|~)?\s*(?P<number>{_NUMBER})(?P<censored>\+)?")
_LARGEST = sys.float_info.max
_DECIMALS = re.compile(r"\.(\d*)")


class Quantity:
    """A number as printed, with its operator or censoring mark.

    Forms: `36`, `36.0`, `"36+"` (censored), `"<0.01"`, `">= 70"`, `"~5"`, `"36.50"` (text keeps the last zero).

    Attributes:
        printed: The scalar as the record holds it; this is what is written back.
        value: The number.
        operator: `<`, `<=`, `>`, `>=`, `~` or an empty string. `36+` counts as `>=` with `censored` set.
        censored: Whether the value was still running when it was read, printed with `+`.
    """

    __slots__ = ("censored", "operator", "printed", "value")
    _bounds: ClassVar[dict[str, int]] = {}

    printed: Printed
    value: float
    operator: str
    censored: bool

    def __init__(self, printed: Printed) -> None:
        """Parse a printed scalar.

        Raises:
            ValueError: If it is not a number with an optional operator or `+`.
        """
        operator, value, censored = self._parse(printed)
        _PRINTED(self, printed)
        _OPERATOR(self, operator)
        _VALUE(self, value)
        _CENSORED(self, censored)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    @classmethod
    def _parse(cls, printed: Printed) -> tuple[str, float, bool]:
        if isinstance(printed, bool):
            raise ValueError("a number was expected, not true or false")
        if not isinstance(printed, str):
            if not -_LARGEST <= printed <= _LARGEST:  # neither infinite, nor no number, nor an int that no float holds
                raise ValueError("a finite number was expected")
            return "", float(printed), False
        found = _QUANTITY.fullmatch(printed.strip())
        if found is None:
            raise ValueError(f'"{printed}" is not a number such as 36, "36+", "<0.01" or ">= 70"')
        censored = found["censored"] is not None
        return found["operator"] or (">=" if censored else ""), float(found["number"]), censored

    @property
    def exact(self) -> bool:
        """Whether the print gives one number, neither a bound nor an approximation."""
        return not self.operator

    @property
    def decimals(self) -> int:
        """Decimal places printed; 0 for an integer or an exponent form."""
        text = repr(self.printed) if isinstance(self.printed, float) else str(self.printed)
        found = _DECIMALS.search(text)
        return 0 if found is None or "e" in text.lower() else len(found[1])

    @property
    def half_unit(self) -> float:
        """Half a unit of the last printed place: the widest gap that rounding explains."""
        return 0.5 * 10.0**-self.decimals

    def compare(self, other: Quantity) -> int | None:
        """Return -1, 0 or 1, or None where the prints do not decide it.

        `36+` against `12` is 1, `36+` against `48` is None: the true value may lie either side.
        """
        if self.exact and other.exact:
            return (self.value > other.value) - (self.value < other.value)
        if self._surely_below(other):
            return -1
        return 1 if other._surely_below(self) else None

    def _surely_below(self, other: Quantity) -> bool:
        """Whether every number this print allows lies below every number that the other allows."""
        bounded_above = self.exact or self.operator.startswith("<")
        bounded_below = other.exact or other.operator.startswith(">")
        if not bounded_above or not bounded_below:
            return False
        touching = self.value == other.value and (self.operator == "<" or other.operator == ">")
        return self.value < other.value or touching

    def __str__(self) -> str:
        return str(self.printed)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.printed!r})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Quantity) and str(self.printed) == str(other.printed)

    def __hash__(self) -> int:
        return hash((type(self), str(self.printed)))

    def __reduce__(self) -> tuple[type[Self], tuple[Printed]]:
        return type(self), (self.printed,)

    @classmethod
    def _validate(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, (int, float, str)):
            return cls(value)
        raise ValueError('a number, or a text such as "36+" or "<0.01", was expected')

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate from the printed scalar and serialise back to it."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda quantity: quantity.printed),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the accepted scalars."""
        return {
            "anyOf": [{"type": "number", **cls._bounds}, {"type": "string", "pattern": f"^{cls._pattern()}$"}],
            "description": (cls.__doc__ or "").split("\n\n", 1)[0],
        }

    @classmethod
    def _pattern(cls) -> str:
        return rf"\s*(<=|>=|<|>|~)?\s*{_NUMBER}\+?\s*"


_PRINTED, _OPERATOR, _VALUE, _CENSORED = (Quantity.__dict__[name].__set__ for name in ("printed", "operator", "value", "censored"))
"""Writers of the four slots: a record holds dozens of quantities, and these are the short way round `__setattr__`."""


class PValue(Quantity):
    """A P value with its operator: `0.048`, `"<0.01"`, `"NS"` (called not significant, no number)."""

    __slots__ = ()
    _bounds: ClassVar[dict[str, int]] = {"minimum": 0, "maximum": 1}

    @classmethod
    def _parse(cls, printed: Printed) -> tuple[str, float, bool]:
        if isinstance(printed, str) and printed.strip().upper() == "NS":
            return "NS", 1.0, False
        operator, value, censored = super()._parse(printed)
        if censored or not 0 <= value <= 1:
            raise ValueError(f'{printed} is not a P value between 0 and 1, such as 0.048, "<0.01" or "NS"')
        return operator, value, False

    @property
    def significant(self) -> bool | None:
        """Whether P lies below 0.05 for certain, or None where `<0.1`, `>0.01` and the like do not say."""
        if self.operator == "NS":
            return False
        if self.operator in ("<", "<="):
            return True if self.value <= 0.05 else None
        if self.operator in (">", ">="):
            return False if self.value >= 0.05 else None
        return self.value < 0.05

    def compare(self, other: Quantity) -> int | None:
        """Compare as numbers; `NS` compares with nothing."""
        if self.operator == "NS" or other.operator == "NS":
            return None
        return super().compare(other)

    @classmethod
    def _pattern(cls) -> str:
        return r"\s*([Nn][Ss]|(<=|>=|<|>|~)?\s*(0?\.\d+([eE]-?\d+)?|\d+(\.\d+)?[eE]-\d+|[01](\.0*)?))\s*"
