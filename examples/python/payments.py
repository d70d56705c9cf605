"""A payment service whose spans say what the payment rules ask."""

from opentelemetry import trace
from opentelemetry.trace import SpanKind

tracer = trace.get_tracer(__name__)


class CardDeclined(Exception):
    pass


def reserve(cart):
    with tracer.start_as_current_span("inventory.reserve") as span:
        span.set_attribute("cart.id", cart["id"])
        span.set_attribute("item.count", len(cart["items"]))


def check_fraud(cart):
    with tracer.start_as_current_span("payment.fraud_check") as span:
        span.set_attribute("cart.id", cart["id"])
        span.set_attribute("amount", cart["total"])


def charge(cart, intent, attempt=1, declined=False):
    # The cart on the charge is what ties it to the reservation. An exception that leaves the block fails the span.
    with tracer.start_as_current_span("payment.charge", kind=SpanKind.CLIENT) as span:
        span.set_attribute("cart.id", cart["id"])
        span.set_attribute("amount", cart["total"])
        span.set_attribute("payment_intent_id", intent)
        span.set_attribute("attempt", attempt)
        if declined:
            raise CardDeclined("card declined")


def checkout(cart, intent):
    # The span of the request is the active parent of all that happens in it: one request, one trace.
    with tracer.start_as_current_span("POST /checkout", kind=SpanKind.SERVER):
        reserve(cart)
        check_fraud(cart)
        try:
            charge(cart, intent, attempt=1, declined=cart.get("declined_once", False))
        except CardDeclined:
            charge(cart, intent, attempt=2)  # the same payment, so the same intent


def refund(payment, amount):
    with tracer.start_as_current_span("POST /refunds", kind=SpanKind.SERVER):
        with tracer.start_as_current_span("payment.lookup") as span:
            span.set_attribute("payment_intent_id", payment["intent"])
            span.set_attribute("amount", payment["amount"])
        with tracer.start_as_current_span("payment.refund", kind=SpanKind.CLIENT) as span:
            span.set_attribute("payment_intent_id", payment["intent"])
            span.set_attribute("amount", amount)


def main():
    checkout({"id": "cart-1", "items": ["mug"], "total": 59.99}, "pi-1")
    checkout({"id": "cart-2", "items": ["bicycle"], "total": 1400, "declined_once": True}, "pi-2")
    refund({"intent": "pi-1", "amount": 59.99}, 20)
