/** A line of OTLP/JSON as the Collector's file exporter writes it, for tests. */

interface LineSpan {
  readonly name: string;
  readonly service?: string;
  /** Milliseconds after the beginning. */
  readonly start?: number;
  readonly duration?: number;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

const BEGINNING = 1_767_225_600_000n;

/** One trace with a root called `root` around its spans. `number` makes the ids. */
export function otlpLine(number: number, spans: readonly LineSpan[]): string {
  const traceId = number.toString(16).padStart(32, '0');
  const rootId = spanIdOf(number, 0);
  const root: LineSpan = { name: 'root', start: 0, duration: 1_000 };
  const resourceSpans = [root, ...spans].map((span, index) => ({
    resource: { attributes: [attribute('service.name', span.service ?? 'shop')] },
    scopeSpans: [
      {
        scope: { name: 'test' },
        spans: [
          {
            traceId,
            spanId: spanIdOf(number, index),
            ...(index === 0 ? {} : { parentSpanId: rootId }),
            name: span.name,
            kind: 1,
            startTimeUnixNano: nanos(span.start ?? index * 10),
            endTimeUnixNano: nanos((span.start ?? index * 10) + (span.duration ?? 5)),
            attributes: Object.entries(span.attributes ?? {}).map(([key, value]) => attribute(key, value)),
          },
        ],
      },
    ],
  }));
  return `${JSON.stringify({ resourceSpans })}\n`;
}

function spanIdOf(trace: number, index: number): string {
  return (trace * 1_000 + index + 1).toString(16).padStart(16, '0');
}

function nanos(milliseconds: number): string {
  return String((BEGINNING + BigInt(milliseconds)) * 1_000_000n);
}

function attribute(key: string, value: string | number | boolean) {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
}
