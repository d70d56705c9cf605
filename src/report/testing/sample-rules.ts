/** Rules for tests of reports: the parts that a report shows, without the compiler. */
import type { SourceText } from '../../diagnostic/diagnostic.ts';
import type { ClauseWitness, Judgment, Witness } from '../../engine/verdict.ts';
import { parseDrawnTrace } from '../../invariant/drawn-trace.ts';
import type { Rule } from '../../invariant/rule.ts';
import type { Span } from '../../trace/span.ts';

const NOWHERE = { start: 0, end: 0 };

/** A rule whose condition stands, on one line, in the file. */
export function sampleRule(
  file: SourceText,
  condition: string,
  fields: Partial<Rule> & { readonly id: string },
): Rule {
  const at = file.text.indexOf(condition);
  if (at === -1) throw new Error(`the file ${file.name} does not hold ${condition}`);
  const source: SourceText = { name: file.name, text: condition };
  const entry = Math.max(file.text.lastIndexOf('- id:', at), 0);
  return {
    name: fields.id,
    invariant: null,
    severity: 'medium',
    category: null,
    enforcement: 'soft-warning',
    environments: null,
    condition: {
      source,
      ast: {
        kind: 'rule',
        range: NOWHERE,
        across: null,
        when: null,
        clauses: [],
        condition: null,
        comments: [],
      },
      across: null,
      each: null,
      trigger: null,
      requirements: [],
    },
    onIncomplete: 'inconclusive',
    raise: null,
    exceptions: [],
    compliance: [],
    owner: null,
    origin: null,
    runbook: null,
    scope: { macros: new Map(), lists: new Map() },
    file,
    range: { start: entry, end: at + condition.length },
    toFileOffset: (offset) => at + offset,
    ...fields,
  };
}

/** The clause that `text` is in the rule's condition. */
export function sampleClause(rule: Rule, text: string): ClauseWitness {
  const start = rule.condition.source.text.indexOf(text);
  if (start === -1) throw new Error(`the rule ${rule.id} does not hold ${text}`);
  return { text, range: { start, end: start + text.length }, line: 1, column: start + 1 };
}

export function sampleJudgment(
  verdict: 'violated' | 'inconclusive',
  witness: Partial<Witness> & { readonly clause: ClauseWitness },
  rest: Partial<Judgment> = {},
): Judgment {
  return {
    verdict,
    reasons: [],
    witness: { trigger: [], missing: [], nearest: null, order: [], spans: [], measures: [], ...witness },
    each: [],
    unknownAttributes: [],
    leftOut: null,
    ...rest,
  };
}

/** The spans of a drawing, in the order of its lines. Throws where the drawing has errors. */
export function drawnSpans(text: string, firstTrace = 1): readonly Span[] {
  const { spans, diagnostics } = parseDrawnTrace({ name: 'drawing', text }, { firstTrace });
  const [problem] = diagnostics;
  if (problem !== undefined) throw new Error(problem.message);
  return spans;
}

/** The span of that place in a drawing. */
export function spanAt(spans: readonly Span[], place: number): Span {
  const span = spans[place];
  if (span === undefined) throw new Error(`no span ${place} in the drawing`);
  return span;
}
