"""How templates are compiled and called here: Jinja with two short cuts, through the places that it leaves for that.

A study's page puts out nine hundred values and calls two hundred macros. Nine in ten values are texts that hold nothing to
escape; a mark that they are safe, which the joined text gets anyway, costs five times the look for that.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape


def escaped(value: object) -> str:
    """Return a value as text for HTML, without a mark that it is safe where it is a text that holds nothing to escape."""
    if type(value) is str:
        if not ("&" in value or "<" in value or ">" in value or "'" in value or '"' in value):
            return value
    elif type(value) is Markup:
        return value
    return escape(value)


class _Generator(CodeGenerator):
    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.escaped(")


class _Context(Context):
    def call(self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if type(__obj) is not Macro:
            return super().call(__obj, *args, **kwargs)
        # Of the things that a callable may ask to be given, a macro asks for one.
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(self.eval_ctx, *args, **kwargs)


class Engine(Environment):
    """The environment of templates; everything is escaped."""

    code_generator_class = _Generator
    context_class = _Context
    escaped = staticmethod(escaped)
