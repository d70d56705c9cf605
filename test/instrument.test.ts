/** The snippets that `fluo instrument` prints are run: with the real SDK they make a trace that keeps the rule. */
import * as api from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judgeTrace } from '../src/engine/reference/judge.ts';
import { judgeAcross, membersOf } from '../src/engine/reference/judge-across.ts';
import { judgedRule } from '../src/invariant/catalogue.ts';
import { compileRule } from '../src/language/compile.ts';
import type { CompiledRule, RuleScope } from '../src/language/compiled-rule.ts';
import { instrumentationOf } from '../src/language/instrument.ts';
import { parseSelector } from '../src/language/parse.ts';
import type { AttributeValue } from '../src/trace/attribute-value.ts';
import { SPAN_KINDS, SPAN_STATUSES, type Span } from '../src/trace/span.ts';
import { buildTrace } from '../src/trace/trace.ts';
import { DOMAINS, libraryRules } from './library/domains.ts';
import { TODAY } from './library/judge-recording.ts';

const paid = parseSelector({ name: 'macro', text: 'payment.charge.where(span.status != error)' }).selector;
const SCOPE: RuleScope = {
  macros: new Map(paid === null ? [] : [['paid', paid]]),
  lists: new Map([['card_processors', ['stripe', 'square']]]),
};

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ zone: 'eu' }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});

beforeAll(() => provider.register());
beforeEach(() => exporter.reset());
afterAll(async () => {
  api.trace.disable();
  api.context.disable();
  await provider.shutdown();
});

const RULES: readonly string[] = [
  'trace.has(payment.charge) and trace.has(inventory.reserve)',
  'trace.has(payment.charge).where(attempt > 1) and trace.count(payment.charge).where(payment_intent_id == unique) == 1',
  'trace.has(payment.charge).where(amount > 1000) and trace.has(payment.fraud_check)',
  'trace.has(database.query).where(table contains "tenant_data") and trace.has(database.query).where(tenant_filter == true)',
  'trace.has(api.request).where(tenant_id == tenant_a) and not trace.has(database.query).where(tenant_id == tenant_b)',
  'trace.has(api.request).where(endpoint matches "/api/v2/.*") and trace.has(auth.check)',
  'trace.has(payment.charge) and trace.has(inventory.reserve).before(payment.charge)',
  'when { each payment.charge.where(amount > 1000) as charge } always { payment.fraud_check.where(payment_intent_id == charge.payment_intent_id).before(charge) }',
  'when { each api.request.where(tenant_id exists) as r } never { database.query.where(tenant_id not exists or tenant_id != r.tenant_id) }',
  'when { each database.write as w } always { audit.log.after(w).within(5s) and w.check.child_of(w) and deep.inside(w.check) }',
  'when { order.place } always { all(database.query, tenant_filter == true) and count(mail.sent) >= 2 }',
  'when { order.place } always { sum(payment.refund, amount) <= sum(payment.charge, amount) }',
  'when { $paid.where(processor in $card_processors) } always { invoice.* and matches "GET /v[12]/.*" }',
  'when { a.where(x >= 5 and x < 6.5 and not (y == "no") and z starts_with "/api") } always { b.where(span.kind == client and resource.zone == eu) }',
  'when { a.where(charged <= this.authorised) } never { b.where(state in [failed, lost] or debug) }',
  'when { each a as it } always { b.before(it) and c.after(it) and d.inside(c) and e.after(d) }',
  'when { each a.where(n > 2) as it } always { b.where(n > it.n and k < it.k and id != it.id) }',
  'when { a } always { b.before(a).where(k == 1) or c.inside(a) }',
  'when { a } always { sum(a, n) > count(b) }',
  'when { a } never { sum(a, n) >= count(b) }',
  'when { a.inside(b) } never { a.inside(b.where(k not exists)) }',
  'when { a.where(span.events contains exception and span.status == error) } always { "POST /notify" }',
];

const LIBRARY = DOMAINS.flatMap((domain) => libraryRules(domain));

describe('the snippets of the library', () => {
  it.each(LIBRARY.map((rule) => [rule.id, rule] as const))('%s is kept', async (_id, rule) => {
    const { node, notes } = instrumentationOf(rule.condition);
    await run(node);
    const spans = exporter.getFinishedSpans().map(toSpan);
    const judged = { ...judgedRule(rule, TODAY), environments: null };
    const trace = buildTrace(spans);
    const judgments =
      rule.condition.across === null
        ? [judgeTrace(judged, trace)]
        : judgeAcross(judged, membersOf(judged, trace)).groups.map(({ judgment }) => judgment);
    expect(judgments.map(({ verdict, reasons }) => [verdict, reasons])).toEqual([['satisfied', []]]);
    expect(notes.filter((note) => note.startsWith('The snippets do not show'))).toEqual([]);
  });
});

describe('a rule that looks at the status', () => {
  const rule = 'when { a } always { b.where(span.status != error) }';

  it('has a snippet that sets it when the work fails, and only there', async () => {
    const { node } = instrumentationOf(compile(rule));
    const work = '// ... the work itself ...';
    const at = node.lastIndexOf(work);
    const broken = `${node.slice(0, at)}throw new TypeError('broken');${node.slice(at + work.length)}`;
    await expect(run(broken)).rejects.toThrow('broken');
    const spans = exporter.getFinishedSpans().map(toSpan);
    expect(
      spans.map(({ name, status, events }) => [name, status, events.map((event) => event.name)]),
    ).toEqual([
      ['a', 'unset', []],
      ['b', 'error', ['exception']],
      ['request', 'unset', []],
    ]);
  });
});

describe('instrumentationOf', () => {
  it.each(RULES)('makes a trace that keeps %s', async (text) => {
    const rule = compile(text);
    const { node, notes, checklist, needs } = instrumentationOf(rule);
    expect(notes.filter((note) => note.startsWith('The snippets do not show'))).toEqual([]);
    await run(node);
    const spans = exporter.getFinishedSpans().map(toSpan);
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
    const judgment = judgeTrace(
      { id: 'r', condition: rule, onIncomplete: 'inconclusive', environments: null, exceptions: [] },
      buildTrace(spans),
    );
    expect(judgment.reasons).toEqual([]);
    expect(judgment.verdict).toBe('satisfied');
    expect(checklist.map((entry) => entry.items.length > 0)).toEqual(needs.map(() => true));
  });

  it('says so where the relations of a rule cannot all be shown', () => {
    const { notes } = instrumentationOf(compile('when { a and b } always { c.before(a) and c.inside(a) }'));
    expect(notes.at(-1)).toMatch(/^The snippets do not show that `c` is before `a`/);
  });

  it('makes no span that must not be there, and lists it all the same', () => {
    const { node, python, checklist } = instrumentationOf(compile('when { a } always { b } never { c }'));
    expect(`${node}${python}`).not.toMatch(/['"]c['"]/);
    expect(checklist.map(({ span, role }) => [span, role])).toEqual([
      ['a', 'trigger'],
      ['b', 'required'],
      ['c', 'forbidden'],
    ]);
  });

  it('gives the spans of `across` one key', () => {
    const { node, python, notes } = instrumentationOf(
      compile('across cart.id within 10m { when { checkout } always { payment.charge } }'),
    );
    expect(node.match(/'cart\.id', cartId\)/g)).toHaveLength(2);
    expect(python.match(/"cart\.id", cart_id\)/g)).toHaveLength(2);
    expect(notes.join(' ')).toContain('different traces');
    expect(notes.join(' ')).not.toContain('of one trace');
  });

  it('writes texts of any kind as texts', async () => {
    const rule = compile(
      'when { "a\'b\\\\c \\"d\\" $(e)" } always { b.where("k\'\\\\n" == "v\'$(x)\\"\\\\") }',
    );
    await run(instrumentationOf(rule).node);
    const spans = exporter.getFinishedSpans();
    expect(spans.map((span) => span.name)).toContain('a\'b\\c "d" $(e)');
    expect(spans.find((span) => span.name === 'b')?.attributes).toEqual({ "k'\\n": 'v\'$(x)"\\' });
  });
});

function compile(text: string): CompiledRule {
  const { rule, diagnostics } = compileRule({ name: 'rule', text }, SCOPE);
  if (rule === null) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return rule;
}

/** Runs a module that imports nothing but the API. */
async function run(module: string): Promise<void> {
  const [first = '', ...rest] = module.split('\n');
  const names = /^import (\{[^}]*\}) from '@opentelemetry\/api';$/.exec(first)?.[1];
  expect(names).toBeDefined();
  const AsyncFunction = (async () => {}).constructor as new (
    ...parts: string[]
  ) => (given: typeof api) => Promise<void>;
  await new AsyncFunction('api', `const ${names} = api;\n${rest.join('\n')}`)(api);
}

function toSpan(span: ReadableSpan): Span {
  const { traceId, spanId } = span.spanContext();
  const resource = toMap(span.resource.attributes);
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? '',
    name: span.name,
    kind: SPAN_KINDS[span.kind + 1] ?? 'unspecified',
    start: toNanos(span.startTime),
    end: toNanos(span.endTime),
    status: SPAN_STATUSES[span.status.code] ?? 'unset',
    attributes: toMap(span.attributes),
    resource: { attributes: resource, service: String(resource.get('service.name') ?? '') },
    scope: span.instrumentationScope.name,
    events: span.events.map((event) => ({
      name: event.name,
      time: toNanos(event.time),
      attributes: new Map(),
    })),
    traceState: '',
  };
}

function toNanos([seconds, nanos]: readonly [number, number]): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

function toMap(attributes: ReadableSpan['attributes']): Map<string, AttributeValue> {
  return new Map(Object.entries(attributes) as [string, AttributeValue][]);
}
