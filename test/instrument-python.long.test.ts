/**
 * The Python snippets are run, against a stand-in for the OpenTelemetry API that has the calls that they make, counts time in
 * steps and prints the spans: the trace must keep the rule. Needs python3.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { judgeTrace } from '../src/engine/reference/judge.ts';
import { compileRule } from '../src/language/compile.ts';
import { instrumentationOf } from '../src/language/instrument.ts';
import type { AttributeValue } from '../src/trace/attribute-value.ts';
import { SPAN_KINDS, SPAN_STATUSES, type SpanKind, type SpanStatus } from '../src/trace/span.ts';
import { makeSpan } from '../src/trace/testing/make-span.ts';
import { buildTrace } from '../src/trace/trace.ts';

const STAND_IN = `
import contextlib, json, sys, types, atexit

clock, active, finished = [0], [], []

def tick():
    clock[0] += 1
    return clock[0]

class Span:
    def __init__(self, name, kind):
        self.fields = {"name": name, "kind": kind, "status": "unset", "start": tick(), "attributes": {}, "events": [],
                       "id": clock[0], "parent": active[-1].fields["id"] if active else 0}
    def set_attribute(self, key, value):
        self.fields["attributes"][key] = value
    def add_event(self, name):
        self.fields["events"].append(name)
    def set_status(self, status):
        self.fields["status"] = status

class Tracer:
    @contextlib.contextmanager
    def start_as_current_span(self, name, kind="internal"):
        span = Span(name, kind)
        active.append(span)
        try:
            yield span
        finally:
            active.pop()
            span.fields["end"] = tick()
            finished.append(span.fields)

trace = types.ModuleType("opentelemetry.trace")
trace.get_tracer = lambda name: Tracer()
trace.SpanKind = types.SimpleNamespace(INTERNAL="internal", SERVER="server", CLIENT="client", PRODUCER="producer", CONSUMER="consumer")
trace.StatusCode = types.SimpleNamespace(ERROR="error", OK="ok")
trace.Status = lambda code: code
package = types.ModuleType("opentelemetry")
package.trace = trace
sys.modules["opentelemetry"] = package
sys.modules["opentelemetry.trace"] = trace
atexit.register(lambda: print(json.dumps(finished)))
`;

const SCOPE = { macros: new Map(), lists: new Map([['card_processors', ['stripe', 'square']]]) };

const RULES: readonly string[] = [
  'trace.has(payment.charge) and trace.has(inventory.reserve).before(payment.charge)',
  'when { each payment.charge.where(amount > 1000) as charge } always { payment.fraud_check.where(payment_intent_id == charge.payment_intent_id).before(charge) }',
  'when { each database.write as w } always { audit.log.after(w).within(5s) and deep.inside(w.check) and w.check.child_of(w) }',
  'when { order.place } always { all(database.query, tenant_filter == true) and count(mail.sent.where(span.kind == client)) >= 2 }',
  'when { a.where(x >= 5 and not (y == "no") and p in $card_processors and span.status == error) } always { "b\\"\\\\ c\'" }',
];

interface PythonSpan {
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly start: number;
  readonly end: number;
  readonly id: number;
  readonly parent: number;
  readonly attributes: Record<string, AttributeValue>;
}

const absent = spawnSync('python3', ['--version']).status !== 0;
if (absent) console.log('skipped: python3 is not there, which runs the Python snippets');

describe.skipIf(absent)('the Python snippet', () => {
  it.each(RULES)('makes a trace that keeps %s', (text) => {
    const { rule, diagnostics } = compileRule({ name: 'rule', text }, SCOPE);
    expect(diagnostics).toEqual([]);
    if (rule === null) return;
    const { python } = instrumentationOf(rule);
    const { stdout, stderr } = spawnSync('python3', ['-'], { input: STAND_IN + python, encoding: 'utf8' });
    expect(stderr).toBe('');
    const spans = (JSON.parse(stdout) as PythonSpan[]).map((span) =>
      makeSpan({
        name: span.name,
        kind: SPAN_KINDS.find((kind): kind is SpanKind => kind === span.kind) ?? 'unspecified',
        status: SPAN_STATUSES.find((status): status is SpanStatus => status === span.status) ?? 'unset',
        spanId: hex(span.id),
        parentSpanId: span.parent === 0 ? '' : hex(span.parent),
        start: BigInt(span.start),
        end: BigInt(span.end),
        with: span.attributes,
      }),
    );
    expect(spans.filter((span) => span.parentSpanId === '')).toHaveLength(1);
    const judged = {
      id: 'r',
      condition: rule,
      onIncomplete: 'inconclusive',
      environments: null,
      exceptions: [],
    } as const;
    expect(judgeTrace(judged, buildTrace(spans)).verdict).toBe('satisfied');
  });
});

function hex(id: number): string {
  return id.toString(16).padStart(16, '0');
}
