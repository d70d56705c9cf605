/** Texts that try to break out of every format at once, and a check of findings made of them. */
import type { CheckFinding, CheckResult } from '../../history/check/check-result.ts';
import type { Rule } from '../../invariant/rule.ts';
import type { Span } from '../../trace/span.ts';
import { drawnSpans, sampleClause, sampleJudgment, sampleRule, spanAt } from './sample-rules.ts';

/** Escape sequences, line ends, XML, Markdown, workflow commands, bidirectional marks, half a surrogate pair, NUL. */
export const HOSTILE_TEXT = [
  '\u001b[31mred\u001b[0m',
  '\r\n::error file=x::forged\n',
  ']]></failure><script>alert(1)</script>',
  '| a | `b` ``` [link](javascript:x) ![x](http://x) <img src=x> @everyone',
  '\u202eright to left\u2069 \u200b\ufeff\u2028\u0085\u009b2J',
  '%0A%3A, \ud800 \u0000 \ufffe & " \'',
  '## heading\n```\nout of the fence\n```\n',
].join(' ');

const BIG = HOSTILE_TEXT.repeat(Math.ceil(1_000_000 / HOSTILE_TEXT.length));

const FILE = {
  name: `rules/${HOSTILE_TEXT}.yaml`,
  text: `rules:\n  - id: hostile\n    condition: a and b // ${HOSTILE_TEXT.replaceAll(/[\r\n\u2028\u0085]/g, ' ')}\n`,
};

const CONDITION = FILE.text.slice(FILE.text.indexOf('a and b'), -1);

export const HOSTILE_RULE: Rule = sampleRule(FILE, CONDITION, {
  id: 'hostile',
  name: HOSTILE_TEXT,
  invariant: HOSTILE_TEXT,
  category: HOSTILE_TEXT,
  owner: HOSTILE_TEXT,
  compliance: [HOSTILE_TEXT],
  runbook: `javascript:${HOSTILE_TEXT}`,
  enforcement: 'hard-block',
});

export const HOSTILE_SPAN: Span = {
  ...spanAt(drawnSpans('svc/a @0ms+10ms\n'), 0),
  name: HOSTILE_TEXT,
  attributes: new Map<string, Span['attributes'] extends ReadonlyMap<string, infer Value> ? Value : never>([
    ['b', BIG],
    [HOSTILE_TEXT, HOSTILE_TEXT],
    ['__proto__', { constructor: 'x' }],
    ['nan', Number.NaN],
    ['huge', 9_007_199_254_740_993n],
    ['bytes', new Uint8Array(5000)],
    ['many', Array.from({ length: 5000 }, (_, place) => place)],
  ]),
  resource: { attributes: new Map(), service: HOSTILE_TEXT },
};

const judgment = sampleJudgment(
  'violated',
  {
    clause: sampleClause(HOSTILE_RULE, CONDITION),
    trigger: [HOSTILE_SPAN],
    missing: [HOSTILE_TEXT, BIG],
    nearest: {
      selector: HOSTILE_TEXT,
      span: HOSTILE_SPAN,
      failed: HOSTILE_TEXT,
      attribute: 'b',
      actual: BIG,
      expected: HOSTILE_TEXT,
    },
    order: [{ relation: 'before', left: HOSTILE_SPAN, right: HOSTILE_SPAN, problem: 'overlap' }],
    measures: [{ text: HOSTILE_TEXT, value: HOSTILE_TEXT }],
  },
  { reasons: [{ kind: 'missing-attribute', attribute: HOSTILE_TEXT, span: HOSTILE_SPAN }] },
);

const finding: CheckFinding = {
  rule: 'hostile',
  judgment,
  scope: {
    kind: 'group',
    key: `k=${HOSTILE_TEXT}`,
    traceIds: [HOSTILE_TEXT, 'b'],
    start: HOSTILE_SPAN.start,
  },
};

export function hostileResult(findings = 1): CheckResult {
  return {
    traces: 1,
    spans: 1,
    repeated: 0,
    conflicting: 0,
    damaged: 0,
    foreign: 0,
    mended: 0,
    rules: [
      {
        id: 'hostile',
        verdicts: { satisfied: 0, violated: findings, not_applicable: 0, inconclusive: 0 },
        leftOut: { environment: 0, exceptions: [{ name: HOSTILE_TEXT, scopes: 1 }] },
        unknownAttributes: [{ attribute: HOSTILE_TEXT, missing: 1, otherType: 1 }],
        keyless: 1,
        unlisted: 0,
      },
    ],
    findings: Array.from({ length: findings }, () => finding),
    diagnostics: [
      {
        code: 'FL501',
        severity: 'error',
        message: HOSTILE_TEXT,
        file: HOSTILE_TEXT,
        line: 1,
        notes: [HOSTILE_TEXT],
        help: HOSTILE_TEXT,
      },
    ],
    stopped: false,
    passes: { scanned: 0, decoded: 0, redone: 0, spilled: 0 },
  };
}
