/** The check list of an instrumentation: for each span what must be set, and where it must stand. */
import { durationWords, list } from '../describe/words.ts';
import type { AttributeNeed, RelationNeed, SpanNeed, SpanRole } from '../needs.ts';
import { printMatcher } from '../print.ts';
import type { ExampleValue } from './example.ts';

export interface ChecklistEntry {
  /** The span as the rule names it. */
  readonly span: string;
  readonly role: SpanRole;
  /** Why the rule looks at it. */
  readonly why: string;
  /** What to do, an imperative sentence each. */
  readonly items: readonly string[];
}

const ROLE_WORDS: Readonly<Record<SpanRole, string>> = {
  trigger: 'it makes the rule apply',
  required: 'the rule demands it',
  counted: 'the rule counts it, adds it up or looks at all of them',
  related: 'another span is related to it',
  watched: 'the rule forbids it with certain attributes',
  forbidden: 'the rule forbids it: the span must be made wherever it happens, or nobody sees that it did',
};

export function checklistOf(needs: readonly SpanNeed[]): ChecklistEntry[] {
  return needs.map((need) => ({
    span: printMatcher(need.matcher),
    role: need.role,
    why: ROLE_WORDS[need.role],
    items: [
      nameItem(need),
      ...need.attributes.map((attribute) => attributeItem(attribute, needs)),
      ...need.fields.flatMap(fieldItem),
      ...need.relations.map((relation) =>
        relation.optional ? `or, instead: ${relationItem(relation, needs)}` : relationItem(relation, needs),
      ),
      ...(need.atLeast > 1 ? [`make at least ${need.atLeast} of them`] : []),
    ],
  }));
}

function nameItem({ matcher }: SpanNeed): string {
  switch (matcher.kind) {
    case 'wildcard':
      return `name the span so that \`${matcher.pattern}\` matches`;
    case 'regex':
      return `name the span so that the expression \`${matcher.pattern}\` matches all of the name`;
    default:
      return `name the span \`${matcher.name}\`, exactly`;
  }
}

function attributeItem(
  { where, name, expects, example, sameAs, key }: AttributeNeed,
  needs: readonly SpanNeed[],
): string {
  const what = where === 'resource' ? `resource attribute \`${name}\`` : `attribute \`${name}\``;
  const type = expects === 'any' ? '' : ` as ${TYPE_WORDS[expects]}`;
  const value = example === null ? '' : `, for example ${exampleWords(example)}`;
  const same =
    sameAs === null ? '' : `: the same value as \`${sameAs.attribute}\` of \`${needs[sameAs.span]?.name}\``;
  const keyed = key ? '; it brings the traces together' : '';
  return `set the ${what}${type}${same === '' ? value : same}${keyed}`;
}

const TYPE_WORDS = {
  number: 'a number (not as text)',
  text: 'text',
  boolean: 'a boolean (not as text)',
  array: 'an array',
} as const;

function exampleWords(value: ExampleValue): string {
  return `\`${JSON.stringify(value)}\``;
}

function fieldItem({ field, value }: SpanNeed['fields'][number]): string[] {
  switch (field) {
    case 'status':
      return [
        "set the status to error when it fails; the SDK leaves it unset otherwise (Python's `with start_as_current_span` sets it on an exception)",
      ];
    case 'kind':
      return [`set the kind${value === null ? '' : ` to ${value}`}`];
    case 'service':
      return [
        `set \`service.name\`${value === null ? '' : ` to \`${value}\``} in the resource of the process`,
      ];
    case 'scope':
      return [`take the tracer of the name${value === null ? '' : ` \`${value}\``} that the rule asks for`];
    case 'events':
      return [
        `add the event${value === null ? '' : ` \`${value}\``} that the rule asks for (\`recordException\` adds \`exception\`)`,
      ];
    case 'duration':
    case 'self':
    case 'start':
    case 'end':
      return ['start the span right before the work and end it right after: the rule looks at its times'];
    case 'name':
      return [];
  }
}

function relationItem({ kind, span, within }: RelationNeed, needs: readonly SpanNeed[]): string {
  const other = `\`${needs[span]?.name}\``;
  const gap = within === null ? '' : `, at most ${durationWords(within)} apart`;
  switch (kind) {
    case 'before':
      return `end it before ${other} starts${gap}`;
    case 'after':
      return `start it after ${other} has ended${gap}`;
    case 'child_of':
      return `start it while ${other} is the active span: its parent must be that span`;
    case 'inside':
      return `start it somewhere inside of ${other}, with no trace of its own in between`;
  }
}

/** "`a`, `b` and `c`" */
export function namesWords(names: readonly string[]): string {
  return list(
    names.map((name) => `\`${name}\``),
    'and',
  );
}
