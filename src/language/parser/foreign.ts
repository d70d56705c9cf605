/**
 * What people bring along from other tools and from speech: `a then b`, `a before b`, `count(a where p)`, a query of TraceQL or of
 * SQL. Each is told once, with the text to write, and read on as far as its meaning is clear.
 */
import type { ConditionNode, SelectorNode } from '../ast.ts';
import { shorten } from '../lexer.ts';
import { printSelector } from '../print.ts';
import type { Token } from '../tokens/token.ts';
import { type Cursor, rangeOf } from './cursor.ts';
import { attributeMeant, BARE_FIELDS } from './foreign-attribute.ts';

/** Longest text that is written anew in a help; of a longer one the help shows the form. */
const LONGEST_PROPOSAL = 160;

const WHEN_ALWAYS = 'when { payment.charge } always { inventory.reserve }';

/** `a then b`, `a implies b`, `a -> b`, `a => b`: whether the word or the arrow is next. */
export function atImplication({ token }: Cursor): boolean {
  if (token.kind === 'unknown') return ['->', '=>', '→', '⇒'].includes(token.text);
  return token.kind === 'name' && !token.keyword && /^(?:then|implies)$/i.test(token.text);
}

/** `if a`, where `a` cannot be a part of a span's name. */
export function atIf(cursor: Cursor): boolean {
  const { token } = cursor;
  if (token.kind !== 'name' || !/^(?:if|whenever)$/i.test(token.text)) return false;
  const next = cursor.peek();
  if (next.kind === '(' || next.kind === 'text' || next.kind === 'macro' || next.kind === 'odd-name')
    return true;
  return next.kind === 'name' && (!next.keyword || next.text === 'not' || next.text === 'matches');
}

/**
 * Reports an implication whose arrow stood at `arrow`; both sides are read. `whole`: it is a rule of its own, and not a part of
 * a clause.
 */
export function reportImplication(
  cursor: Cursor,
  arrow: Token,
  left: string,
  right: string,
  whole: { readonly start: number } | null,
): void {
  const text =
    whole === null ? `not ${/\s/.test(left) ? `(${left})` : left} or ${right}` : longForm(left, right);
  const fits =
    left !== '' && right !== '' && text.length <= LONGEST_PROPOSAL && !text.includes('//') && !cursor.anyTold;
  const at = whole === null ? arrow : { start: whole.start, end: cursor.lastEnd };
  cursor.report({
    code: 'FL139',
    range: arrow,
    message: `\`${shorten(arrow.text)}\` is no word of the language: what is due when something happened stands in \`when\` and \`always\``,
    help: fits ? `write \`${text}\`` : `write \`${WHEN_ALWAYS}\``,
    fix: fits && whole !== null ? { range: rangeOf(at), text } : undefined,
  });
}

function longForm(left: string, right: string): string {
  return `when { ${left} } always { ${right} }`;
}

/** Whether `before b` follows a condition: a step without a dot and parentheses. */
export function atRelation({ token }: Cursor): boolean {
  return token.kind === 'name' && ['before', 'after', 'inside', 'child_of'].includes(token.text);
}

/** `a before b`, read; `right` is a selector's text or a bound name. */
export function reportRelation(
  cursor: Cursor,
  word: Token,
  left: ConditionNode,
  right: string | null,
  within: string | null,
): void {
  const gap = within === null ? '' : `.within(${within})`;
  const proposal =
    left.kind === 'has' && right !== null
      ? `${printSelector(left.selector)}.${word.text}(${right})${gap}`
      : null;
  const fits = proposal !== null && proposal.length <= LONGEST_PROPOSAL;
  cursor.report({
    code: 'FL114',
    range: word,
    message: `\`${word.text}\` is a step behind a selector, and does not stand between two`,
    help: fits ? `write \`${proposal}\`` : `write \`inventory.reserve.${word.text}(payment.charge)\``,
    fix: fits ? { range: { start: left.range.start, end: cursor.lastEnd }, text: proposal } : undefined,
  });
}

/** Whether `where x > 1` follows a selector without a dot and parentheses. */
export function atLooseWhere({ token }: Cursor): boolean {
  return token.kind === 'name' && !token.keyword && /^(?:where|having|with)$/i.test(token.text);
}

/** `a.b where x > 1`: `before` is what the step belongs behind, and `predicate` the text of it. */
export function reportLooseWhere(
  cursor: Cursor,
  word: Token,
  before: { readonly text: string; readonly start: number },
  predicate: string,
  end: number,
): void {
  const text = `${before.text}.where(${predicate.trim()})`;
  const fits =
    !cursor.anyTold && predicate.trim() !== '' && text.length <= LONGEST_PROPOSAL && !text.includes('//');
  cursor.report({
    code: 'FL114',
    range: word,
    message: `\`${word.text}\` is a step, with a dot before it and parentheses around what is asked`,
    help: fits ? `write \`${text}\`` : 'write `payment.charge.where(amount > 1000)`',
    fix: fits ? { range: { start: before.start, end }, text } : undefined,
  });
}

/** `when { x as o }`: `each` is missing. The name is bound, for the rest speaks of it. */
export function parseLooseAs(cursor: Cursor, term: ConditionNode | null): void {
  const as = cursor.advance();
  const name = cursor.is('name') ? cursor.advance() : null;
  if (name !== null) cursor.bound ??= name.text;
  cursor.bindingBroken = true;
  const selector = term?.kind === 'has' ? printSelector(term.selector) : 'payment.charge';
  const first = /when\s*\{\s*$/.test(
    cursor.textOf({ start: Math.max(0, (term?.range.start ?? 0) - 40), end: term?.range.start ?? 0 }),
  );
  cursor.report({
    code: 'FL124',
    range: as,
    message: '`as` gives a name to the span that `each` binds, and no `each` stands before it',
    help: `write \`when { each ${shorten(selector, 80)} as ${name?.text ?? 'charge'} }\`, and the demand behind it`,
    fix:
      first && term?.kind === 'has' && term.spelling === 'selector'
        ? { range: { start: term.range.start, end: term.range.start }, text: 'each ' }
        : undefined,
  });
}

/** Fields and attributes that are asked of no span: `span.name == "x"`, `.amount > 10`, `status == error`. */
export function asksNoSpan({ matcher, steps }: SelectorNode): boolean {
  if (matcher.kind !== 'exact' || matcher.quoted || steps.length > 0) return false;
  return /^(?:span|resource|attributes?)\./.test(matcher.name) || BARE_FIELDS.includes(matcher.name);
}

/** `{ .amount > 10 && name = "x" }` of TraceQL as a predicate; null where it says what no predicate says. */
function predicateOfTraceQl(text: string): string | null {
  if (text.length > LONGEST_PROPOSAL) return null;
  const words = text.match(
    /"(?:[^"\\]|\\["\\])*"|&&|\|\||[!=<>]=|=~|!~|[=<>]|[()]|\.?[A-Za-z_][\w.-]*|-?\d+(?:\.\d+)?[a-z]*|\S/g,
  );
  const parts: string[] = [];
  for (const word of words ?? []) {
    const last = parts.length - 1;
    const isValue = /(?:[=<>]|matches)$/.test(parts[last] ?? '');
    if (word === '!~') {
      if (last < 0) return null;
      parts[last] = `not ${parts[last]}`;
    }
    const meant = TRACEQL_WORDS.get(word) ?? (isValue ? valueMeant(word) : sideMeant(word));
    if (meant === null) return null;
    parts.push(meant);
  }
  return parts.length === 0 ? null : parts.join(' ').replaceAll('( ', '(').replaceAll(' )', ')');
}

const TRACEQL_WORDS: ReadonlyMap<string, string> = new Map([
  ['&&', 'and'],
  ['||', 'or'],
  ['and', 'and'],
  ['or', 'or'],
  ['=', '=='],
  ...['==', '!=', '<', '<=', '>', '>=', '(', ')'].map((word): [string, string] => [word, word]),
  ['=~', 'matches'],
  ['!~', 'matches'],
]);

function valueMeant(word: string): string | null {
  return /^["\w-]/.test(word) && !/^[A-Za-z_].*\./.test(word) ? word : null;
}

function sideMeant(word: string): string | null {
  return /^\.?[A-Za-z_]/.test(word) ? attributeMeant(word) : null;
}

/** `{ ... }` where a condition belongs, and `.amount > 10`: a query of TraceQL. What follows is not looked at. */
export function parseTraceQl(cursor: Cursor): null {
  const { token } = cursor;
  const braced = token.kind === '{';
  const open = cursor.index;
  const closer = braced ? cursor.closerOf(open) : null;
  cursor.advance();
  if (!braced) cursor.recover();
  const inner = braced
    ? cursor.textOf({
        start: token.end,
        end: closer === null ? token.end : cursor.tokenAt(closer).start,
      })
    : cursor.textOf({ start: token.start, end: cursor.lastEnd });
  const predicate = predicateOfTraceQl(inner) ?? 'amount > 1000';
  cursor.report({
    code: 'FL140',
    range: token,
    message: braced
      ? 'a rule is no query, and `{` begins no set of spans'
      : 'an attribute stands without a dot before it, in a predicate that is asked of a span',
    help: `the spans of any name are \`*.where(${predicate})\`; to forbid them write \`never { *.where(${predicate}) }\``,
  });
  if (braced) cursor.abandon();
  return null;
}

export function atTraceQl(cursor: Cursor): boolean {
  if (cursor.is('{')) return true;
  const next = cursor.peek();
  return cursor.is('.') && next.kind === 'name' && !next.call;
}

/** `SELECT ...`: a rule of SQL is not read at all. */
export function reportSql(cursor: Cursor): boolean {
  const { token } = cursor;
  const next = cursor.peek();
  if (token.kind !== 'name' || !/^select$/i.test(token.text) || token.call) return false;
  if (next.kind !== 'name' || cursor.isInfix('and', next) || cursor.isInfix('or', next)) return false;
  cursor.report({
    code: 'FL140',
    range: token,
    message: 'a rule is no query: it says what must hold of every trace',
    help: `to forbid spans write \`never { payment.charge.where(amount > 1000) }\`; to demand one \`${WHEN_ALWAYS}\``,
  });
  cursor.abandon();
  return true;
}

const RATES: ReadonlySet<string> = new Set([
  ...['rate', 'irate', 'increase', 'avg', 'mean', 'min', 'max', 'quantile', 'percentile', 'median'],
  ...['p50', 'p90', 'p95', 'p99', 'count_over_time', 'quantile_over_time', 'histogram_over_time'],
]);

/** What to write for a function of metrics, or null for another. `spans`: a selector's text. */
export function helpForMetric(name: string, spans: string): string | null {
  if (!RATES.has(name.toLowerCase())) return null;
  return `rates and averages are metrics, and not for rules. For the spans of one trace write \`count(${spans}) <= 5\`, for those of many traces that share a value \`across user.id within 1m { count(${spans}) <= 5 }\`, for each span's length \`never { ${spans}.where(span.duration > 5s) }\``;
}
