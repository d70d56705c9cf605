/** What a test compares can be compared: a number with a number, a status with a status, a time with a time. */
import { didYouMean } from '../../base/suggest.ts';
import { SPAN_KINDS, SPAN_STATUSES } from '../../trace/span.ts';
import type { ComparisonTestNode, MembershipTestNode, RightNode, ValueNode } from '../ast.ts';
import { shorten } from '../lexer.ts';
import type { Problem } from '../problems.ts';
import { isKeyword, isWord, quoted } from '../tokens/words.ts';
import type { Visitor } from '../walk.ts';
import type { CheckContext } from './context.ts';
import { attributeText, type StaticType, typeOfLeft, typeOfRight, typeOfValue } from './field-types.ts';

type Fault = Omit<Problem, 'range'>;

export function comparableTypes({ problems, scope }: CheckContext): Visitor {
  return {
    test(test) {
      const { left } = test;
      const name = shorten(attributeText(left.attribute));
      if (left.convert !== null && left.attribute.where === 'field') {
        problems.report({
          code: 'FL226',
          range: left.range,
          message: `\`span.${left.attribute.name}\` has a type already, and is not converted`,
          help: `write \`${name}\` without \`${left.convert}(...)\``,
          // Of another field the comparison would be wrong without it, too.
          fix:
            left.convert === 'text' && typeOfLeft({ ...left, convert: null }) === 'text'
              ? { range: left.range, text: name }
              : undefined,
        });
        return;
      }
      if (test.kind === 'exists') {
        if (left.attribute.where === 'field' && !MAY_BE_MISSING.has(left.attribute.name))
          problems.report({ ...fieldExists(left.attribute.name), range: test.range });
      } else if (test.kind === 'is-true') {
        if (left.attribute.where === 'field' || left.convert !== null) {
          const said = left.convert === null ? name : `${left.convert}(${name})`;
          problems.report({ ...notTrue(said, typeOfLeft(left)), range: test.range });
        }
      } else if (test.kind === 'test') {
        const fault = faultOfTest(test, name);
        // Where the operator is at fault, the whole test is shown.
        const { range } = fault?.code === 'FL219' ? test : test.right;
        if (fault !== null) problems.report({ ...fault, range });
      } else {
        const values = test.list.kind === 'list' ? test.list.values : (scope.lists.get(test.list.name) ?? []);
        const fault = faultOfField(test, name);
        if (fault !== null) {
          problems.report({ ...fault, range: test.range });
          return;
        }
        for (const value of values) {
          const isNode = typeof value === 'object';
          const said = isNode ? said_(value) : typeof value === 'string' ? quoted(value) : String(value);
          const member = faultOfMember(typeOfLeft(left), isNode ? value.value : value, name, said);
          if (member !== null) problems.report({ ...member, range: isNode ? value.range : test.list.range });
        }
      }
    },
  };
}

/** An empty name of a service or of an instrumentation scope does not exist. */
const MAY_BE_MISSING: ReadonlySet<string> = new Set(['service', 'scope']);

function fieldExists(field: string): Fault {
  return {
    code: 'FL228',
    message: `every span has \`span.${field}\`, and \`exists\` asks nothing of it`,
    help:
      field === 'events'
        ? 'ask for an event by its name: `span.events contains exception`'
        : 'compare it with a value, or ask `exists` of an attribute',
  };
}

function notTrue(said: string, type: StaticType): Fault {
  return {
    code: 'FL227',
    message: `\`${said}\` stands alone, and is never true or false`,
    help:
      type === 'events'
        ? 'write `span.events contains exception`'
        : `compare it with a value, as in \`${said} == ...\``,
  };
}

/** A value as it was written. */
function said_(value: ValueNode): string {
  return typeof value.value === 'string' && !value.bare ? quoted(value.value) : value.raw;
}

function sayRight(right: RightNode): string {
  if (right.kind === 'reference') return shorten(`${right.of}.${attributeText(right.attribute)}`);
  return shorten(right.kind === 'value' ? said_(right) : right.raw);
}

function faultOfTest(test: ComparisonTestNode, name: string): Fault | null {
  switch (test.operator) {
    case 'matches':
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return faultOfTextTest(test, name);
    default:
      return faultOfComparison(test, name);
  }
}

function faultOfTextTest({ left, operator, right }: ComparisonTestNode, name: string): Fault | null {
  const type = typeOfLeft(left);
  if (type !== 'any' && type !== 'text' && !(type === 'events' && operator === 'contains')) {
    return type === 'number'
      ? different(`number(${name})`, 'a number', `\`${operator}\` asks about texts`)
      : unsuited(name, type, operator);
  }
  if (right.kind === 'reference') {
    const other = typeOfRight(right);
    if (operator !== 'matches' && (other === 'any' || other === 'text')) return null;
    return {
      code: 'FL215',
      message:
        operator === 'matches'
          ? `\`matches\` takes a regular expression that is written in the rule, and \`${sayRight(right)}\` is an attribute`
          : `\`${operator}\` takes a text, and \`${sayRight(right)}\` is none`,
      help:
        operator === 'matches'
          ? 'write the expression in quotes; attributes are compared with `==`, `contains`, `starts_with` or `ends_with`'
          : 'write a text, or an attribute that holds one',
    };
  }
  if (right.kind === 'value' && typeof right.value === 'string') return null;
  // An attribute may be an array of numbers or booleans, and be asked for an element.
  if (right.kind === 'value' && operator === 'contains' && type === 'any' && left.convert === null)
    return null;
  const raw = shorten(right.raw);
  return {
    code: 'FL215',
    message: `\`${operator}\` takes a text, and \`${raw}\` is ${articled(typeOfRight(right))}`,
    help: `quote the text: \`${name} ${operator} ${quoted(raw)}\``,
    fix: { range: right.range, text: quoted(right.raw) },
  };
}

function faultOfComparison({ left, operator, right }: ComparisonTestNode, name: string): Fault | null {
  const type = typeOfLeft(left);
  const other = typeOfRight(right);
  const ordered = operator !== '==' && operator !== '!=';
  const said = sayRight(right);
  switch (type) {
    case 'events':
      return unsuited(name, type, operator);
    case 'status':
    case 'kind':
      if (ordered) return unsuited(name, type, operator);
      if (right.kind === 'value') return faultOfMember(type, right.value, name, said);
      return other === type || other === 'any' || other === 'text'
        ? null
        : different(name, articled(type), `\`${said}\` is ${articled(other)}`);
    case 'duration':
      return other === 'duration' ? null : durationExpected(name, right, said);
    case 'time':
      return other === 'time' ? null : unsuited(name, type, operator);
    default:
      break;
  }
  if (other === 'duration') {
    return {
      code: 'FL217',
      message: `\`${said}\` is a duration, and \`${name}\` is ${type === 'any' ? 'an attribute, which holds none' : articled(type)}`,
      help: `durations compare with \`span.duration\`, \`span.self\` and \`trace.duration\` only; for an attribute in milliseconds write the number of them`,
    };
  }
  if (other === 'time' || other === 'events')
    return {
      ...unsuited(said, other, operator),
      message: `\`${said}\` is ${articled(other)}, and \`${name}\` is none`,
    };
  if (ordered)
    return faultOfOrder(
      type,
      other,
      left.convert === null ? name : `${left.convert}(${name})`,
      said,
      operator,
    );
  return faultOfEquality(type, other, left.convert === null ? name : `${left.convert}(${name})`, said);
}

function faultOfOrder(
  type: StaticType,
  other: StaticType,
  name: string,
  said: string,
  operator: string,
): Fault | null {
  const leftText = type === 'text';
  if (!leftText && (other === 'any' || other === 'number')) return null;
  const number = /^"?(-?\d+(?:\.\d+)?)"?$/.exec(said)?.[1];
  return {
    code: 'FL214',
    message: leftText
      ? `\`${name}\` is a text, and no text is greater or less than another`
      : `\`${said}\` is ${articled(other)}, and cannot be compared with \`${operator}\``,
    help: leftText
      ? 'compare it with `==`, `!=` or `in`; for an attribute that holds digits write `number(...)`'
      : number !== undefined
        ? `write the number without quotes: \`${name} ${operator} ${number}\`; if the attribute is sent as text: \`number(${name}) ${operator} ${number}\``
        : isWord(said) && !isKeyword(said)
          ? `compare with a number; for another attribute of the same span write \`this.${said}\``
          : 'compare with a number, or with `==` or `!=`',
  };
}

function faultOfEquality(type: StaticType, other: StaticType, left: string, said: string): Fault | null {
  if (type === 'any' || other === 'any' || type === other) return null;
  if (type === 'text' && (other === 'status' || other === 'kind')) return null;
  return different(left, articled(type), `\`${said}\` is ${articled(other)}`);
}

/** Which fields cannot be in a list at all. */
function faultOfField(test: MembershipTestNode, name: string): Fault | null {
  const type = typeOfLeft(test.left);
  return type === 'events' || type === 'duration' || type === 'time' ? unsuited(name, type, 'in') : null;
}

function faultOfMember(
  type: StaticType,
  value: string | number | bigint | boolean,
  name: string,
  said: string,
): Fault | null {
  if (type === 'status' || type === 'kind') {
    const known: readonly string[] = type === 'status' ? SPAN_STATUSES : SPAN_KINDS;
    if (typeof value === 'string' && known.includes(value)) return null;
    const meant = typeof value === 'string' ? fieldValueMeant(type, value) : '';
    return {
      code: 'FL218',
      message: `\`${name}\` is never \`${shorten(said)}\`${meant === '' ? '' : `: ${meant}`}`,
      help: `a ${type} is ${known
        .slice(0, -1)
        .map((one) => `\`${one}\``)
        .join(', ')} or \`${known.at(-1)}\``,
    };
  }
  return faultOfEquality(
    type,
    typeOfValue(value),
    type === 'number' ? `number(${name})` : name,
    shorten(said),
  );
}

/** `ERROR`, `STATUS_CODE_ERROR` and `SPAN_KIND_SERVER` are how other tools print these. */
function fieldValueMeant(type: 'status' | 'kind', value: string): string {
  const known: readonly string[] = type === 'status' ? SPAN_STATUSES : SPAN_KINDS;
  const bare = value.toLowerCase().replace(/^(?:status_code_|span_kind_|status_)/, '');
  const other = { okay: 'ok', success: 'ok', failed: 'error', failure: 'error', err: 'error', none: 'unset' }[
    bare
  ];
  if (known.includes(bare)) return `did you mean \`${bare}\`?`;
  if (other !== undefined && known.includes(other)) return `did you mean \`${other}\`?`;
  return didYouMean(bare.slice(0, 60), known);
}

function durationExpected(name: string, right: RightNode, said: string): Fault {
  const isNumber = right.kind === 'value' && typeof right.value === 'number';
  return {
    code: 'FL216',
    message: `\`${name}\` is a duration, and \`${said}\` is ${right.kind === 'reference' ? 'an attribute' : articled(typeOfRight(right))}`,
    help: isNumber
      ? `write the unit: \`${said}ms\` or \`${said}s\``
      : 'compare it with a duration, as in `250ms`, `5s` or `10m`, or with the duration of another span',
  };
}

function different(left: string, type: string, right: string): Fault {
  return {
    code: 'FL226',
    message: `\`${left}\` is ${type}, and ${right}: they are never equal`,
    help: 'compare values of one type; `number(...)` and `text(...)` convert an attribute',
  };
}

function unsuited(name: string, type: StaticType, operator: string): Fault {
  return {
    code: 'FL219',
    message: `\`${name}\` is ${articled(type)}, and \`${operator}\` cannot be asked of it${type === 'time' && operator !== 'in' ? ' with this right side' : ''}`,
    help: {
      events: 'ask for an event by its name: `span.events contains exception`',
      status: 'compare it with `==`, `!=` or `in`, as in `span.status != error`',
      kind: 'compare it with `==`, `!=` or `in`, as in `span.kind == server`',
      time: 'compare it with a time of the bound span or of the same one, as in `span.start >= r.span.end`; a point in time of the calendar is not for a rule',
      duration: 'compare it with a duration, as in `span.duration <= 5s`',
      any: '',
      number: '',
      text: '',
      boolean: '',
    }[type],
  };
}

function articled(type: StaticType): string {
  return {
    any: 'an attribute',
    number: 'a number',
    text: 'a text',
    boolean: 'a boolean',
    duration: 'a duration',
    time: 'a point in time',
    status: 'a status',
    kind: 'a kind',
    events: 'an array of names',
  }[type];
}
