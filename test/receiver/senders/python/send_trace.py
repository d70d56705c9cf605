"""Sends one trace of three spans with the SDK for Python: send_trace.py grpc|http HOST:PORT."""

import sys

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, endpoint = sys.argv[1:3]
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from grpc import Compression

    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=True, compression=Compression.Gzip)
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=f"http://{endpoint}/v1/traces", compression=Compression.Deflate)

provider = TracerProvider(resource=Resource.create({"service.name": "shop-python"}))
provider.add_span_processor(BatchSpanProcessor(exporter))
tracer = provider.get_tracer("checkout-library")
with tracer.start_as_current_span("POST /checkout"):
    with tracer.start_as_current_span("inventory.reserve") as reserve:
        reserve.set_attributes({"amount": 1250, "cart.id": "c-1 ✓"})
    with tracer.start_as_current_span("payment.charge"):
        pass
provider.shutdown()
