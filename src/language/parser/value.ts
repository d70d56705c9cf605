/** What stands on the right side of a comparison, and lists. */
import type { DurationNode, ListNode, ReferenceNode, RightNode, ValueNode } from '../ast.ts';
import { shorten } from '../lexer.ts';
import { durationMeant, readDuration, unitOf } from '../tokens/number.ts';
import type { Token } from '../tokens/token.ts';
import { isWord, isWordOfLanguage, quoted } from '../tokens/words.ts';
import { attributeNamed, quotedPart, reportUnquoted } from './attribute.ts';
import { type Cursor, found, rangeOf } from './cursor.ts';

const WHAT_IS_A_VALUE =
  'write a number, a duration, `true`, `false`, a word, a text in quotes, or `this.` with an attribute';

/** Reads `right`; null where none begins here, which is told. */
export function parseRight(cursor: Cursor): RightNode | null {
  const { token } = cursor;
  switch (token.kind) {
    case 'number':
    case 'duration':
    case 'odd-number':
      return parseAmount(cursor);
    case 'name':
      return token.keyword || token.call || (!token.text.includes('.') && cursor.peek().kind !== '.')
        ? parseValue(cursor)
        : parseReference(cursor);
    case 'macro':
      cursor.report({
        code: 'FL132',
        range: token,
        message: `\`$${token.text}\` is a list or a macro of the rule file, and one value cannot be compared with it`,
        help: `for a list write \`in $${token.text}\` (or \`not in\`)`,
      });
      cursor.advance();
      return null;
    default:
      return parseValue(cursor);
  }
}

/** A number or a duration; with what people write for one, which is told and read as meant where that is clear. */
export function parseAmount(cursor: Cursor): ValueNode | DurationNode | null {
  const token = cursor.advance();
  if (token.kind === 'duration') return durationOf(token);
  if (token.kind === 'number') {
    const unit = cursor.token;
    if (unit.kind !== 'name' || unit.keyword || unit.call || unitOf(unit.text) === null)
      return numberOf(token);
    cursor.advance();
    return meant(cursor, `${token.text} ${unit.text}`, token.start, unit.end);
  }
  if (durationMeant(token.text) !== null || /[a-zµμ]$/i.test(token.text))
    return meant(cursor, token.text, token.start, token.end);
  const digits = token.text.replaceAll(/[_+]/g, '').replace(/^\./, '0.').replace(/\.$/, '');
  const isNumber = /^-?\d+(\.\d+)?$/.test(digits);
  cursor.report({
    code: 'FL107',
    range: token,
    message: `\`${shorten(token.text)}\` is no number`,
    help: isNumber ? `write \`${digits}\`` : 'write a number as in `-1.5` or `1e3`, or quote it as a text',
    fix: isNumber ? { range: rangeOf(token), text: digits } : undefined,
  });
  return { kind: 'value', value: 0, raw: token.text, bare: false, range: rangeOf(token) };
}

function meant(cursor: Cursor, text: string, start: number, end: number): DurationNode {
  const repaired = durationMeant(text);
  const nanos = repaired === null ? null : readDuration(repaired);
  const range = { start, end };
  const negative = text.startsWith('-');
  cursor.report({
    code: 'FL108',
    range,
    message: negative
      ? `\`${shorten(text)}\` is no duration: none is negative`
      : nanos === null
        ? `\`${shorten(text)}\` is no duration that fits: nanoseconds in 63 bits hold 292 years, and nothing smaller than one`
        : `\`${shorten(text)}\` is no duration: the number and its unit stand together, and the units are ns, us, ms, s, m, h, d`,
    help:
      nanos === null || negative ? 'write a duration as in `250ms`, `5s` or `10m`' : `write \`${repaired}\``,
    fix: nanos === null || negative || repaired === null ? undefined : { range, text: repaired },
  });
  return { kind: 'duration', nanos: nanos ?? 1n, raw: repaired ?? text, range };
}

function durationOf(token: Token): DurationNode {
  return { kind: 'duration', nanos: token.nanos, raw: token.text, range: rangeOf(token) };
}

function numberOf(token: Token): ValueNode {
  return { kind: 'value', value: token.value, raw: token.text, bare: false, range: rangeOf(token) };
}

/** `r.tenant_id`, `r."x y"`, `this.span.start`, `r.resource."x"`; what the first word is bound to is for the checker. */
function parseReference(cursor: Cursor): ReferenceNode | null {
  const token = cursor.advance();
  const dot = token.text.indexOf('.');
  const of = dot === -1 ? token.text : token.text.slice(0, dot);
  const rest = dot === -1 ? '' : token.text.slice(dot + 1);
  const restStart = token.start + of.length + 1;
  let attribute = rest === '' ? null : quotedPart(cursor, rest);
  if (attribute === null && rest === '') {
    cursor.advance();
    const part = cursor.token;
    if (part.kind !== 'text' && part.kind !== 'name') {
      return cursor.unexpected(
        `an attribute behind \`${of}.\``,
        `write \`${of}.amount\`, or quote the attribute's name`,
      );
    }
    cursor.advance();
    attribute =
      part.kind === 'text'
        ? { kind: 'attribute', where: 'any', name: part.text, quoted: true, range: rangeOf(part) }
        : (quotedPart(cursor, part.text) ?? attributeNamed(cursor, part.text, rangeOf(part)));
  }
  attribute ??= attributeNamed(cursor, rest, { start: restStart, end: token.end });
  return { kind: 'reference', of, attribute, range: cursor.rangeFrom(token.start) };
}

/** Reads VALUE; null where none begins here, which is told. */
function parseValue(cursor: Cursor): ValueNode | null {
  const { token } = cursor;
  const range = rangeOf(token);
  if (token.kind === 'number') return numberOf(cursor.advance());
  if (token.kind === 'text') {
    cursor.advance();
    return { kind: 'value', value: token.text, raw: token.text, bare: false, range };
  }
  if (token.kind === 'odd-name') {
    reportUnquoted(cursor, token, 'a text');
    cursor.advance();
    return textOf(token);
  }
  if (token.kind !== 'name') return cursor.unexpected('a value', WHAT_IS_A_VALUE);
  if (token.call) return callAsValue(cursor);
  if (token.keyword && (token.text === 'true' || token.text === 'false')) {
    cursor.advance();
    return { kind: 'value', value: token.text === 'true', raw: token.text, bare: false, range };
  }
  if (token.keyword && !cursor.peekEndsValue()) return cursor.unexpected('a value', WHAT_IS_A_VALUE);
  return parseWord(cursor);
}

function parseWord(cursor: Cursor): ValueNode {
  const token = cursor.advance();
  const { text } = token;
  const range = rangeOf(token);
  const value: ValueNode = { kind: 'value', value: text, raw: text, bare: true, range };
  if (text === 'unique') {
    cursor.uniques.add(value);
  } else if (token.keyword || isWordOfLanguage(text)) {
    cursor.report({
      code: 'FL111',
      range,
      message: `\`${text}\` is a word of the language, and no text when it is not quoted`,
      help: `write \`${quoted(text)}\``,
      fix: { range, text: quoted(text) },
    });
  } else if (/^(?:true|false)$/i.test(text)) {
    const lower = text.toLowerCase();
    cursor.report({
      code: 'FL106',
      range,
      message: `\`${text}\` would be the text "${text}", which no boolean equals`,
      help: `write \`${lower}\`, or quote the text: \`${quoted(text)}\``,
      fix: { range, text: lower },
    });
  } else if (/^(?:null|nil|none|undefined)$/i.test(text)) {
    cursor.report({
      code: 'FL138',
      range,
      message: `there is no \`${text}\` in this language: an attribute is there or it is not`,
      help: `ask \`exists\` or \`not exists\`; quote the text if that is meant: \`${quoted(text)}\``,
    });
  } else if (text === 'this' || text === cursor.bound) {
    cursor.report({
      code: 'FL213',
      range,
      message: `\`${text}\` is a span, and a value is compared with one of its attributes`,
      help: `write \`${text}.\` and an attribute, or quote the text: \`${quoted(text)}\``,
    });
  } else if (!isWord(text)) {
    cursor.report({
      code: 'FL137',
      range,
      message: `\`${shorten(text)}\` is no value: \`*\` has no meaning in one${text === '*' ? ', and the language does not calculate' : ''}`,
      help:
        text === '*'
          ? WHAT_IS_A_VALUE
          : `write \`matches "..."\` with a regular expression, or quote the text: \`${quoted(shorten(text))}\``,
    });
  }
  return value;
}

function textOf(token: Token): ValueNode {
  return { kind: 'value', value: token.text, raw: token.text, bare: false, range: rangeOf(token) };
}

function callAsValue(cursor: Cursor): null {
  const { token } = cursor;
  const converts = token.text === 'number' || token.text === 'text';
  cursor.report({
    code: 'FL130',
    range: token,
    message: `\`${shorten(token.text)}(\` cannot stand on the right side of a comparison`,
    help: converts ? 'convert on the left side, as in `number(amount) > this.limit`' : WHAT_IS_A_VALUE,
  });
  cursor.advance();
  return cursor.leave(cursor.index);
}

/** Reads what stands behind `in`; null where no list begins here, which is told. */
export function parseList(cursor: Cursor): ListNode | null {
  const { token } = cursor;
  if (token.kind === 'macro') {
    cursor.advance();
    return { kind: 'list-macro', name: token.text, values: null, range: rangeOf(token) };
  }
  const close = token.kind === '[' ? ']' : ')';
  if (token.kind !== '[' && token.kind !== '(') {
    const one =
      (token.kind === 'name' && !token.keyword && !token.call) ||
      token.kind === 'text' ||
      token.kind === 'number';
    cursor.report({
      code: 'FL132',
      range: token,
      message: `expected a list behind \`in\`, but found ${found(token)}`,
      help: 'write the values in brackets, as in `in [stripe, square]`, or `in $name` for a list of the rule file',
    });
    if (one) cursor.advance();
    return null;
  }
  if (close === ')') {
    cursor.report({
      code: 'FL132',
      range: token,
      message: 'a list stands in brackets, not in parentheses',
      help: 'write `[` and `]` around the values',
    });
  }
  const open = cursor.index;
  cursor.advance();
  const values = parseListValues(cursor, open, close);
  return { kind: 'list', values, range: cursor.rangeFrom(token.start) };
}

function parseListValues(cursor: Cursor, open: number, close: ']' | ')'): ValueNode[] {
  const values: ValueNode[] = [];
  if (cursor.is(close)) {
    cursor.report({
      code: 'FL121',
      range: { start: cursor.token.start - 1, end: cursor.token.end },
      message: 'the list is empty, and no attribute is in it',
      help: 'write at least one value in the brackets',
    });
  } else {
    do {
      const value = parseListValue(cursor);
      if (value === null) {
        cursor.leave(open);
        return values;
      }
      values.push(value);
    } while (cursor.take(',') !== null);
  }
  cursor.close(open, { help: 'separate the values with `,` and close the list' });
  return values;
}

function parseListValue(cursor: Cursor): ValueNode | null {
  const { token } = cursor;
  if (token.kind === 'duration' || token.kind === 'odd-number') {
    const amount = parseAmount(cursor);
    if (token.kind === 'duration') {
      cursor.report({
        code: 'FL217',
        range: token,
        message: `the duration \`${token.text}\` cannot stand in a list: lists hold numbers, texts and booleans`,
        help: 'compare durations one by one, as in `span.duration >= 5s`',
      });
    }
    return amount?.kind === 'value'
      ? amount
      : { kind: 'value', value: 0, raw: token.text, bare: false, range: rangeOf(token) };
  }
  if (token.kind === 'name' && !token.keyword && !token.call && token.text.includes('.')) {
    cursor.advance();
    cursor.report({
      code: 'FL132',
      range: token,
      message: `\`${shorten(token.text)}\` has a dot and is a reference, and lists hold values only`,
      help: `quote the text: \`${quoted(shorten(token.text))}\``,
      fix: { range: rangeOf(token), text: quoted(token.text) },
    });
    return textOf(token);
  }
  return parseValue(cursor);
}
