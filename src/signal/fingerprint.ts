/**
 * What makes two violations the same signal: the rule, the clause that decided, the two services concerned, and the kinds of values that the clause
 * compares. Never the trace, an id, a number, or a word that only the span has. Equal for equal violations in every process and every order.
 */
import { createHash } from 'node:crypto';
import type { Judgment, Witness } from '../engine/verdict.ts';
import type { AttributeNode, ValueNode } from '../language/ast.ts';
import type { CompiledRule } from '../language/compiled-rule.ts';
import { printAttribute } from '../language/print.ts';
import { type TestNode, walkRule } from '../language/walk.ts';
import type { Span } from '../trace/span.ts';
import { normalisedValue } from './normalised-value.ts';
import type { ServicePair, SignalKind } from './signal.ts';

/**
 * Raised when the way of making fingerprints changes: signals of two versions are never taken for one another. Version 1 kept every value that looked like
 * a word, names of people too; its signals stay as they are.
 */
export const FINGERPRINT_VERSION = 2;

const LONGEST_CLAUSE = 2_000;
const MOST_ATTRIBUTES = 16;

export interface Violation {
  readonly ruleId: string;
  readonly condition: CompiledRule;
  readonly judgment: Judgment;
  /** Of the first span that triggered the rule. */
  readonly service: string;
}

/** `coarse`: without services and values, for a rule whose violations are of too many kinds. Cost: linear in rule and witness. */
export function kindOf(violation: Violation, grain: 'fine' | 'coarse' = 'fine'): SignalKind {
  const { witness } = violation.judgment;
  const clause = oneLine(witness?.clause.text ?? violation.condition.source.text);
  const pair = grain === 'coarse' ? { trigger: '', other: '' } : servicePair(violation.service, witness);
  const attributes =
    grain === 'coarse' || witness === null ? [] : comparedAttributes(violation.condition, witness);
  const parts = [FINGERPRINT_VERSION, violation.ruleId, clause, pair.trigger, pair.other, attributes];
  const fingerprint = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return { fingerprint, fingerprintVersion: FINGERPRINT_VERSION, clause, pair, attributes };
}

/** Blanks and comments out, but for those within quotes: formatting a rule changes no fingerprint. */
function oneLine(clause: string): string {
  const parts = clause.match(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\s+|[^"\s/]+|[/"]/g) ?? [];
  const joined = parts
    .map((part) => (part.startsWith('//') || /^\s/.test(part) ? ' ' : part))
    .join('')
    .replace(/ +/g, ' ')
    .trim();
  return joined.slice(0, LONGEST_CLAUSE);
}

/** The nearest miss is left out: which span comes nearest differs from trace to trace. */
function servicePair(trigger: string, witness: Witness | null): ServicePair {
  if (witness === null) return { trigger, other: '' };
  const deciding = [...witness.spans, ...witness.order.flatMap(({ left, right }) => [left, right])];
  const others = deciding
    .map((span) => span.resource.service)
    .filter((service) => service !== trigger && service !== '');
  return { trigger, other: others.sort()[0] ?? '' };
}

/** The attributes that the deciding clause compares, in order of their names, with the kind of value of the first deciding span. */
function comparedAttributes(condition: CompiledRule, witness: Witness): SignalKind['attributes'] {
  const { start, end } = witness.clause.range;
  const compared = new Map<string, AttributeNode>();
  walkRule(condition, {
    attribute(attribute, _by, at) {
      if (at.start >= start && at.end <= end) compared.set(printAttribute(attribute), attribute);
    },
  });
  const span = decidingSpan(witness);
  const literals = literalsOf(condition);
  return [...compared]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MOST_ATTRIBUTES)
    .map(([name, attribute]) => ({
      name,
      value: span === null ? '*' : kindOfValue(span, attribute, literals.get(name) ?? NO_LITERALS),
    }));
}

const NO_LITERALS: ReadonlySet<string> = new Set();

/** The texts that the rule compares its attributes with, by attribute as printed. */
function literalsOf(condition: CompiledRule): ReadonlyMap<string, ReadonlySet<string>> {
  const literals = new Map<string, Set<string>>();
  walkRule(condition, {
    test(test) {
      const name = printAttribute(test.left.attribute);
      for (const { value } of valuesOf(test)) {
        if (typeof value !== 'string') continue;
        const known = literals.get(name) ?? new Set();
        literals.set(name, known.add(value));
      }
    },
  });
  return literals;
}

function valuesOf(test: TestNode): readonly ValueNode[] {
  if (test.kind === 'in') return test.list.values ?? [];
  return test.kind === 'test' && test.right.kind === 'value' ? [test.right] : [];
}

function decidingSpan(witness: Witness): Span | null {
  return witness.spans[0] ?? witness.order[0]?.left ?? null;
}

/** A span's own status and kind are one of a few. */
function kindOfValue(span: Span, { where, name }: AttributeNode, literals: ReadonlySet<string>): string {
  if (where === 'field') return name === 'status' ? span.status : name === 'kind' ? span.kind : '*';
  const own = where === 'any' ? span.attributes.get(name) : undefined;
  return normalisedValue(name, own ?? span.resource.attributes.get(name), literals);
}
