"""A hospital's record service whose spans show who read what, and that it was encrypted."""

from opentelemetry import trace
from opentelemetry.trace import SpanKind

tracer = trace.get_tracer(__name__)


def authenticate(user):
    # Verifies the session of each request; the user is the one whom the session belongs to.
    with tracer.start_as_current_span("auth.user_authenticated") as span:
        span.set_attribute("user.id", user)


def read_record(user, patient):
    with tracer.start_as_current_span("phi.access") as span:
        span.set_attribute("user.id", user)
        span.set_attribute("patient.id", patient)


def log(user, patient):
    with tracer.start_as_current_span("audit.log") as span:
        span.set_attribute("action", "phi_access")
        span.set_attribute("user.id", user)
        span.set_attribute("patient.id", patient)


def show_record(user, patient):
    with tracer.start_as_current_span("GET /patients/{id}", kind=SpanKind.SERVER):
        authenticate(user)
        read_record(user, patient)
        log(user, patient)


def refer(server):
    with tracer.start_as_current_span("POST /referrals", kind=SpanKind.SERVER):
        # With a pool, where the connection is taken from it: the socket knows its protocol.
        with tracer.start_as_current_span("encryption.tls") as span:
            span.set_attribute("server.address", server)
            span.set_attribute("tls.protocol.version", "1.3")
        with tracer.start_as_current_span("phi.transmit", kind=SpanKind.CLIENT) as span:
            span.set_attribute("server.address", server)


def save(record):
    with tracer.start_as_current_span("PUT /patients/{id}", kind=SpanKind.SERVER):
        with tracer.start_as_current_span("database.write", kind=SpanKind.CLIENT) as span:
            span.set_attribute("data_type", "phi")
            span.set_attribute("record.id", record)
            with tracer.start_as_current_span("encryption.at_rest") as inner:
                inner.set_attribute("record.id", record)


def main():
    show_record("dr-1", "patient-1")
    show_record("dr-2", "patient-2")
    refer("lab.example")
    save("record-1")
