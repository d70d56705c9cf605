"""A bank's back office whose spans are evidence."""

from opentelemetry import trace
from opentelemetry.trace import SpanKind

tracer = trace.get_tracer(__name__)


def step(name, **attributes):
    """A span without anything inside; `user__id` is the attribute `user.id`."""
    with tracer.start_as_current_span(name) as span:
        for key, value in attributes.items():
            span.set_attribute(key.replace("__", "."), value)


def request(route):
    return tracer.start_as_current_span(route, kind=SpanKind.SERVER)


def show_customer(user, customer):
    # One text for the resource in all three spans: that is what joins them.
    resource = f"customer.{customer}"
    with request("GET /customers/{id}"):
        step("auth.check", user__id=user, resource=resource, granted=True)
        step("pii.access", user__id=user, resource=resource)
        step("audit.log", action="pii.access", user__id=user, resource=resource)


def change_limits(user, approval, approver):
    with request("POST /admin/limits"):
        step("approval.record", approval__id=approval, approver__id=approver, decision="approved")
        step("admin.action", user__id=user, approval__id=approval)


def transfer(user, account):
    resource = f"account.{account}"
    with request("POST /transfers"):
        step("auth.check", user__id=user, resource=resource, granted=True)
        step("transaction.execute", user__id=user, resource=resource)


def export(export_id):
    with request("POST /exports"):
        step("encryption.applied", export__id=export_id)
        step("data.export", export__id=export_id)


def deactivate(user, account):
    with request("POST /accounts/{id}/deactivate"):
        step("account.deactivate", account__id=account)
        step("audit.log", action="account.deactivate", user__id=user, account__id=account)


def deactivate_many(user, accounts):
    # One statement for all accounts, one log for each.
    with request("POST /accounts/deactivate"):
        step("admin.bulk_deactivate", accounts=len(accounts))
        for account in accounts:
            step("audit.log", action="account.deactivate", user__id=user, account__id=account)


def main():
    show_customer("u1", 42)
    change_limits("u1", "ap-1", "u2")
    transfer("u1", 7)
    export("export-1")
    deactivate("u1", "a1")
    deactivate_many("u1", ["a2", "a3"])
