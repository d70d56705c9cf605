/**
 * Conditions and macros of a rule file in the standard form of the language. Everything else of the YAML stays as it is,
 * comments and blank lines too: only the scalars that hold the DSL are written anew.
 */
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import { listOf, mapOf, textOf, valueAt } from '../invariant/yaml/access.ts';
import { embeddedSource, inFile } from '../invariant/yaml/embedded.ts';
import { readYaml, type YamlMap, type YamlNode, type YamlScalar } from '../invariant/yaml/read-yaml.ts';
import { parseRule, parseSelector } from '../language/parse.ts';
import { PRINT_WIDTH, printRule, printSelector } from '../language/print.ts';

export interface FormattedRuleFile {
  /** The formatted text; null when a condition cannot be parsed. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Formatting what is formatted changes nothing. Cost: linear. */
export function formatRuleFile(source: SourceText): FormattedRuleFile {
  const reading = readYaml(source);
  const diagnostics = [...reading.diagnostics];
  const replacements: Replacement[] = [];
  for (const { scalar, inFlow, kind } of embeddedTexts(reading.root)) {
    const column = columnOf(source.text, scalar);
    const printed = print(source, scalar, kind, Math.max(40, PRINT_WIDTH - column), diagnostics);
    if (printed === null) continue;
    const text = rewritten(source.text, scalar, printed, inFlow);
    if (text !== null) replacements.push(text);
  }
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) return { text: null, diagnostics };
  return { text: applied(source.text, replacements), diagnostics };
}

interface EmbeddedText {
  readonly kind: 'rule' | 'selector';
  readonly scalar: YamlScalar;
  /** Inside braces or brackets, where a text cannot be a block. */
  readonly inFlow: boolean;
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function* embeddedTexts(root: YamlNode | null): Iterable<EmbeddedText> {
  const file = mapOf(root);
  if (file === null) return;
  const macros = mapOf(valueAt(file, 'macros'));
  for (const { value } of macros?.entries ?? []) yield* embeddedText(value, 'selector', [file, macros]);
  for (const item of listOf(valueAt(file, 'rules'))?.items ?? []) {
    const rule = mapOf(item);
    if (rule !== null) yield* embeddedText(valueAt(rule, 'condition'), 'rule', [file, rule]);
  }
}

function* embeddedText(
  value: YamlNode | null,
  kind: EmbeddedText['kind'],
  around: readonly (YamlMap | null)[],
): Iterable<EmbeddedText> {
  const text = textOf(value);
  if (text === null || text.text.trim() === '') return;
  yield { kind, scalar: text.node, inFlow: around.some((map) => map?.flow === true) };
}

/** The lines of the standard form, or null (with diagnostics) for what does not parse. */
function print(
  source: SourceText,
  scalar: YamlScalar,
  kind: EmbeddedText['kind'],
  width: number,
  diagnostics: Diagnostic[],
): readonly string[] | null {
  const embedded = embeddedSource(source, String(scalar.value));
  if (kind === 'selector') {
    const { selector, diagnostics: problems } = parseSelector(embedded);
    diagnostics.push(...inFile(problems, source, scalar));
    return selector === null || problems.length > 0 ? null : [printSelector(selector)];
  }
  const { rule, diagnostics: problems } = parseRule(embedded);
  diagnostics.push(...inFile(problems, source, scalar));
  return rule === null || problems.length > 0 ? null : printRule(rule, width).split('\n');
}

function rewritten(
  text: string,
  scalar: YamlScalar,
  lines: readonly string[],
  inFlow: boolean,
): Replacement | null {
  const { start, end } = scalar.range;
  if (scalar.style === 'block') {
    const header = blockHeader(text, start);
    const indentation = blockIndentation(text, start) ?? columnOf(text, scalar);
    return { start, end, text: `${header}\n${indented(lines, indentation)}` };
  }
  const [line = '', ...more] = lines;
  if (more.length === 0) return { start, end, text: inline(line, scalar, inFlow) };
  if (inFlow) {
    // A comment of the language runs to the end of its line, and here there is only one.
    const joined = lines
      .map((one) => one.trim())
      .join(' ')
      .replace(/^when +\{/, 'when {');
    return joined.includes('//') ? null : { start, end, text: inline(joined, scalar, inFlow) };
  }
  const lineEnd = endOfLine(text, end);
  const comment = text.slice(end, lineEnd).trim();
  const header = comment === '' ? '|' : `| ${comment}`;
  return { start, end: lineEnd, text: `${header}\n${indented(lines, columnOf(text, scalar))}` };
}

/** The text in the quotes that it had; a plain one gets quotes only where YAML would read it otherwise. */
function inline(line: string, scalar: YamlScalar, inFlow: boolean): string {
  switch (scalar.style) {
    case 'double-quoted':
      return JSON.stringify(line);
    case 'single-quoted':
      return singleQuoted(line);
    default: {
      const unsafe = /: |:$| #|^[\s"'&*!|>%@`{}[\],?#-]/.test(line) || (inFlow && /[{}[\],]/.test(line));
      return unsafe ? singleQuoted(line) : line;
    }
  }
}

function singleQuoted(line: string): string {
  return `'${line.replaceAll("'", "''")}'`;
}

/** `|` with the comment behind it. Folding (`>`) would join the lines that were just laid out, so it becomes `|`. */
function blockHeader(text: string, start: number): string {
  const header = text.slice(start, endOfLine(text, start)).trimEnd();
  const [, chomping = '', rest = ''] = /^[|>](?:\d?([+-])\d?|\d)?(.*)$/.exec(header) ?? [];
  return `|${chomping}${rest}`;
}

/** Blanks before the first line of a block that holds more than blanks. */
function blockIndentation(text: string, start: number): number | null {
  const content = /\n([ ]*)[^\s]/.exec(text.slice(endOfLine(text, start)));
  return content?.[1]?.length ?? null;
}

/** Blanks before the line's key, and two more: where a block of its own would begin. */
function columnOf(text: string, scalar: YamlScalar): number {
  const lineStart = text.lastIndexOf('\n', scalar.range.start - 1) + 1;
  const lead = /^[ ]*(?:- +)*/.exec(text.slice(lineStart, scalar.range.start))?.[0] ?? '';
  return lead.length + 2;
}

function indented(lines: readonly string[], by: number): string {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(by) + line)).join('\n');
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  if (end === -1) return text.length;
  return text[end - 1] === '\r' && end > from ? end - 1 : end;
}

function applied(text: string, replacements: readonly Replacement[]): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  let out = '';
  let at = 0;
  for (const replacement of [...replacements].sort((a, b) => a.start - b.start)) {
    out += text.slice(at, replacement.start) + replacement.text.replaceAll('\n', lineEnd);
    at = replacement.end;
  }
  return out + text.slice(at);
}
