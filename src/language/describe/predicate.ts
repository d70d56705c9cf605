/** Predicates in English, to stand behind "whose". Negation is carried down to the comparisons, as the logic of unknowns allows. */
import type {
  AttributeNode,
  ComparisonOperator,
  LeftNode,
  ListNode,
  PredicateNode,
  RightNode,
  SpanField,
  TextOperator,
  ValueNode,
} from '../ast.ts';
import type { TestNode } from '../walk.ts';
import { durationWords, list } from './words.ts';

/** "`amount` is greater than 1000, and also either `currency` is "EUR" or `currency` is "USD"" */
export function predicateWords(predicate: PredicateNode): string {
  return groupWords(grouped(predicate, false));
}

/** The predicate as a part of more that is said of the span; `mixed`: an `or` is in it, which must not reach further. */
export function predicateClause(predicate: PredicateNode): {
  readonly words: string;
  readonly mixed: boolean;
} {
  const group = grouped(predicate, false);
  const isOr = group.operator === 'or' && group.parts.length > 1;
  const words = groupWords(group);
  return {
    words: isOr && !words.startsWith('either ') ? `either ${words}` : words,
    mixed: isOr || words.includes(', and also '),
  };
}

/** The attribute of a span: "`amount`", "duration", "resource attribute `host.name`". */
export function attributeWords(attribute: AttributeNode): string {
  if (attribute.where === 'field') return FIELD_WORDS[attribute.name as SpanField];
  return attribute.where === 'resource'
    ? `resource attribute \`${attribute.name}\``
    : `\`${attribute.name}\``;
}

const FIELD_WORDS: Readonly<Record<SpanField, string>> = {
  name: 'name',
  duration: 'duration',
  status: 'status',
  kind: 'kind',
  service: 'service',
  start: 'start',
  end: 'end',
  scope: 'instrumentation scope',
  self: 'time of its own (without its children)',
  events: 'list of event names',
};

interface WordGroup {
  readonly operator: 'and' | 'or';
  readonly parts: readonly (string | WordGroup)[];
}

function grouped(predicate: PredicateNode, negated: boolean): WordGroup {
  switch (predicate.kind) {
    case 'p-not':
      return grouped(predicate.term, !negated);
    case 'p-and':
    case 'p-or': {
      const operator = (predicate.kind === 'p-and') === negated ? 'or' : 'and';
      const parts = predicate.terms.flatMap((term) => {
        const inner = grouped(term, negated);
        return inner.parts.length === 1 || inner.operator === operator ? inner.parts : [inner];
      });
      return { operator, parts };
    }
    default:
      return { operator: 'and', parts: [testWords(predicate, negated)] };
  }
}

/**
 * Which `or` belongs to which `and` is said in words: "either x or y, and also z", "either both x and y, or z". What lies deeper
 * stands in parentheses.
 */
function groupWords({ operator, parts }: WordGroup): string {
  if (parts.every((part) => typeof part === 'string')) return parts.join(` ${operator} `);
  const words = parts.map((part) => (typeof part === 'string' ? part : innerWords(part)));
  return operator === 'and' ? words.join(', and also ') : `either ${words.join(', or ')}`;
}

function innerWords({ operator, parts }: WordGroup): string {
  const words = parts.map((part) => (typeof part === 'string' ? part : `(${groupWords(part)})`));
  const lead = operator === 'or' ? 'either' : words.length === 2 ? 'both' : 'all of';
  return `${lead} ${words.join(` ${operator} `)}`;
}

function testWords(test: TestNode, negated: boolean): string {
  const left = leftWords(test.left);
  switch (test.kind) {
    case 'is-true':
      return `${left} ${negated ? 'is not' : 'is'} true`;
    case 'exists':
      return `${left} ${test.negated === negated ? 'is set' : 'is not set'}`;
    case 'in':
      return `${left} ${test.negated === negated ? 'is' : 'is not'} ${membersWords(test.list)}`;
    case 'test':
      return `${left} ${relationWords(test.left, test.operator, test.right, negated)}`;
  }
}

function leftWords(left: LeftNode): string {
  const name = attributeWords(left.attribute);
  return left.convert === null
    ? name
    : `${name} (read as ${left.convert === 'number' ? 'a number' : 'text'})`;
}

const TEXT_RELATIONS: Readonly<Record<TextOperator, readonly [string, string]>> = {
  matches: ['matches', 'does not match'],
  contains: ['contains', 'does not contain'],
  starts_with: ['starts with', 'does not start with'],
  ends_with: ['ends with', 'does not end with'],
};

function relationWords(
  left: LeftNode,
  operator: ComparisonOperator | TextOperator,
  right: RightNode,
  negated: boolean,
): string {
  const value = rightWords(left, right);
  switch (operator) {
    case '==':
    case '!=': {
      const equal = (operator === '==') !== negated;
      if (right.kind === 'reference') return `${equal ? 'equals' : 'differs from'} ${value}`;
      return `${equal ? 'is' : 'is not'} ${value}`;
    }
    case '>':
    case '>=':
    case '<':
    case '<=':
      return `${negated ? 'is not' : 'is'} ${orderWords(operator, right.kind === 'duration')} ${value}`;
    default:
      return `${TEXT_RELATIONS[operator][negated ? 1 : 0]} ${value}`;
  }
}

/** "greater than", "at most"; of durations "longer than". */
export function orderWords(operator: '>' | '>=' | '<' | '<=', ofDurations: boolean): string {
  switch (operator) {
    case '>':
      return ofDurations ? 'longer than' : 'greater than';
    case '<':
      return ofDurations ? 'shorter than' : 'less than';
    case '>=':
      return 'at least';
    case '<=':
      return 'at most';
  }
}

function rightWords(left: LeftNode, right: RightNode): string {
  if (right.kind === 'duration') return durationWords(right.nanos);
  if (right.kind === 'value') {
    const { where, name } = left.attribute;
    // Of these every value is a word that OpenTelemetry gives.
    const isEnumerated = where === 'field' && (name === 'status' || name === 'kind');
    return isEnumerated ? String(right.value) : valueWords(right);
  }
  const { attribute } = right;
  if (right.of === 'this') return `its own ${attributeWords(attribute)}`;
  const same = attribute.where === left.attribute.where && attribute.name === left.attribute.name;
  return same ? `that of ${right.of}` : `the ${attributeWords(attribute)} of ${right.of}`;
}

function valueWords(value: ValueNode): string {
  return typeof value.value === 'string' ? `"${value.value}"` : value.raw;
}

/** "the list $name (values)": said once in a sentence, see describeRule. */
function listWithValues(name: string, values: string): string {
  return `the list $${name} (${values})`;
}

/** How a list is called with its values and without them. */
export function listWords(members: ListNode): { readonly full: string; readonly short: string } | null {
  if (members.kind !== 'list-macro') return null;
  return { full: membersWords(members).replace(/^in /, ''), short: `the list $${members.name}` };
}

const MOST_MEMBERS = 8;

function membersWords(members: ListNode): string {
  const values = (members.values ?? []).map(valueWords);
  const shown = values.slice(0, MOST_MEMBERS);
  if (values.length > shown.length) shown.push(`${values.length - shown.length} more`);
  const words = list(shown, 'or');
  if (members.kind === 'list-macro') {
    return words === '' ? `in the list $${members.name}` : `in ${listWithValues(members.name, words)}`;
  }
  return values.length === 1 ? words : `one of ${words}`;
}
