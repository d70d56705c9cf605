import type { CodeEntry } from '../codes.ts';

/** Problems of drawn traces and of rule tests. */
export const RULE_TEST_CODES = {
  FL601: {
    name: 'drawn-line',
    title: 'A line of a drawn trace is a span',
    explanation:
      'A line of a drawn trace is `service/name @start+duration`, then attributes in braces and a label (`#charge`) where wanted. `(missing)` stands for a span that never arrived, `---` begins the next trace, and a line that begins with `//` is a comment.',
    bad: 'payment.charge 120ms',
    good: 'payment/payment.charge @120ms+80ms',
  },
  FL602: {
    name: 'drawn-indentation',
    title: 'Indentation of a drawn trace gives the parent',
    explanation:
      'A span is the child of the nearest line above it that is indented less. A line that goes back must go back to the indentation of a line that is still open, and tabs have no width to compare.',
    bad: 'shop/checkout @0ms+9ms\n    shop/a @1ms+2ms\n  shop/b @3ms+2ms',
    good: 'shop/checkout @0ms+9ms\n  shop/a @1ms+2ms\n  shop/b @3ms+2ms',
  },
  FL603: {
    name: 'drawn-field',
    title: 'What a drawn span says of itself can be read',
    explanation:
      'The braces of a drawn span are a YAML map of attributes. `span.status`, `span.kind`, `span.scope`, `span.events`, `span.tracestate`, `span.id` and `span.parent` set fields of the span, and `resource.` an attribute of its resource. An attribute has a value; a label names one span.',
    bad: 'shop/checkout @0ms+9ms {span.status: failed}',
    good: 'shop/checkout @0ms+9ms {span.status: error}',
  },
} as const satisfies Record<string, CodeEntry>;
