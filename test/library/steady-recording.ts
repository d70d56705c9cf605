/** A recording with ids and times that are the same in every run, for output that is printed in documents. */
import type { Attributes, AttributeValue } from '../../src/trace/attribute-value.ts';
import { SPAN_KINDS, type Span } from '../../src/trace/span.ts';

const EPOCH = 1_767_600_000_000_000_000n;
const STEP = 10_000_000n;

/**
 * One OTLP/JSON request of spans in the order in which they ended. Each span without children takes 10 ms, one after the other, and
 * parents reach from the first to the last of their children. Overlaps are lost: print nothing here that is about one.
 */
export function steadyRequest(spans: readonly Span[]): string {
  const traceIds = numbered(spans.map(({ traceId }) => traceId));
  const spanIds = numbered(spans.map(({ traceId, spanId }) => traceId + spanId));
  const times = new Map<Span, { start: bigint; end: bigint }>();
  let time = EPOCH;
  for (const span of spans) {
    const children = spans.filter(
      (child) => child.traceId === span.traceId && child.parentSpanId === span.spanId,
    );
    const [first] = children;
    const start = (first === undefined ? undefined : times.get(first)?.start) ?? time;
    if (first === undefined) time += STEP;
    times.set(span, { start, end: time });
  }
  const resourceSpans = spans.map((span) => ({
    resource: { attributes: attributesOf(span.resource.attributes) },
    scopeSpans: [
      {
        scope: { name: span.scope },
        spans: [
          {
            traceId: hex(traceIds.get(span.traceId), 32),
            spanId: hex(spanIds.get(span.traceId + span.spanId), 16),
            parentSpanId:
              span.parentSpanId === '' ? '' : hex(spanIds.get(span.traceId + span.parentSpanId), 16),
            name: span.name,
            kind: SPAN_KINDS.indexOf(span.kind),
            startTimeUnixNano: String(times.get(span)?.start),
            endTimeUnixNano: String(times.get(span)?.end),
            attributes: attributesOf(span.attributes),
            status: { code: span.status === 'error' ? 2 : 0 },
          },
        ],
      },
    ],
  }));
  return `${JSON.stringify({ resourceSpans })}\n`;
}

/** From 1, in the order met. */
function numbered(ids: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...new Set(ids)].map((id, index) => [id, index + 1]));
}

function hex(number: number | undefined, digits: number): string {
  return (number ?? 0).toString(16).padStart(digits, '0');
}

function attributesOf(attributes: Attributes): unknown[] {
  return [...attributes]
    .filter(([key]) => !key.startsWith('telemetry.sdk.'))
    .map(([key, value]) => ({ key, value: otlpValue(value) }));
}

function otlpValue(value: AttributeValue): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  throw new Error(`the examples send no attribute of type ${typeof value}`);
}
