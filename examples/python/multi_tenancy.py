"""A service of several tenants whose spans say whose rows were read for whom."""

from opentelemetry import trace
from opentelemetry.trace import SpanKind

tracer = trace.get_tracer(__name__)


def query(table, tenant):
    # Called by the one function that sends statements, with what it bound, so that no caller can forget it.
    with tracer.start_as_current_span("database.query", kind=SpanKind.CLIENT) as span:
        span.set_attribute("table", table)
        span.set_attribute("tenant_filter", tenant is not None)
        if tenant is not None:
            span.set_attribute("tenant_id", tenant)


def load_context(tenant):
    with tracer.start_as_current_span("tenant.context_loaded") as span:
        span.set_attribute("tenant_id", tenant)


def administer(tenant):
    with tracer.start_as_current_span("admin.action") as span:
        span.set_attribute("tenant_id", tenant)


def request(tenant, work):
    # The tenant of the session, never one named in the URL.
    with tracer.start_as_current_span("api.request", kind=SpanKind.SERVER) as span:
        span.set_attribute("tenant_id", tenant)
        load_context(tenant)
        work()


def main():
    request("acme", lambda: query("customer_data", "acme"))
    request("globex", lambda: query("orders", "globex"))
    request("acme", lambda: administer("acme"))
