/** Problems of drawn traces and of rule tests. */
import type { CodeEntry } from '../codes.ts';

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
      'The braces of a drawn span are a YAML map of attributes. `span.status`, `span.kind`, `span.scope`, `span.events`, `span.tracestate`, `span.sampled`, `span.id` and `span.parent` set fields of the span, and `resource.` an attribute of its resource. An attribute has a value; a label names one span.',
    bad: 'shop/checkout @0ms+9ms {span.status: failed}',
    good: 'shop/checkout @0ms+9ms {span.status: error}',
  },
  FL604: {
    name: 'late-span-not-drawn',
    title: 'A span that arrives late is a span of the drawing',
    explanation:
      '`arrive` names spans by their name, or by their label in quotes. A name that no line of the drawing has would delay nothing, and the test would show nothing.',
    bad: 'rules: payment.yaml\ntests:\n  - name: late\n    trace: shop/stock.reserve @0ms+5ms\n    arrive: { stock.resrve: +40s }\n    expect: [{ at: 15s, a-then-b: violated }]\n',
    good: 'rules: payment.yaml\ntests:\n  - name: late\n    trace: shop/stock.reserve @0ms+5ms\n    arrive: { stock.reserve: +40s }\n    expect: [{ at: 15s, a-then-b: violated }]\n',
  },
  FL606: {
    name: 'unknown-rule-in-test',
    title: 'A test names rules of the files that it tests',
    explanation:
      'A rule id in `expect` is one of the rule files behind `rules:`. An id that is not there is most often misspelt, or belongs to a file that `rules:` does not name.',
  },
  FL607: {
    name: 'duplicate-test-name',
    title: 'A test name stands in a file once',
    explanation:
      'Reports name a test by its file and its name. Two tests of one name could not be told apart.',
    bad: 'rules: payment.yaml\ntests:\n  - { name: a, trace: shop/a @0ms+1ms, expect: {} }\n  - { name: a, trace: shop/b @0ms+1ms, expect: {} }\n',
    good: 'rules: payment.yaml\ntests:\n  - { name: a, trace: shop/a @0ms+1ms, expect: {} }\n  - { name: b, trace: shop/b @0ms+1ms, expect: {} }\n',
  },
  FL608: {
    name: 'nothing-tested',
    title: 'A test has something to judge',
    explanation: 'A file of rule tests names rules and has tests, and each test draws at least one span.',
    bad: 'rules: payment.yaml\ntests:\n  - name: empty\n    trace: |\n      // to be drawn\n    expect: {}\n',
    good: 'rules: payment.yaml\ntests:\n  - name: nothing paid\n    trace: |\n      shop/checkout @0ms+5ms\n    expect: {}\n',
  },
  FL609: {
    name: 'rules-of-test-not-found',
    title: 'The rule file of a test can be read',
    explanation:
      'The paths behind `rules:` are read from the folder of the test file. The file named is not there, or cannot be read.',
  },
  FL610: {
    name: 'mutation-needs-passing-tests',
    title: 'Rules are mutated when their tests pass',
    explanation:
      'Mutation shows whether some test fails when a rule is changed. A test that fails already, or that cannot be run, shows nothing, so the numbers would be wrong. Make the tests pass, then run `fluo test --mutate` again.',
  },
} as const satisfies Record<string, CodeEntry>;
