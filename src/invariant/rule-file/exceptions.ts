/** The exceptions of a rule: values that spans are compared with, and never a piece of the condition. */
import { didYouMean } from '../../base/suggest.ts';
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';
import { SPAN_FIELDS } from '../../language/ast.ts';
import { parseSelector } from '../../language/parse.ts';
import type { RuleException } from '../rule.ts';
import { ISO_DATE } from '../shape/shape.ts';
import { listOf, mapOf, plainText, plainValue, textOf, valueAt } from '../yaml/access.ts';
import { embeddedSource, inFile } from '../yaml/embedded.ts';
import type { YamlList, YamlMap, YamlNode, YamlScalar } from '../yaml/read-yaml.ts';

/** Fields of a span that hold one text, and so can equal a value. */
const COMPARABLE_FIELDS = SPAN_FIELDS.filter((field) =>
  ['name', 'status', 'kind', 'service', 'scope'].includes(field),
);

interface ExceptionContext {
  readonly file: SourceText;
  /** Whether the rule has a trigger; null where its condition could not be read. */
  readonly triggered: boolean | null;
  /** ISO date. */
  readonly today: string;
  readonly diagnostics: Diagnostic[];
}

/** Reads the list behind `exceptions`; what has errors is left out. */
export function readExceptions(node: YamlNode | null, context: ExceptionContext): RuleException[] {
  return (listOf(node)?.items ?? []).flatMap((item) => {
    const map = mapOf(item);
    return map === null ? [] : (readException(map, context) ?? []);
  });
}

function readException(map: YamlMap, context: ExceptionContext): RuleException | null {
  const name = plainText(valueAt(map, 'name'));
  const fields = readFields(listOf(valueAt(map, 'fields')), context);
  const rows = listOf(valueAt(map, 'values'));
  const reason = plainText(valueAt(map, 'reason'));
  const anywhereNode = valueAt(map, 'anywhere');
  const anywhere = anywhereNode !== null && plainValueOf(anywhereNode) === true;
  const expires = readExpiry(textOf(valueAt(map, 'expires')), name ?? '', context);
  if (context.triggered === false && !anywhere) needsAnywhere(map, name ?? '', context);
  if (fields === null || rows === null) return null;
  const values = rows.items.flatMap((row) => {
    const list = listOf(row);
    return list === null ? [] : [readRow(list, fields.length, context)];
  });
  if (name === null || reason === null || expires === null) return null;
  return { name, fields, values, anywhere, reason, expires };
}

function readRow(
  row: YamlList,
  width: number,
  { file, diagnostics }: ExceptionContext,
): (string | number | bigint | boolean)[] {
  if (row.items.length !== width) {
    diagnostics.push({
      code: 'FL312',
      severity: 'error',
      message: `the row has ${count(row.items.length, 'value')} for ${count(width, 'field')}`,
      source: file,
      range: row.range,
      help: 'write one value for each field, in the order of `fields`',
    });
  }
  return row.items.flatMap((item) => plainValue(item) ?? []);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function plainValueOf(node: YamlNode): unknown {
  return plainValue(node);
}

function readFields(list: YamlList | null, context: ExceptionContext): string[] | null {
  if (list === null) return null;
  return list.items.flatMap((item) => {
    const text = textOf(item);
    if (text === null) return plainValue(item) === null ? [] : [String(plainValue(item))];
    checkField(text.text, text.node, context);
    return [text.text];
  });
}

const FRAME = { before: '*.where(', after: ' exists)' };

/** A field is an attribute: what stands before `exists`, and nothing else. */
function checkField(field: string, scalar: YamlScalar, { file, diagnostics }: ExceptionContext): void {
  if (field.trim() === '') return;
  const report = (message: string, help: string): void => {
    diagnostics.push({ code: 'FL314', severity: 'error', message, source: file, range: scalar.range, help });
  };
  const framed = embeddedSource(file, `${FRAME.before}${field}${FRAME.after}`);
  const { selector, diagnostics: problems } = parseSelector(framed);
  const [step, another] = selector?.steps ?? [];
  const predicate = step?.kind === 'where' && another === undefined ? step.predicate : null;
  if (
    problems.length > 0 ||
    predicate?.kind !== 'exists' ||
    predicate.negated ||
    predicate.left.convert !== null
  ) {
    const notes = inFile(problems, file, scalar, FRAME.before.length).map((problem) => problem.message);
    diagnostics.push({
      code: 'FL314',
      severity: 'error',
      message: `\`${field}\` is not an attribute`,
      source: file,
      range: scalar.range,
      ...(notes.length > 0 ? { notes: notes.slice(0, 1) } : {}),
      help: `write a name as in a condition, such as \`tenant_id\`; one with other characters in two kinds of quotes: \`'"${field.replaceAll(/["'\\]/g, '')}"'\``,
    });
    return;
  }
  const { attribute } = predicate.left;
  if (attribute.where === 'field' && !COMPARABLE_FIELDS.some((known) => known === attribute.name)) {
    const near = didYouMean(
      `span.${attribute.name}`,
      COMPARABLE_FIELDS.map((known) => `span.${known}`),
    );
    report(
      `\`${field}\` cannot be compared with a value of an exception`,
      near ||
        `use an attribute or one of ${COMPARABLE_FIELDS.map((known) => `\`span.${known}\``).join(', ')}`,
    );
  }
}

function readExpiry(
  expires: { readonly node: YamlScalar; readonly text: string } | null,
  name: string,
  { file, today, diagnostics }: ExceptionContext,
): string | null {
  if (expires === null || !ISO_DATE.test(expires.text)) return null;
  const { text, node } = expires;
  if (!isDay(text)) {
    diagnostics.push({
      code: 'FL313',
      severity: 'error',
      message: `there is no day \`${text}\``,
      source: file,
      range: node.range,
      help: 'write a day of the calendar as `YYYY-MM-DD`',
    });
    return null;
  }
  if (text <= today) {
    diagnostics.push({
      code: 'FL317',
      severity: 'warning',
      message: `the exception \`${name}\` expired on ${text} and excepts nothing`,
      source: file,
      range: node.range,
      help: 'remove it, or decide again and write a later date',
    });
  }
  return text;
}

/** Whether an ISO date is a day of the Gregorian calendar. */
export function isDay(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}

function needsAnywhere(map: YamlMap, name: string, { file, diagnostics }: ExceptionContext): void {
  const [first] = map.entries;
  diagnostics.push({
    code: 'FL315',
    severity: 'error',
    message: `the exception \`${name}\` has no \`anywhere: true\`, and the rule no trigger whose spans it could take out`,
    source: file,
    range: first?.key.range ?? map.range,
    help: 'add `anywhere: true` to except traces in which any span has the values, or give the rule a `when { }`',
  });
}
