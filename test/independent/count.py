"""Counts the verdicts of the rules of `rules.yaml` and `acceptance.yaml`, independently of Fluo: written from the language
reference alone.

    python3 count.py TRACES.jsonl.gz

Prints a JSON object: {traces, spans, repeated, conflicting, incomplete, rules: {id: {verdicts, violated, inconclusive,
satisfied, keyless, hashes}}}. `violated`, `inconclusive` and `satisfied` list scopes: a trace's id, or of a group
`start/traceId,traceId,...`; all others are not_applicable. `hashes` has SHA-256 of the sorted scopes of each verdict.

Rules are built from conditions. A condition has two values, each true, false or None (open): the first is what it is when the
scope is whole, the second what no further span could change.
"""

import gzip
import hashlib
import json
import re
import sys
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 400

SHOP = "hipstershop."
CHECKOUT = SHOP + "CheckoutService/"
CHARGE = CHECKOUT + "ChargeCard"
SHIP = CHECKOUT + "ShipOrder"
REFUND = CHECKOUT + "RefundCard"
PLACE = CHECKOUT + "PlaceOrder"
EMPTY = CHECKOUT + "EmptyUserCart"
CONFIRM = CHECKOUT + "SendOrderConfirmation"
RECEIVE = SHOP + "Frontend/Recv."
GET = SHOP + "ProductCatalogService/GetProduct"
READ = SHOP + "ProductCatalogService/ReadCatalog"
CALL = SHOP + "PaymentService/Charge"
CALLED = "grpc." + CALL

MICRO, MILLI, SECOND = 1_000, 1_000_000, 1_000_000_000
MINUTE = 60 * SECOND
SERVER, CLIENT, CONSUMER = 2, 3, 5
VERDICTS = ("satisfied", "violated", "not_applicable", "inconclusive")


# --- Spans and traces


class Span:
    __slots__ = ("trace", "id", "parent_id", "name", "kind", "start", "end", "error", "own", "resource", "state", "parent")

    def get(self, name):
        """The span's attribute, then its resource's; None when it is missing."""
        found = self.own.get(name)
        return self.resource.get(name) if found is None else found


def read_value(sent):
    for sort, content in sent.items():
        if sort == "stringValue":
            return content
        if sort == "boolValue":
            return content
        if sort == "intValue":
            return int(content)
        if sort == "doubleValue":
            number = float(content)
            return None if number != number else number  # NaN is a missing value.
        if sort == "arrayValue":
            return [read_value(item) for item in content.get("values", [])]
    return None


def read_attributes(sent):
    read = {a["key"]: read_value(a["value"]) for a in sent}
    return {key: content for key, content in read.items() if content is not None}


class Trace:
    def __init__(self):
        self.spans = []
        self.conflict = False

    def settle(self):
        """Finds parents, and whether the trace is incomplete."""
        by_id = defaultdict(list)
        for span in self.spans:
            by_id[span.id].append(span)
        roots = 0
        tops = []
        for span in self.spans:
            span.parent = parent_of(span, by_id)
            if span.parent is None:
                if span.parent_id == "":
                    roots += 1
                else:
                    tops.append(span)
        thresholds = {threshold(s.state) for s in self.spans if s.state}
        thresholds.discard(None)
        remote = (
            roots == 0
            and len({s.parent_id for s in tops}) == 1
            and all(s.kind in (SERVER, CONSUMER) for s in tops)
        )
        self.incomplete = self.conflict or len(thresholds) > 1 or (bool(tops) and not remote)
        self.named = defaultdict(list)
        for span in self.spans:
            self.named[span.name].append(span)


def parent_of(span, by_id):
    if span.kind == SERVER:
        for half in by_id[span.id]:
            if half.kind == CLIENT:
                return half
    candidates = by_id.get(span.parent_id, [])
    for half in candidates:
        if half.kind == SERVER:
            return half
    return candidates[0] if candidates else None


def threshold(state):
    for member in state.split(","):
        vendor, _, fields = member.strip().partition("=")
        if vendor == "ot":
            for field in fields.split(";"):
                if field.startswith("th:"):
                    return field[3:]
    return None


def is_sampled(span):
    found = threshold(span.state) if span.state else None
    return found is not None and found.strip("0") != ""


def read(path):
    traces, seen = {}, {}
    repeated = conflicting = 0
    no_attributes = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            for part in json.loads(line)["resourceSpans"]:
                resource = read_attributes(part["resource"]["attributes"])
                for scope in part["scopeSpans"]:
                    for raw in scope["spans"]:
                        span = Span()
                        span.trace, span.id = raw["traceId"], raw["spanId"]
                        span.parent_id = raw.get("parentSpanId", "")
                        span.name = sys.intern(raw["name"])
                        span.kind = raw.get("kind", 0)
                        span.start = int(raw["startTimeUnixNano"])
                        span.end = max(span.start, int(raw["endTimeUnixNano"]))
                        span.error = raw.get("status", {}).get("code", 0) == 2
                        span.own = read_attributes(raw["attributes"]) if "attributes" in raw else no_attributes
                        span.resource = resource
                        span.state = raw.get("traceState", "")
                        identity = (span.trace, span.id, span.kind)
                        first = seen.get(identity)
                        if first is None:
                            seen[identity] = span
                            traces.setdefault(span.trace, Trace()).spans.append(span)
                        elif same(first, span):
                            repeated += 1
                        else:
                            conflicting += 1
                            traces[span.trace].conflict = True
    for trace in traces.values():
        trace.settle()
    return traces, len(seen), repeated, conflicting


def same(a, b):
    fields = ("parent_id", "name", "start", "end", "error", "own", "resource", "state")
    return all(getattr(a, f) == getattr(b, f) for f in fields)


# --- Predicates: true, false, or None for unknown


def sort_of(content):
    if isinstance(content, bool):
        return "boolean"
    if isinstance(content, (int, float)):
        return "number"
    return "text" if isinstance(content, str) else "array"


def compare(left, op, right):
    """Another type than expected, and a missing value, are unknown. Python compares int and float exactly."""
    if left is None or right is None:
        return None
    sort = sort_of(left)
    if sort != sort_of(right) or sort == "array":
        return None
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    if sort == "boolean":
        return None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def boolean(content):
    return content if isinstance(content, bool) else None


def contains(content, wanted):
    if content is None or sort_of(content) in ("number", "boolean"):
        return None
    return wanted in content


def one_of(content, texts):
    return content in texts if content is not None and sort_of(content) == "text" else None


def as_number(content):
    if content is None or sort_of(content) in ("boolean", "array"):
        return None
    if sort_of(content) == "number":
        return content
    return Decimal(content) if re.fullmatch(r"-?\d+(\.\d+)?", content) else None


def above(content, limit):
    """For what `number()` gave: numbers of Python and decimals compare exactly."""
    return None if content is None else content > limit


def as_text(content):
    if content is None or sort_of(content) == "array":
        return None
    if sort_of(content) == "boolean":
        return "true" if content else "false"
    return str(content)


def both(a, b):
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def either(a, b):
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


def negated(a):
    return None if a is None else not a


# --- Conditions: (value when the scope is whole, value that no further span can change)


def has(matches, order=False, maybe=False):
    """`matches`: spans that match. `maybe`: there are more whose match rests on what the bound span lacks. `order`: the selector
    has `.before` or `.after` a selector, or asks `span.self`: nothing is settled before the scope is whole."""
    whole = True if matches else None if maybe else False
    return whole, None if order or not matches else True


def at_most(number, limit, order=False, more=False):
    """`more`: `number` is a lower bound."""
    whole = False if number > limit else None if more else True
    return whole, False if number > limit and not order else None


def at_least(number, limit):
    whole = number >= limit
    return whole, True if whole else None


def unsettled(whole):
    """Two measures, and sums."""
    return whole, None


def every(spans, predicate):
    """A span of which the predicate is unknown fails."""
    whole = all(predicate(s) is True for s in spans)
    return whole, None if whole else False


def And(*conditions):
    whole, settled = True, True
    for w, s in conditions:
        whole, settled = both(whole, w), both(settled, s)
    return whole, settled


def Or(*conditions):
    whole, settled = False, False
    for w, s in conditions:
        whole, settled = either(whole, w), either(settled, s)
    return whole, settled


def Not(condition):
    return negated(condition[0]), negated(condition[1])


ALWAYS = (True, True)


def judge(trigger, clause, incomplete):
    if not incomplete:
        if trigger[0] is False:
            return "not_applicable"
        if trigger[0] is None or clause[0] is None:
            return "inconclusive"
        return "satisfied" if clause[0] else "violated"
    if trigger[0] is False:
        return "not_applicable"  # A trigger that was not seen is not_applicable all the same.
    if trigger[1] is True and clause[1] is not None:
        return "satisfied" if clause[1] else "violated"
    return "inconclusive"


def judge_each(bound, incomplete):
    """`bound`: the trigger's condition and the clause of each bound span."""
    verdicts = {judge(trigger, clause, incomplete) for trigger, clause in bound}
    if "violated" in verdicts:
        return "violated"
    if "inconclusive" in verdicts:
        return "inconclusive"
    if "satisfied" in verdicts:
        return "inconclusive" if incomplete else "satisfied"  # Another span of the trigger may be missing.
    return "not_applicable"


# --- Relations


def before(spans, others, within=None):
    kept = []
    for span in spans:
        starts = [o.start for o in others if o is not span]
        if starts and span.end <= min(starts) and (within is None or min(starts) - span.end <= within):
            kept.append(span)
    return kept


def after(spans, others, within=None):
    kept = []
    for span in spans:
        ends = [o.end for o in others if o is not span]
        if ends and span.start >= max(ends) and (within is None or span.start - max(ends) <= within):
            kept.append(span)
    return kept


def child_of(spans, others):
    ids = {id(o) for o in others}
    return [s for s in spans if s.parent is not None and s.parent is not s and id(s.parent) in ids]


def inside(spans, others):
    ids = {id(o) for o in others}
    kept = []
    for span in spans:
        seen = {id(span)}
        above_it = span.parent
        for _ in range(256):
            if above_it is None or id(above_it) in seen:
                break
            if id(above_it) in ids:
                kept.append(span)
                break
            seen.add(id(above_it))
            above_it = above_it.parent
    return kept


def self_time(span, trace):
    """The part of its duration that no child covers."""
    covered, reached = 0, span.start
    for start, end in sorted((s.start, s.end) for s in trace.spans if s.parent is span):
        start, end = max(start, reached), min(end, span.end)
        if end > start:
            covered += end - start
            reached = end
    return span.end - span.start - covered


# --- Measures


def total(spans, name):
    """None when a span has no number there, or an infinite one."""
    added = Decimal(0)
    for span in spans:
        number = span.get(name)
        if number is None or sort_of(number) != "number" or number in (float("inf"), float("-inf")):
            return None
        added += Decimal(repr(number)).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return added


def distinct(spans, name):
    """How many values were seen, and whether a span lacks one."""
    contents = [s.get(name) for s in spans]
    return len({(sort_of(c), c) for c in contents if c is not None}), None in contents


# --- The rules. Each takes a trace (or a group) and gives a verdict


def order_steps_in_order(t):
    charge, ship, empty, confirm = (t.named[n] for n in (CHARGE, SHIP, EMPTY, CONFIRM))
    trigger = has([s for s in t.named[PLACE] if compare(s.get("tenant_id"), "==", "acme-internal") is not True])
    clause = And(
        has(before(charge, ship), order=True),
        has(after(empty, ship, 10 * MILLI), order=True),
        has(after(confirm, empty), order=True),
    )
    return judge(trigger, clause, t.incomplete)


def shipment_follows_its_charge(t):
    bound = []
    for charge in t.named[CHARGE]:
        trigger = Not(has(t.named[REFUND]))
        wanted = charge.get("order.id")
        behind = after(t.named[SHIP], [charge], 5 * MILLI)
        shipped = [s for s in behind if compare(s.get("order.id"), "==", wanted) is True]
        # No id of the charge saves a shipment that has none itself.
        maybe = wanted is None and any(s.get("order.id") is not None for s in behind)
        called = child_of(t.named[CALLED], child_of(t.named[CALL], [charge]))
        clause = And(has(shipped, maybe=maybe), Not(has([s for s in called if s.error])))
        bound.append((trigger, clause))
    return judge_each(bound, t.incomplete)


def order_keeps_its_tenant(t):
    bound = []
    for placed in child_of(t.named[PLACE], t.named[RECEIVE]):
        tenant = placed.get("tenant_id")
        steps = inside(t.named[CHARGE] + t.named[SHIP] + t.named[EMPTY], [placed])
        alien, maybe = [], False
        for step in steps:
            own = step.get("tenant_id")
            if own is None or compare(own, "!=", tenant) is True:
                alien.append(step)
            elif tenant is None:
                maybe = True
        bound.append((ALWAYS, Not(has(alien, maybe=maybe))))
    return judge_each(bound, t.incomplete)


def order_charged_once(group):
    return judge(ALWAYS, at_most(sum(not s.error for s in group.named[CHARGE]), 1), group.incomplete)


def tenant_order_shipped_soon(group):
    bound = []
    for c in group.named[CHARGE]:
        if above(as_number(c.get("amount")), 20) is not True:
            continue
        ships = after(group.named[SHIP], [c])
        refunded = And(has(after(group.named[REFUND], [c])), at_most(len(ships), 1))
        clause = Or(has(after(group.named[SHIP], [c], MINUTE)), refunded)
        bound.append((ALWAYS, clause))
    return judge_each(bound, group.incomplete)


def catalog_lookups_add_up(t):
    found = sum(len(spans) for name, spans in t.named.items() if name.endswith("ProductCatalogService/GetProduct"))
    asked = [s for s in t.named[GET] if s.get("product.id") is not None or boolean(s.get("cached"))]
    number, more = distinct(asked, "product.id")
    clause = And(
        unsettled(len(t.named["sql.conn.query"]) == len(t.named["sql.rows"])),
        at_most(number, 3, more=more),
    )
    return judge(at_least(found, 4), clause, t.incomplete)


def charges_cover_shipping(t):
    charged, cost = total(t.named[CHARGE], "amount"), total(t.named[SHIP], "cost")
    whole = None if charged is None or cost is None else charged >= cost
    clause = Or(unsettled(whole), has(t.named[REFUND]))
    return judge(has(t.named[SHIP]), clause, t.incomplete)


def amounts_are_sane(t):
    charges = t.named[CHARGE]

    def sane(s):
        amount = s.get("amount")
        number = both(compare(amount, ">", 0), compare(amount, "<=", 9007199254740992))
        return either(number, one_of(s.get("currency"), ("credit", "voucher")))

    blocked = [
        s for s in charges if both(contains(s.get("labels"), "blocked"), negated(boolean(s.get("verified")))) is True
    ]
    nines = [s for s in charges if (as_text(s.get("order.id")) or "").startswith("9")]
    clause = And(every(charges, sane), Not(has(blocked)), Not(And(has(nines), Not(has(t.named[SHIP])))))
    return judge(Or(has(charges), has(t.named[REFUND])), clause, t.incomplete)


def traces_are_quick(t):
    slow = [s for s in t.named[PLACE] if self_time(s, t) > 60 * MILLI]
    duration = max(s.end for s in t.spans) - min(s.start for s in t.spans)
    ads = [s for name, spans in t.named.items() if name.endswith("/GetAds") for s in spans]
    clause = And(
        at_most(len(t.named[READ]), 2),
        Not(has(slow, order=True)),
        Or(at_most(duration, SECOND), Not(has(ads))),
    )
    return judge(ALWAYS, clause, t.incomplete)


def catalog_is_queried_then_read(t):
    lists = [s for name, spans in t.named.items() if name.endswith("ProductCatalogService/ListProducts") for s in spans]
    sql = [s for name, spans in t.named.items() if name.startswith("sql.") for s in spans]
    placed = [s for s in t.named[PLACE] if s.kind == SERVER]
    trigger = And(has(inside(sql, lists)), Not(has(placed)))
    rows = child_of(t.named["sql.rows"], t.named[READ])
    queried = before(child_of(t.named["sql.conn.query"], t.named[READ]), rows, 10 * MICRO)
    many = (len(t.named["sql.rows"]) >= 7 and len(t.spans) != 60,) * 2
    return judge(trigger, Or(has(queried), many), False)  # on_incomplete: judge


def placed_order_is_complete(t):
    """The rule of `acceptance.yaml`."""
    names = (CALLED, SHOP + "ShippingService/ShipOrder", SHOP + "CartService/EmptyCart")
    clause = And(*(has(t.named[n]) for n in names), has(t.named[SHOP + "EmailService/SendOrderConfirmation"]))
    return judge(has(t.named[PLACE]), clause, t.incomplete)


TRACE_RULES = {
    "placed-order-is-complete": placed_order_is_complete,
    "order-steps-in-order": order_steps_in_order,
    "shipment-follows-its-charge": shipment_follows_its_charge,
    "order-keeps-its-tenant": order_keeps_its_tenant,
    "catalog-lookups-add-up": catalog_lookups_add_up,
    "charges-cover-shipping": charges_cover_shipping,
    "amounts-are-sane": amounts_are_sane,
    "traces-are-quick": traces_are_quick,
    "catalog-is-queried-then-read": catalog_is_queried_then_read,
}

GROUP_RULES = {
    "order-charged-once": (order_charged_once, ("order.id",), 10 * MINUTE, (CHARGE,)),
    "tenant-order-shipped-soon": (
        tenant_order_shipped_soon,
        ("tenant_id", "order.id"),
        5 * MINUTE,
        (CHARGE, SHIP, REFUND),
    ),
}


# --- Groups


class Group:
    def __init__(self, spans, traces):
        self.spans = spans
        self.named = defaultdict(list)
        for span in spans:
            self.named[span.name].append(span)
        self.incomplete = any(traces[s.trace].incomplete or is_sampled(s) for s in spans)
        self.scope = f"{spans[0].start}/{','.join(sorted({s.trace for s in spans}))}"


def key_text(content):
    """None: in no group."""
    text = as_text(content)
    return text if text else None


def groups_of(traces, key, pause, names):
    by_key, keyless = defaultdict(list), 0
    for trace in traces.values():
        for name in names:
            for span in trace.named[name]:
                texts = tuple(key_text(span.get(k)) for k in key)
                if None in texts:
                    keyless += 1
                else:
                    by_key[texts].append(span)
    groups = []
    for spans in by_key.values():
        spans.sort(key=lambda s: s.start)
        run = []
        for span in spans:
            if run and span.start - run[-1].start > pause:
                groups.append(Group(run, traces))
                run = []
            run.append(span)
        groups.append(Group(run, traces))
    return groups, keyless


# --- What is printed


def report(judged, keyless=0):
    by_verdict = {verdict: sorted(scope for scope, v in judged if v == verdict) for verdict in VERDICTS}
    return {
        "verdicts": {verdict: len(scopes) for verdict, scopes in by_verdict.items()},
        "violated": by_verdict["violated"],
        "inconclusive": by_verdict["inconclusive"],
        "satisfied": by_verdict["satisfied"],
        "keyless": keyless,
        "hashes": {v: hashlib.sha256("\n".join(s).encode()).hexdigest() for v, s in by_verdict.items()},
    }


def main():
    traces, spans, repeated, conflicting = read(sys.argv[1])
    rules = {}
    for rule, count in TRACE_RULES.items():
        rules[rule] = report([(trace, count(t)) for trace, t in traces.items()])
    for rule, (count, key, pause, names) in GROUP_RULES.items():
        groups, keyless = groups_of(traces, key, pause, names)
        rules[rule] = report([(g.scope, count(g)) for g in groups], keyless)
    counted = {
        "traces": len(traces),
        "spans": spans,
        "repeated": repeated,
        "conflicting": conflicting,
        "incomplete": sum(t.incomplete for t in traces.values()),
        "rules": rules,
    }
    print(json.dumps(counted))


if __name__ == "__main__":
    main()
