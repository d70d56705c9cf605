/** Spans that the tests write in one format and expect back. */
import fc from 'fast-check';
import type { AttributeValue } from '../../src/trace/attribute-value.ts';
import { type Resource, SPAN_KINDS, SPAN_STATUSES, type Span } from '../../src/trace/span.ts';

/** What the formats can carry: `otlp` all, `jaeger` no nested values and whole microseconds, `zipkin` texts only. */
export type Carrier = 'otlp' | 'jaeger' | 'zipkin';

const MICRO = 1000n;
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    '',
    'ok',
    'ümläut "quoted" \\ back',
    '\u{1F600}',
    '[1]',
    '{"a":',
    'line\nend',
    'x'.repeat(40),
  ),
);

const flatValue = (carrier: Carrier): fc.Arbitrary<AttributeValue> =>
  carrier === 'zipkin'
    ? text
    : fc.oneof(
        text,
        fc.boolean(),
        fc.integer(),
        fc.constantFrom(2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n),
        fc.constantFrom(0.5, -1.25e300, 1e-7),
        ...(carrier === 'otlp' ? [fc.constantFrom(Number.POSITIVE_INFINITY, Number.NaN, 1e21)] : []),
        fc.uint8Array({ maxLength: 9 }),
      );

const { value: nestedValue } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    flatValue('otlp'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

const attributes = (carrier: Carrier) =>
  fc
    .array(
      fc.tuple(
        fc.constantFrom('amount', 'tenant_id', 'http.route', 'a b', '\u00fc', 'verified', '__proto__'),
        carrier === 'otlp' ? nestedValue : flatValue(carrier),
      ),
      { maxLength: 4 },
    )
    .map((pairs) => new Map(pairs));

const hex = (digits: number) =>
  fc.bigInt({ min: 1n, max: 16n ** BigInt(digits) - 1n }).map((id) => id.toString(16).padStart(digits, '0'));

const resource = (carrier: Carrier): fc.Arbitrary<Resource> =>
  fc
    .tuple(
      fc.constantFrom('shop', 'payment', 'st\u00f6ck'),
      carrier === 'zipkin' ? fc.constant(new Map()) : attributes(carrier),
    )
    .map(([service, rest]) => ({ service, attributes: new Map([['service.name', service], ...rest]) }));

/** Lists of spans with everything in them that a format can carry. */
export function spanLists(carrier: Carrier): fc.Arbitrary<Span[]> {
  const unit = carrier === 'otlp' ? 1n : MICRO;
  const time = fc.bigInt({ min: 1n, max: 2n ** 62n / unit }).map((units) => units * unit);
  const event = fc.record({
    name: text,
    time,
    attributes: carrier === 'zipkin' ? fc.constant(new Map()) : attributes(carrier),
  });
  return fc
    .tuple(
      fc.array(resource(carrier), { minLength: 1, maxLength: 3 }),
      fc.array(hex(32), { minLength: 1, maxLength: 3 }),
    )
    .chain(([resources, traces]) =>
      fc.array(
        fc
          .record({
            traceId: fc.constantFrom(...traces),
            spanId: hex(16),
            parentSpanId: fc.oneof(fc.constant(''), hex(16)),
            name: text,
            kind: fc.constantFrom(
              ...SPAN_KINDS.filter((kind) => carrier !== 'zipkin' || kind !== 'unspecified'),
            ),
            start: time,
            length: fc.bigInt({ min: 0n, max: 10n ** 9n }).map((units) => units * unit),
            status: fc.constantFrom(...SPAN_STATUSES),
            attributes: attributes(carrier),
            resource: fc.constantFrom(...resources),
            scope: fc.constantFrom('', 'lib', 'my.library'),
            events: fc.array(event, { maxLength: 2 }),
            traceState: fc.constantFrom('', 'ot=th:8', 'a=1,b=2'),
            isUnsampled: carrier === 'otlp' ? fc.boolean() : fc.constant(false),
          })
          .map(
            ({ length, isUnsampled, ...span }): Span => ({
              ...span,
              end: span.start + length,
              ...(isUnsampled ? { sampled: false } : {}),
            }),
          ),
        { minLength: 1, maxLength: 8 },
      ),
    );
}

/** A span for tests of one thing. */
export function span(part: Partial<Span> = {}): Span {
  return {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    parentSpanId: '',
    name: 'payment.charge',
    kind: 'internal',
    start: 1544712660000000000n,
    end: 1544712661000000000n,
    status: 'unset',
    attributes: new Map(),
    resource: { attributes: new Map([['service.name', 'shop']]), service: 'shop' },
    scope: '',
    events: [],
    traceState: '',
    ...part,
  };
}
