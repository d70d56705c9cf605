/** Attributes, and the span fields behind `span.`. */
import { didYouMean } from '../../base/suggest.ts';
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import { type AttributeNode, SPAN_FIELDS, type SpanField } from '../ast.ts';
import { shorten } from '../lexer.ts';
import type { Token } from '../tokens/token.ts';
import { isKeyword, quoted } from '../tokens/words.ts';
import { type Cursor, found, rangeOf } from './cursor.ts';
import { attributeMeant, spelledAttribute } from './foreign-attribute.ts';

/** Reads `attr`; null where none begins here, which is told. Conversions are for the caller to see first. */
export function parseAttribute(cursor: Cursor): AttributeNode | null {
  const { token } = cursor;
  if (token.kind === 'text') {
    cursor.advance();
    return { kind: 'attribute', where: 'any', name: token.text, quoted: true, range: rangeOf(token) };
  }
  if (token.kind === 'odd-name' || (token.kind === 'odd-number' && cursor.peek().kind === 'operator')) {
    reportUnquoted(cursor, token, 'an attribute');
    cursor.advance();
    return { kind: 'attribute', where: 'any', name: token.text, quoted: true, range: rangeOf(token) };
  }
  if (token.kind !== 'name' || token.call)
    return cursor.unexpected('an attribute', 'name an attribute, as in `amount` or `"http/route"`');
  if (token.keyword) {
    reportKeyword(cursor, token, 'an attribute');
    return null;
  }
  if (token.text === 'trace.duration') {
    cursor.report({
      code: 'FL130',
      range: token,
      message: '`trace.duration` belongs to the whole trace, and a predicate asks one span',
      help: 'compare it in a condition (`trace.duration <= 2s`), or ask the span for `span.duration`',
    });
    return null;
  }
  cursor.advance();
  const subscript = subscripted(cursor, token);
  if (subscript !== null) return subscript;
  const behind = quotedPart(cursor, token.text);
  if (behind !== null) return { ...behind, range: { start: token.start, end: behind.range.end } };
  return attributeNamed(cursor, token.text, rangeOf(token));
}

/** `attributes["x"]`, of OTTL and SQL: an attribute stands by its name. Null where that is not here. */
function subscripted(cursor: Cursor, token: Token): AttributeNode | null {
  const prefix = /^(?:(?:span|resource)\.)?attributes$|^(?:span|resource)$/.exec(token.text);
  if (prefix === null || !cursor.is('[') || cursor.peek().kind !== 'text' || cursor.peek(2).kind !== ']')
    return null;
  cursor.advance();
  const key = cursor.advance();
  cursor.advance();
  const where = token.text.startsWith('resource') ? 'resource' : 'any';
  const meant = spelledAttribute(where, key.text);
  const range = { start: token.start, end: cursor.lastEnd };
  cursor.report({
    code: 'FL131',
    range: token,
    message: `attributes are no list to look into: \`${shorten(cursor.textOf(range))}\` is called by its name`,
    help: `write \`${shorten(meant, 80)}\``,
    fix: { range, text: meant },
  });
  return { kind: 'attribute', where, name: key.text, quoted: true, range };
}

/**
 * `resource."k8s.pod/name"`: the prefix is read, and the quoted rest behind it. Null where `prefix` is none or no such follows.
 */
export function quotedPart(cursor: Cursor, prefix: string): AttributeNode | null {
  if (prefix !== 'resource' || !cursor.is('.') || cursor.peek().kind !== 'text') return null;
  cursor.advance();
  const token = cursor.advance();
  return { kind: 'attribute', where: 'resource', name: token.text, quoted: true, range: rangeOf(token) };
}

/** The attribute of an unquoted name, prefixes read. Something is always returned; what is wrong is told. */
export function attributeNamed(cursor: Cursor, name: string, range: TextRange): AttributeNode {
  const plain = { kind: 'attribute', where: 'any', name, quoted: false, range } as const;
  if (name.includes('*')) {
    cursor.report({
      code: 'FL137',
      range,
      message: `\`${shorten(name)}\` is no attribute: \`*\` stands for many names, and an attribute is one`,
      help: 'name one attribute; where its name has a `*` in it, quote it',
    });
  } else if (name.startsWith('span.')) {
    const field = name.slice('span.'.length);
    if ((SPAN_FIELDS as readonly string[]).includes(field)) return { ...plain, where: 'field', name: field };
    reportField(cursor, field, range);
  } else if (name.startsWith('resource.')) {
    return { ...plain, where: 'resource', name: name.slice('resource.'.length) };
  } else if (name.startsWith('trace.')) {
    cursor.report({
      code: 'FL110',
      range,
      message: `an attribute whose name begins with \`trace.\` is quoted, and \`${shorten(name)}\` is not`,
      help: `write \`${quoted(shorten(name))}\``,
      fix: { range, text: quoted(name) },
    });
  } else if (isKeyword(name)) {
    cursor.report({
      code: 'FL111',
      range,
      message: `\`${name}\` is a word of the language, and no attribute when it is not quoted`,
      help: `write \`${quoted(name)}\``,
      fix: { range, text: quoted(name) },
    });
  }
  return plain;
}

/** What people look for behind `span.` under another name. */
const FIELD_ALIASES: Readonly<Record<string, SpanField>> = {
  status_code: 'status',
  'status.code': 'status',
  'service.name': 'service',
  service_name: 'service',
  event: 'events',
  start_time: 'start',
  startTime: 'start',
  end_time: 'end',
  endTime: 'end',
  self_time: 'self',
  operation: 'name',
  type: 'kind',
  latency: 'duration',
  'scope.name': 'scope',
};

function reportField(cursor: Cursor, field: string, range: TextRange): void {
  const alias = Object.hasOwn(FIELD_ALIASES, field) ? FIELD_ALIASES[field] : undefined;
  // No field has a dot in it, so it is an attribute that stands behind `span.`, as TraceQL has it.
  const attribute = alias === undefined && field.includes('.') ? attributeMeant(`span.${field}`) : undefined;
  const near =
    alias === undefined ? didYouMean(field.slice(0, 60), SPAN_FIELDS) : `did you mean \`${alias}\`?`;
  const nearField = alias ?? /`(\w+)`\?$/.exec(near)?.[1];
  const hint = near === '' ? '' : `: ${near}`;
  cursor.report({
    code: 'FL131',
    range,
    message: `a span has no field \`${shorten(field)}\`${hint}`,
    help:
      attribute !== undefined
        ? `attributes stand without a prefix: write \`${shorten(attribute, 80)}\``
        : `for an attribute write \`${shorten(spelledAttribute('any', field), 80)}\` alone; the fields are ${SPAN_FIELDS.map((known) => `\`span.${known}\``).join(', ')}`,
    fix:
      attribute !== undefined
        ? { range, text: attribute }
        : nearField !== undefined && !near.includes(' or ')
          ? { range, text: `span.${nearField}` }
          : undefined,
  });
}

export function reportUnquoted(cursor: Cursor, token: Token, what: string): void {
  const odd = /^[0-9-]/.test(token.text)
    ? 'it begins with a digit'
    : `it has the character \`${/[^A-Za-z0-9_.*-]/u.exec(token.text)?.[0] ?? token.text.charAt(0)}\``;
  cursor.report({
    code: 'FL110',
    range: token,
    message: `\`${shorten(token.text)}\` is quoted where it is ${what}, for ${odd}`,
    help: `write \`${quoted(shorten(token.text))}\``,
    fix: { range: rangeOf(token), text: quoted(token.text) },
  });
}

function reportKeyword(cursor: Cursor, token: Token, what: string): void {
  cursor.report({
    code: 'FL111',
    range: token,
    message: `expected ${what}, but found ${found(token)}, which is a word of the language`,
    help: `if ${what} has that name, quote it: \`${quoted(token.text)}\``,
  });
}
