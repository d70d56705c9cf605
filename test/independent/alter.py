"""Alters a day of traces of the shop, by a seed, so that rules about it have hard cases to judge.

    python3 alter.py IN.otlp.jsonl.gz OUT.jsonl.gz [SEED]

Writes OTLP JSON lines. Beside what is asked for (parents dropped in 100 traces, 50 pairs of spans out of order, 30 second
charges in traces of their own, attributes of mixed types) it puts in what the language has a sentence about: remote callers,
sampling, spans at the exact limit of a duration, halves of a call that share an id, cycles and very long chains of parents,
spans that come far too late, and two spans of one identity. A span that the day holds twice is altered alike both times.
Prints a JSON object that says how often each was done.
"""

import gzip
import json
import random
import sys
from collections import Counter

SHOP = "hipstershop."
CHECKOUT = SHOP + "CheckoutService/"
CHARGE = CHECKOUT + "ChargeCard"
SHIP = CHECKOUT + "ShipOrder"
EMPTY = CHECKOUT + "EmptyUserCart"
CONFIRM = CHECKOUT + "SendOrderConfirmation"
REFUND = CHECKOUT + "RefundCard"
PLACE = CHECKOUT + "PlaceOrder"
RECEIVE = SHOP + "Frontend/Recv."
CALL = SHOP + "PaymentService/Charge"
CALLED = "grpc.hipstershop.PaymentService/Charge"
READ = SHOP + "ProductCatalogService/ReadCatalog"
GET = SHOP + "ProductCatalogService/GetProduct"

SERVER, CLIENT, CONSUMER = 2, 3, 5
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
MISSING = object()


def main():
    source, target = sys.argv[1], sys.argv[2]
    day = Day(source)
    plan = Plan(day, random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 20220822))
    plan.make()
    write(source, target, plan)
    print(json.dumps(dict(sorted(plan.done.items()))))


def value(content):
    """A value of OTLP JSON. Integers are text there; a few are sent as JSON numbers, as some exporters do."""
    if isinstance(content, bool):
        return {"boolValue": content}
    if isinstance(content, int):
        return {"intValue": content if content % 5 == 0 and abs(content) < 2**53 else str(content)}
    if isinstance(content, float):
        return {"doubleValue": content}
    if isinstance(content, list):
        return {"arrayValue": {"values": [value(item) for item in content]}}
    if isinstance(content, Special):
        return {"doubleValue": content.name}
    return {"stringValue": content}


class Special:
    """A double that JSON cannot write: NaN, Infinity."""

    def __init__(self, name):
        self.name = name


class Span:
    __slots__ = ("trace", "id", "parent", "name", "start", "end", "service", "line")

    def __init__(self, raw, service, line):
        self.trace = raw["traceId"]
        self.id = raw["spanId"]
        self.parent = raw.get("parentSpanId", "")
        self.name = raw["name"]
        self.start = int(raw["startTimeUnixNano"])
        self.end = int(raw["endTimeUnixNano"])
        self.service = service
        self.line = line


class Day:
    """All distinct spans by trace, in the order of the file."""

    def __init__(self, path):
        self.traces = {}
        self.line_starts = []
        seen = set()
        for number, request in enumerate(requests(path)):
            earliest = None
            for resource, raw in spans_of(request):
                start = int(raw["startTimeUnixNano"])
                earliest = start if earliest is None else min(earliest, start)
                identity = (raw["traceId"], raw["spanId"])
                if identity in seen:
                    continue
                seen.add(identity)
                self.traces.setdefault(raw["traceId"], []).append(Span(raw, service_of(resource), number))
            self.line_starts.append(earliest or 0)


def requests(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def spans_of(request):
    for part in request["resourceSpans"]:
        for scope in part["scopeSpans"]:
            for raw in scope["spans"]:
                yield part["resource"], raw


def service_of(resource):
    for attribute in resource["attributes"]:
        if attribute["key"] == "service.name":
            return attribute["value"]["stringValue"]
    return ""


class Plan:
    def __init__(self, day, rng):
        self.day = day
        self.rng = rng
        self.done = Counter()
        self.dropped = set()  # (trace, span id)
        self.fields = {}  # (trace, span id) -> keys of the span that are set
        self.attributes = {}  # (trace, span id) -> attributes
        self.at_end = set()  # (trace, span id): written behind everything else
        self.before_line = {}  # number of a line -> requests in front of it; -1 is the very first
        self.last = []  # requests behind the last line
        self.ids = 0

    def make(self):
        orders = [t for t, spans in self.day.traces.items() if any(s.name == PLACE for s in spans)]
        others = [t for t in self.day.traces if t not in set(orders)]
        self.rng.shuffle(orders)
        self.rng.shuffle(others)
        self.order_ids = {}
        for number, trace in enumerate(orders):
            self.describe_order(number, trace)
        for trace in others[:3000]:
            self.describe_products(trace)
        take = Deck([t for t in orders if self.span(t, SHIP)])
        take_other = Deck([t for t in others if self.is_deep(t)])
        self.drop_parents(take, take_other)
        self.reverse_pairs(take, take_other)
        self.touch_limits(take, take_other)
        self.ship_twice(take)
        self.overlap_steps(take)
        self.sample(take, take_other)
        self.share_ids(take)
        self.delay(take)
        self.repeat_identity(take)
        self.close_cycles(take)
        self.charge_again(orders)
        self.refund(take)
        self.draw_chains()

    def span(self, trace, name, service="checkoutservice"):
        for span in self.day.traces[trace]:
            if span.name == name and span.service == service:
                return span
        return None

    def is_deep(self, trace):
        """Whether a span below the root has children."""
        parents = {s.parent for s in self.day.traces[trace]}
        return any(s.parent and s.id in parents for s in self.day.traces[trace])

    def set(self, span, **fields):
        self.fields.setdefault((span.trace, span.id), {}).update(fields)

    def give(self, span, **attributes):
        given = self.attributes.setdefault((span.trace, span.id), {})
        for key, content in attributes.items():
            if content is not MISSING:
                given[key.replace("__", ".")] = content

    # Attributes of mixed types

    def describe_order(self, number, trace):
        rng = self.rng
        charge, ship = self.span(trace, CHARGE), self.span(trace, SHIP)
        empty = self.span(trace, EMPTY)
        places = [s for s in self.day.traces[trace] if s.name == PLACE]
        on_charge, on_ship = self.order_id(number)
        self.order_ids[trace] = on_charge
        tenant = rng.choice(["acme", "globex", "initech", 7])
        self.give(charge, order__id=on_charge, tenant_id=tenant, amount=self.amount(), currency=self.currency())
        self.give(charge, labels=self.labels(), verified=rng.choice([True, False, False, "true", MISSING]))
        if ship:
            cost = rng.choice([4.99, 0.1, 0.30000000000000004, 5, 7.5, 12, 12.000000001])
            if rng.random() < 0.03:
                cost = rng.choice(["4.99", MISSING, Special("NaN"), Special("Infinity"), True])
            self.give(ship, order__id=on_ship, cost=cost, tenant_id=self.other_tenant(tenant))
        if empty:
            self.give(empty, order__id=on_ship, tenant_id=self.other_tenant(tenant))
        of_place = tenant
        if rng.random() < 0.04:
            of_place = rng.choice([MISSING, "acme-internal", Special("NaN")])
            self.done["orders of an odd tenant"] += 1
        for place in places:
            # The client's half alone may be the internal tenant's: then the server's half still triggers.
            self.give(place, tenant_id=of_place if rng.random() < 0.9 else tenant)
        if rng.random() < 0.05:
            self.set(self.span(trace, CALLED, "paymentservice"), status={"code": 2, "message": "declined"})
            self.done["calls declined"] += 1
        if rng.random() < 0.03:
            self.set(charge, status={"code": 2})
            self.done["charges failed"] += 1
        if rng.random() < 0.5:
            self.set(places[-1] if places[-1].service == "checkoutservice" else places[0], kind=SERVER)
            self.done["orders of kind server"] += 1

    def order_id(self, number):
        """On the charge and on the shipment."""
        luck = self.rng.random()
        digits = 9_000_000 + number
        if luck < 0.60:
            return f"o-{number}", f"o-{number}"
        if luck < 0.80:
            return digits, digits
        self.done["odd order ids"] += 1
        if luck < 0.84:
            return digits, str(digits)
        if luck < 0.88:
            return str(digits), digits
        if luck < 0.91:
            return MISSING, f"o-{number}"
        if luck < 0.94:
            return f"o-{number}", MISSING
        if luck < 0.95:
            return MISSING, MISSING
        if luck < 0.96:
            return Special("NaN"), f"o-{number}"
        if luck < 0.97:
            return [f"o-{number}"], f"o-{number}"
        if luck < 0.98:
            return "", ""
        if luck < 0.99:
            return True, "true"
        return 2**53 + 1, 2**53

    def amount(self):
        rng = self.rng
        if rng.random() < 0.7:
            return rng.choice([59.99, 20, 20.5, 100, 8.2, 3.3000000000000003, 0.3, 7, 12])
        self.done["odd amounts"] += 1
        return rng.choice(
            [
                "1500",
                "12.50",
                "twelve",
                "",
                True,
                0,
                -5,
                2**53,
                2**53 + 1,
                2**53 + 2,
                9007199254740994.0,
                Special("NaN"),
                Special("Infinity"),
                Special("-Infinity"),
                [10, 20],
                MISSING,
            ]
        )

    def currency(self):
        return self.rng.choice(["EUR", "USD", "USD", "credit", "voucher", 978, MISSING])

    def labels(self):
        return self.rng.choice(
            [MISSING, MISSING, ["new"], ["new", "blocked"], ["unblocked"], "blocked", "was blocked once", [], 5]
        )

    def other_tenant(self, tenant):
        luck = self.rng.random()
        if luck < 0.94:
            return tenant
        self.done["steps of another tenant"] += 1
        if luck < 0.96:
            return "umbrella"
        return MISSING if luck < 0.98 else str(tenant)

    def describe_products(self, trace):
        rng = self.rng
        common = rng.choice(["P1", 1, True])
        for span in self.day.traces[trace]:
            if span.name != GET:
                continue
            product = rng.choice([common, common, common, 1, 1.0, "1", "P2", MISSING])
            self.give(span, product__id=product, cached=rng.choice([MISSING, MISSING, False, True, "true"]))
        self.done["traces with products"] += 1

    # Order

    def drop_parents(self, take, take_other):
        """100 traces: a span with children is not there."""
        for number in range(100):
            trace = (take if number < 60 else take_other)()
            spans = self.day.traces[trace]
            parents = {s.parent for s in spans}
            inner = [s for s in spans if s.parent and s.id in parents]
            root = next(s for s in spans if not s.parent)
            tops = [s for s in spans if s.parent == root.id]
            case = number % 10
            if case < 4:
                gone = self.rng.choice(inner)
            elif case == 4:
                gone = self.span(trace, CHARGE) or self.rng.choice(inner)
            elif case == 5:
                gone = next((s for s in inner if s.name == PLACE), None) or self.rng.choice(inner)
            else:
                gone = root
            self.drop(gone)
            self.done["traces without a parent"] += 1
            if gone is not root:
                # Spans of kind server with a missing parent, but the root is there: incomplete all the same.
                for span in spans:
                    if span.parent == gone.id and case % 2 == 0:
                        self.set(span, kind=SERVER)
                continue
            for span in tops:
                self.set(span, kind=self.rng.choice([SERVER, CONSUMER]))
            if case == 6 or case == 7:
                self.done["remote callers"] += 1
            elif case == 8:
                self.set(self.rng.choice(tops), kind=self.rng.choice([0, 1, CLIENT]))
            else:
                second = self.rng.choice([s for s in inner if s is not root and s.parent])
                self.drop(second)
                for span in spans:
                    if span.parent == second.id:
                        self.set(span, kind=SERVER)

    def drop(self, span):
        self.dropped.add((span.trace, span.id))

    def reverse_pairs(self, take, take_other):
        """50 pairs: two spans change their times, or the first is made to overlap the second."""
        pairs = [(CHARGE, SHIP)] * 20 + [(SHIP, EMPTY)] * 8 + [(EMPTY, CONFIRM)] * 7
        for first, second in pairs:
            trace = take()
            self.exchange(self.span(trace, first), self.span(trace, second))
        for _ in range(8):
            trace = take_other()
            while not any(s.name == READ for s in self.day.traces[trace]):
                trace = take_other()
            self.exchange(*self.catalog_pair(trace))
        for overlap in (1, 1, 1_000, 1_000_000, 1, 1, 1):
            trace = take()
            self.set_times(self.span(trace, CHARGE), None, self.span(trace, SHIP).start + overlap)
            self.done["pairs out of order"] += 1

    def exchange(self, a, b):
        self.set_times(a, b.start, b.end)
        self.set_times(b, a.start, a.end)
        self.done["pairs out of order"] += 1

    def set_times(self, span, start, end):
        if start is not None:
            self.set(span, startTimeUnixNano=str(start))
        self.set(span, endTimeUnixNano=str(end))

    def touch_limits(self, take, take_other):
        """Spans that meet exactly, and gaps of exactly a rule's duration and of a nanosecond more."""
        for first, second, gap in (
            (CHARGE, SHIP, 0),
            (CHARGE, SHIP, 0),
            (CHARGE, SHIP, 5_000_000),
            (CHARGE, SHIP, 5_000_001),
            (SHIP, EMPTY, 0),
            (SHIP, EMPTY, 10_000_000),
            (SHIP, EMPTY, 10_000_001),
            (EMPTY, CONFIRM, 0),
        ):
            trace = take()
            a, b = self.span(trace, first), self.span(trace, second)
            start = a.end + gap
            self.set_times(b, start, max(start, b.end))
            self.done["spans at a limit"] += 1

        for gap in (9_999, 10_000, 10_000, 10_001):
            trace = take_other()
            while not self.has_few_rows(trace):
                trace = take_other()
            query, rows = self.catalog_pair(trace)
            self.set_times(rows, query.end + gap, max(query.end + gap, rows.end))
            self.done["spans at a limit"] += 1

    def has_few_rows(self, trace):
        """So few that no other part of the rule about the catalog decides."""
        names = Counter(s.name for s in self.day.traces[trace])
        return names[READ] == 1 and names["sql.rows"] < 7

    def catalog_pair(self, trace):
        """The query of the catalog, and its rows."""
        read = next(s for s in self.day.traces[trace] if s.name == READ)
        below = [s for s in self.day.traces[trace] if s.parent == read.id]
        names = ("sql.conn.query", "sql.rows")
        return [next(s for s in below if s.name == name) for name in names]

    def ship_twice(self, take):
        """Another shipment, before the charge or behind the cart: what counts is the first, and the last."""
        for number in range(8):
            trace = take()
            charge, empty = self.span(trace, CHARGE), self.span(trace, EMPTY)
            at = charge.start - 1000 if number % 2 else empty.end + 1
            keys = {"order.id": self.attributes[(trace, charge.id)].get("order.id", "none"), "cost": 1.5}
            span = self.raw(trace, self.fresh_id(), charge.parent, SHIP, at, at + 500, keys)
            self.before_line.setdefault(charge.line + 1, []).append(request("checkoutservice", {}, [span]))
            self.done["second shipments"] += 1

    def overlap_steps(self, take):
        """An order with 70 ms of its own, and steps that overlap: each moment is covered once."""
        for _ in range(4):
            trace = take()
            place, charge = self.span(trace, PLACE), self.span(trace, CHARGE)
            self.set_times(place, place.start - 70_000_000, place.end)
            self.set_times(charge, charge.start - 300_000_000, charge.end)
            self.done["orders of overlapping steps"] += 1

    # Traces that do not come whole

    def sample(self, take, take_other):
        for number in range(24):
            trace = (take if number < 18 else take_other)()
            for index, span in enumerate(self.day.traces[trace]):
                state = (
                    "ot=th:8",
                    "ot=th:8" if index % 2 else "ot=th:c",
                    "ot=th:0",
                    "vendor=th:8,other=1",
                    "vendor=1, ot=rv:6e6d1a75832a2f;th:8" if span.name == CHARGE or span.name == SHIP else "",
                    "ot=rv:6e6d1a75832a2f",
                )[number % 6]
                if state:
                    self.set(span, traceState=state)
            self.done["sampled traces"] += 1

    def share_ids(self, take):
        """Both halves of the payment's call have one id, as Zipkin has it; the server's half failed in some."""
        for number in range(10):
            trace = take()
            call, called = self.span(trace, CALL), self.span(trace, CALLED, "paymentservice")
            self.set(call, kind=CLIENT)
            self.set(called, kind=SERVER, spanId=call.id, parentSpanId=call.parent)
            if number % 2:
                self.set(called, status={"code": 2})
            self.done["shared ids"] += 1

    def delay(self, take):
        """The shipment comes when the day is over."""
        for _ in range(10):
            trace = take()
            self.at_end.add((trace, self.span(trace, SHIP).id))
            self.done["spans that come last"] += 1

    def repeat_identity(self, take):
        """A second, other span with the identity of the shipment."""
        for _ in range(3):
            trace = take()
            ship = self.span(trace, SHIP)
            other = self.raw(trace, ship.id, ship.parent, SHIP, ship.start, ship.end + 77, {"order.id": "other"})
            self.before_line.setdefault(ship.line + 1, []).append(request(ship.service, {}, [other]))
            self.done["spans of one identity"] += 1

    def close_cycles(self, take):
        """The order and its charge are each other's parent: the charge is inside it, and nothing loops."""
        for _ in range(2):
            trace = take()
            place, charge = self.span(trace, PLACE), self.span(trace, CHARGE)
            self.set(place, parentSpanId=charge.id)
            self.done["cycles"] += 1

    # Second charges

    def charge_again(self, orders):
        usable = [t for t in orders if isinstance(self.order_ids[t], (str, int)) and self.order_ids[t] not in ("", True)]
        usable = [t for t in usable if self.span(t, SHIP)]
        gaps = [SECOND, 5 * SECOND, 59 * SECOND, MINUTE + 7, 4 * MINUTE, 5 * MINUTE, 5 * MINUTE + 1]
        gaps += [7 * MINUTE, 9 * MINUTE + 59 * SECOND, 10 * MINUTE, 10 * MINUTE + 1, 11 * MINUTE, 15 * MINUTE]
        number = 0
        for trace in usable[:20]:
            self.second_charge(trace, number, gaps[number % len(gaps)])
            number += 1
        # Chains: each within ten minutes of the one before it, the last of them far from the first.
        for trace in usable[20:25]:
            for step in (8 * MINUTE, 15 * MINUTE):
                self.second_charge(trace, number, step)
                number += 1

    def second_charge(self, trace, number, gap):
        rng = self.rng
        charge = self.span(trace, CHARGE)
        start = charge.start + gap
        fresh = f"{0xF1A0 + number:032x}"
        attributes = dict(self.attributes[(trace, charge.id)])
        key = attributes["order.id"]
        if number % 3 == 1:
            # The same text, another type: one group all the same.
            key = str(key) if isinstance(key, int) else key
        attributes["order.id"] = key
        attributes["amount"] = rng.choice([59.99, "1500", "7", 25, "abc"])
        resource = {}
        if number % 4 == 0:
            resource["tenant_id"] = attributes.pop("tenant_id")
        top, below = self.fresh_id(), self.fresh_id()
        root = self.raw(fresh, top, "", CHARGE, start, start + 9_000_000, attributes)
        spans = [root, self.raw(fresh, below, top, CALL, start + 1_000_000, start + 8_000_000, {})]
        if number % 5 == 0:
            root["status"] = {"code": 2}
        if number % 6 == 2:
            spans[1]["parentSpanId"] = "00000000000000aa"
        if number % 6 == 3:
            root["parentSpanId"] = "00000000000000ab"
            root["kind"] = SERVER
        if number % 6 == 4:
            for span in spans:
                span["traceState"] = "ot=th:8" if number % 12 == 4 else "ot=th:0"
        if number % 2:
            shipped = rng.choice([MINUTE - 1_000_000, MINUTE, MINUTE + 1, 20 * SECOND, 3 * SECOND])
            named = SHIP if number % 4 == 1 else REFUND
            keys = {k: v for k, v in attributes.items() if k in ("order.id", "tenant_id")}
            at = start + 9_000_000 + shipped
            spans.append(self.raw(fresh, self.fresh_id(), top, named, at, at + 5_000_000, keys | {"cost": 5}))
        self.insert(start, number % 3, request("checkoutservice", resource, spans))
        self.done["second charges"] += 1

    def insert(self, start, place, line):
        """In its time, in front of everything, or behind everything."""
        if place == 1:
            self.before_line.setdefault(-1, []).append(line)
        elif place == 2:
            self.last.append(line)
        else:
            behind = (n for n, at in enumerate(self.day.line_starts) if at >= start)
            self.before_line.setdefault(next(behind, len(self.day.line_starts)), []).append(line)

    def refund(self, take):
        """The charge is taken back in the same trace."""
        for number in range(12):
            trace = take()
            charge = self.span(trace, CHARGE)
            at = charge.end + 50_000_000
            keys = self.attributes[(trace, charge.id)]
            keys = {k: v for k, v in keys.items() if k in ("order.id", "tenant_id")}
            span = self.raw(trace, self.fresh_id(), charge.parent, REFUND, at, at + 1_000_000, keys)
            self.before_line.setdefault(charge.line + 1, []).append(request("checkoutservice", {}, [span]))
            self.done["refunds"] += 1

    def draw_chains(self):
        """The order is the 255th, 256th and 257th parent of its charge, which is another tenant's."""
        for depth in (255, 256, 257):
            trace = f"{0xC0DE00 + depth:032x}"
            start = self.day.line_starts[100] + depth
            spans = []
            above = ""
            names = [RECEIVE, PLACE] + ["step"] * (depth - 1) + [CHARGE]
            for index, name in enumerate(names):
                own = self.fresh_id()
                tenant = {"tenant_id": "umbrella" if name == CHARGE else "acme"} if name != RECEIVE else {}
                extra = {"order.id": f"chain-{depth}", "amount": 30} if name == CHARGE else {}
                spans.append(self.raw(trace, own, above, name, start + index, start + 1000 - index, tenant | extra))
                above = own
            self.rng.shuffle(spans)
            self.insert(start, 0, request("checkoutservice", {}, spans))
            self.done["long chains"] += 1

    def fresh_id(self):
        self.ids += 1
        return f"{0xFEED000000000000 + self.ids:016x}"

    def raw(self, trace, own, parent, name, start, end, attributes):
        span = {
            "traceId": trace,
            "spanId": own,
            "parentSpanId": parent,
            "name": name,
            "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(end),
            "attributes": listed(attributes),
        }
        if not parent:
            del span["parentSpanId"]
        return span


class Deck:
    """Hands out each trace once."""

    def __init__(self, traces):
        self.traces = iter(traces)

    def __call__(self):
        return next(self.traces)


def listed(attributes):
    return [{"key": key, "value": value(content)} for key, content in attributes.items()]


def request(service, resource, spans):
    attributes = listed({"service.name": service, **resource})
    scopes = [{"scope": {"name": "altered"}, "spans": spans}]
    return {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": scopes}]}


def write(source, target, plan):
    with open(target, "wb") as plain, gzip.GzipFile("", "wb", 1, plain, 0) as out:

        def put(line):
            out.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")

        for line in plan.before_line.get(-1, []):
            put(line)
        count = 0
        for number, line in enumerate(requests(source)):
            for extra in plan.before_line.get(number, []):
                put(extra)
            put(altered(line, plan))
            count = number + 1
        for extra in plan.before_line.get(count, []):
            put(extra)
        for line in plan.last:
            put(line)


def altered(line, plan):
    for part in line["resourceSpans"]:
        for scope in part["scopeSpans"]:
            kept = []
            for raw in scope["spans"]:
                key = (raw["traceId"], raw["spanId"])
                if key in plan.dropped:
                    continue
                if key in plan.attributes:
                    raw["attributes"] = listed(plan.attributes[key])
                if key in plan.fields:
                    raw.update(plan.fields[key])
                if key in plan.at_end:
                    plan.last.append(request(service_of(part["resource"]), {}, [raw]))
                    continue
                kept.append(raw)
            scope["spans"] = kept
    return line


if __name__ == "__main__":
    main()
