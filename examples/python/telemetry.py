"""The OpenTelemetry SDK of one service, exporting over OTLP/HTTP.

Python's SDK takes both ends of a span from a clock with nanoseconds, so spans that ran one after the other stay in order.
`start_as_current_span` makes a span the parent of what is called inside it; `start_span` does not.
"""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def start_telemetry(service: str, url: str) -> TracerProvider:
    """Makes `trace.get_tracer` give tracers that export to `url` (with its path). Call `shutdown()` of the result at the end."""
    resource = Resource.create({"service.name": service, "deployment.environment.name": "production"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    trace.set_tracer_provider(provider)
    return provider
