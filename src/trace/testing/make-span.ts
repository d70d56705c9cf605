/** Spans for tests: what is not said is a root of service `svc` from 0 to 1 ns. */
import { type AttributeValue, NO_ATTRIBUTES } from '../attribute-value.ts';
import type { Span } from '../span.ts';

export function makeSpan(
  parts: Partial<Span> & { readonly service?: string; readonly with?: Record<string, AttributeValue> },
): Span {
  const { service = 'svc', with: attributes, ...rest } = parts;
  return {
    traceId: '1'.padStart(32, '0'),
    spanId: '1'.padStart(16, '0'),
    parentSpanId: '',
    name: 'span',
    kind: 'internal',
    start: 0n,
    end: 1n,
    status: 'unset',
    attributes: attributes === undefined ? NO_ATTRIBUTES : new Map(Object.entries(attributes)),
    resource: { attributes: new Map([['service.name', service]]), service },
    scope: '',
    events: [],
    traceState: '',
    ...rest,
  };
}
