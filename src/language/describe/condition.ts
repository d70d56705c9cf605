/**
 * Conditions in English, as facts ("the trace has no `b` span") and as demands ("the trace must have no `b` span"). Negation is
 * carried down to the terms, as Kleene's logic allows, so that no sentence says "not" of a whole list.
 */
import type { CompareNode, ComparisonOperator, ConditionNode, MeasureNode } from '../ast.ts';
import { MIRRORED, NEGATED } from '../operators.ts';
import { attributeWords, orderWords, predicateWords } from './predicate.ts';
import { nounWords, someSpan, whoseWords } from './selector.ts';
import { durationWords, list } from './words.ts';

/** Whom a sentence speaks of: "the trace has", or "there is" where it speaks of every trace or of a group. */
interface Subject {
  readonly named: boolean;
  /** How it is called at its first mention in a condition, and from then on. */
  readonly first: string;
  readonly again: string;
}

export const A_TRACE: Subject = { named: true, first: 'a trace', again: 'the trace' };
export const THE_TRACE: Subject = { named: true, first: 'the trace', again: 'the trace' };
export const THERE: Subject = { named: false, first: 'there', again: 'there' };

/** "a trace has an `a` span and no `b` span, and ..." */
export function factWords(condition: ConditionNode, subject: Subject, negated = false): string {
  return groupFact(grouped(condition, negated), subject);
}

/** What must hold, in pieces to be joined by `and`; two pieces of one subject share it. */
export function demandWords(condition: ConditionNode, subject: Subject, negated: boolean): string {
  if (negated && condition.kind === 'and') {
    return `it must never be that ${factWords(condition, subject)}`;
  }
  if (condition.kind === 'not') return demandWords(condition.term, subject, !negated);
  return groupDemand(grouped(condition, negated), subject);
}

/** A term that a `has` can carry ("no `b` span", "at most 2 `b` spans"), or a clause with a subject of its own. */
type Term =
  | { readonly kind: 'object'; readonly words: string; readonly plural: boolean; readonly mustNot?: string }
  | { readonly kind: 'clause'; readonly fact: string; readonly demand: string };

interface TermGroup {
  readonly kind: 'group';
  readonly operator: 'and' | 'or';
  readonly parts: readonly (Term | TermGroup)[];
}

function grouped(condition: ConditionNode, negated: boolean): TermGroup {
  switch (condition.kind) {
    case 'not':
      return grouped(condition.term, !negated);
    case 'and':
    case 'or': {
      const operator = (condition.kind === 'and') === negated ? 'or' : 'and';
      const parts = condition.terms.flatMap((term) => {
        const inner = grouped(term, negated);
        return inner.parts.length === 1 || inner.operator === operator ? inner.parts : [inner];
      });
      return { kind: 'group', operator, parts };
    }
    default:
      return { kind: 'group', operator: 'and', parts: [termWords(condition, negated)] };
  }
}

function termWords(
  condition: Exclude<ConditionNode, { kind: 'and' | 'or' | 'not' }>,
  negated: boolean,
): Term {
  switch (condition.kind) {
    case 'has': {
      const one = someSpan(condition.selector);
      if (!negated) return { kind: 'object', words: one, plural: false };
      return {
        kind: 'object',
        words: `no ${nounWords(condition.selector, 'span')}`,
        plural: false,
        mustNot: one,
      };
    }
    case 'all': {
      const noun = `every ${nounWords(condition.selector, 'span')}`;
      const one = `one ${whoseWords(predicateWords(condition.predicate))}`;
      return negated
        ? { kind: 'clause', fact: `not ${noun} is ${one}`, demand: `not ${noun} may be ${one}` }
        : { kind: 'clause', fact: `${noun} is ${one}`, demand: `${noun} must be ${one}` };
    }
    case 'compare':
      return compareWords(condition, negated);
  }
}

function compareWords({ left, operator: written, right }: CompareNode, negated: boolean): Term {
  const operator = negated ? NEGATED[written] : written;
  if (left.kind === 'count' && right.kind === 'number') return countWords(left, operator, right.raw);
  if (left.kind === 'trace-duration' && right.kind === 'duration') {
    const value = durationWords(right.nanos);
    if (operator === '!=') {
      return {
        kind: 'clause',
        fact: `the trace does not last exactly ${value}`,
        demand: `the trace must not last exactly ${value}`,
      };
    }
    const length = `${operator === '==' ? 'exactly' : orderWords(operator, true)} ${value}`;
    return { kind: 'clause', fact: `the trace lasts ${length}`, demand: `the trace must last ${length}` };
  }
  if (right.kind !== 'number' && right.kind !== 'duration' && left.kind === 'trace-duration') {
    return relationTerm(measureWords(right), MIRRORED[operator], measureWords(left), true);
  }
  const value =
    right.kind === 'number'
      ? right.raw
      : right.kind === 'duration'
        ? durationWords(right.nanos)
        : measureWords(right);
  return relationTerm(measureWords(left), operator, value, false);
}

function relationTerm(left: string, operator: ComparisonOperator, right: string, ofDurations: boolean): Term {
  if (operator === '==') {
    return { kind: 'clause', fact: `${left} equals ${right}`, demand: `${left} must equal ${right}` };
  }
  if (operator === '!=') {
    return { kind: 'clause', fact: `${left} is not ${right}`, demand: `${left} must not be ${right}` };
  }
  const relation = `${orderWords(operator, ofDurations)} ${right}`;
  return { kind: 'clause', fact: `${left} is ${relation}`, demand: `${left} must be ${relation}` };
}

function countWords(
  { selector }: Extract<MeasureNode, { kind: 'count' }>,
  operator: ComparisonOperator,
  number: string,
): Term {
  const plural = number !== '1';
  const noun = nounWords(selector, plural ? 'spans' : 'span');
  const none = number === '0';
  if (none && (operator === '==' || operator === '<=')) {
    return {
      kind: 'object',
      words: `no ${nounWords(selector, 'span')}`,
      plural: false,
      mustNot: someSpan(selector),
    };
  }
  if (none && (operator === '>' || operator === '!=')) {
    return { kind: 'object', words: someSpan(selector), plural: false };
  }
  switch (operator) {
    case '==':
      return { kind: 'object', words: `exactly ${number} ${noun}`, plural };
    case '!=':
      return {
        kind: 'clause',
        fact: `the number of ${nounWords(selector, 'spans')} is not ${number}`,
        demand: `the number of ${nounWords(selector, 'spans')} must not be ${number}`,
      };
    case '<':
      return { kind: 'object', words: `fewer than ${number} ${noun}`, plural };
    case '>':
      return { kind: 'object', words: `more than ${number} ${noun}`, plural };
    case '<=':
      return { kind: 'object', words: `at most ${number} ${noun}`, plural };
    case '>=':
      return { kind: 'object', words: `at least ${number} ${noun}`, plural };
  }
}

function measureWords(measure: MeasureNode): string {
  switch (measure.kind) {
    case 'count':
      return `the number of ${nounWords(measure.selector, 'spans')}`;
    case 'distinct':
      return `the number of different values of ${attributeWords(measure.attribute)} among ${nounWords(measure.selector, 'spans')}`;
    case 'sum':
      return `the sum of ${attributeWords(measure.attribute)} over ${nounWords(measure.selector, 'spans')}`;
    case 'trace-duration':
      return 'the duration of the trace';
  }
}

/** Objects that follow each other share one verb; groups within groups stand in parentheses. */
function groupFact({ operator, parts }: TermGroup, subject: Subject): string {
  const clauses: string[] = [];
  for (const run of runsOf(parts)) {
    const name = clauses.length === 0 ? subject.first : subject.again;
    if (Array.isArray(run)) {
      clauses.push(`${name} ${subject.named ? 'has' : beWord(run)} ${objectList(run, operator)}`);
    } else if (run.kind === 'group') {
      clauses.push(`(${groupFact(run, { ...subject, first: name })})`);
    } else clauses.push(clauses.length === 0 ? inPlace(run.fact, subject) : run.fact);
  }
  return list(clauses, operator);
}

/** "a trace lasts": a clause about the trace itself takes the name that the trace has at its first mention. */
function inPlace(fact: string, subject: Subject): string {
  return subject.named ? fact.replace(/^the trace\b/, subject.first) : fact;
}

function groupDemand(group: TermGroup, subject: Subject): string {
  const { operator, parts } = group;
  if (operator === 'or' && parts.length > 1) {
    const objects = parts.every((part) => part.kind === 'object') ? parts : null;
    if (objects === null) return `it must be that ${groupFact(group, subject)}`;
    return `${subject.again} must ${subject.named ? 'have' : 'be'} ${objectList(objects, 'or')}`;
  }
  const demands = runsOf(parts).map((run) => {
    if (!Array.isArray(run)) return run.kind === 'group' ? groupDemand(run, subject) : run.demand;
    const [only] = run;
    if (run.length === 1 && only?.mustNot !== undefined && subject.named) {
      return `${subject.again} must not have ${only.mustNot}`;
    }
    return `${subject.again} must ${subject.named ? 'have' : 'be'} ${objectList(run, 'and')}`;
  });
  return joinDemands(demands);
}

/** Joins demands; one that has the subject of the one before it leaves it out. */
export function joinDemands(demands: readonly string[]): string {
  let subject = '';
  const shared = demands.map((demand) => {
    const at = demand.indexOf(' must ');
    const own = demand.slice(0, at);
    const repeats = own === subject && own !== 'there' && own !== 'it';
    subject = own;
    return repeats ? demand.slice(at + 1) : demand;
  });
  return list(shared, 'and');
}

type ObjectTerm = Extract<Term, { kind: 'object' }>;

function runsOf(
  parts: readonly (Term | TermGroup)[],
): (ObjectTerm[] | Exclude<Term, ObjectTerm> | TermGroup)[] {
  const runs: (ObjectTerm[] | Exclude<Term, ObjectTerm> | TermGroup)[] = [];
  for (const part of parts) {
    const last = runs[runs.length - 1];
    if (part.kind !== 'object') runs.push(part);
    else if (Array.isArray(last)) last.push(part);
    else runs.push([part]);
  }
  return runs;
}

function objectList(objects: readonly ObjectTerm[], operator: 'and' | 'or'): string {
  return list(
    objects.map((object) => object.words),
    operator,
  );
}

function beWord(objects: readonly ObjectTerm[]): 'is' | 'are' {
  return objects[0]?.plural === true ? 'are' : 'is';
}
