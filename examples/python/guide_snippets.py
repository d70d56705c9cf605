"""Runs functions that are given as text, as a reader of a guide would who pastes them into a program.

`python guide_snippets.py URL < snippets.json`. The input is a list of `{"code", "call", "in_request"}`: the code is executed, then
the call is evaluated in it, inside a server span where `in_request` is true. Names that the code does not define stand for the
rest of the program: they can be called with anything.
"""

import builtins
import json
import sys
from types import SimpleNamespace
from unittest.mock import MagicMock

from opentelemetry import trace
from opentelemetry.trace import SpanKind
from telemetry import start_telemetry


class Program(dict):
    """Globals of a snippet: what is neither defined in it nor built in is a stand-in."""

    def __missing__(self, name):
        if hasattr(builtins, name):
            return getattr(builtins, name)
        return MagicMock(name=name)


def program():
    cart = SimpleNamespace(id="cart-1", items=["mug", "tea"], total=1400)
    llm = SimpleNamespace(generate=lambda prompt, context: f"an answer to {prompt}")
    return Program(
        __name__="snippet",
        tracer=trace.get_tracer("snippet"),
        cart=cart,
        llm=llm,
        generate_intent_id=lambda: "pi-1",
        get_or_create_intent_id=lambda cart_id: f"pi-{cart_id}",
        retrieve_context=lambda prompt: SimpleNamespace(sources=["a.md", "b.md"]),
        compliance_annotation=lambda **controls: lambda function: function,
    )


def main():
    provider = start_telemetry("snippet", sys.argv[1])
    for snippet in json.load(sys.stdin):
        names = program()
        exec(snippet["code"], names)
        if snippet["in_request"]:
            with trace.get_tracer("server").start_as_current_span("request", kind=SpanKind.SERVER):
                eval(snippet["call"], names)
        else:
            eval(snippet["call"], names)
    provider.shutdown()


main()
