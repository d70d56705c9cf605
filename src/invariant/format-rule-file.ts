/** `fluo fmt`: conditions and macros in the language's own style, everything else of the file as it is. */
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import { parseRule, parseSelector } from '../language/parse.ts';
import { PRINT_WIDTH, printRule, printSelector } from '../language/print.ts';
import { loadRuleFile } from './rule-file.ts';
import { listOf, mapOf, textOf, valueAt } from './yaml/access.ts';
import { readYaml, type YamlEntry, type YamlMap, type YamlScalar } from './yaml/read-yaml.ts';

interface FormattedRuleFile {
  /** The text as it was when there are errors. */
  readonly text: string;
  /** The errors that keep the file from being loaded. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Formats a rule file. A condition in a block scalar stays one, of style `|`; one on the line of its key stays there while it
 * fits, and becomes a block where it does not. Comments, order, quotes and blank lines of the YAML are kept. Formatting twice
 * changes nothing more.
 */
export function formatRuleFile(source: SourceText): FormattedRuleFile {
  // The day only decides about warnings, which are not of interest here.
  const { diagnostics } = loadRuleFile(source, '0000-01-01');
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const root = mapOf(readYaml(source).root);
  if (errors.length > 0 || root === null) return { text: source.text, diagnostics: errors };
  const formatter = new Formatter(source.text);
  for (const entry of mapOf(valueAt(root, 'macros'))?.entries ?? []) formatter.macro(entry, root);
  for (const item of listOf(valueAt(root, 'rules'))?.items ?? []) {
    const rule = mapOf(item);
    const entry = rule?.entries.find(({ name }) => name === 'condition');
    if (rule !== null && entry !== undefined) formatter.condition(entry, rule);
  }
  return { text: formatter.result(), diagnostics: [] };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

class Formatter {
  readonly #text: string;
  readonly #lineEnd: string;
  readonly #edits: Edit[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  }

  condition(entry: YamlEntry, holder: YamlMap): void {
    const scalar = textOf(entry.value);
    if (scalar === null) return;
    const { rule } = parseRule({ name: '', text: scalar.text });
    if (rule === null) return;
    const indent = this.#column(entry.key.range.start) + 2;
    this.#write(entry, scalar.node, this.#isFlow(holder), (width) => printRule(rule, width), indent);
  }

  macro(entry: YamlEntry, root: YamlMap): void {
    const scalar = textOf(entry.value);
    // A selector's tree has no comments; a text that may have one is left alone.
    if (scalar === null || scalar.text.includes('//')) return;
    const { selector } = parseSelector({ name: '', text: scalar.text });
    if (selector === null) return;
    const macros = mapOf(valueAt(root, 'macros'));
    const flow = this.#isFlow(root) || (macros !== null && this.#isFlow(macros));
    const indent = this.#column(entry.key.range.start) + 2;
    this.#write(entry, scalar.node, flow, () => printSelector(selector), indent);
  }

  result(): string {
    let text = this.#text;
    for (const { start, end, text: replacement } of this.#edits.sort((a, b) => b.start - a.start)) {
      text = text.slice(0, start) + replacement + text.slice(end);
    }
    return text;
  }

  #write(
    entry: YamlEntry,
    scalar: YamlScalar,
    flow: boolean,
    print: (width: number) => string,
    indent: number,
  ): void {
    if (scalar.style === 'block') {
      this.#block(scalar, print(PRINT_WIDTH - indent), indent);
      return;
    }
    const ahead = this.#column(entry.key.range.start) + (scalar.range.start - entry.key.range.start);
    const onOneLine = this.#isOnOneLine(scalar);
    const line = this.#quoted(print(flow ? Number.MAX_SAFE_INTEGER : PRINT_WIDTH - ahead), scalar, flow);
    if (line !== null && (flow || ahead + line.length <= PRINT_WIDTH) && (onOneLine || flow)) {
      this.#edits.push({ ...scalar.range, text: line });
    } else if (!flow && this.#isPlace(entry, scalar)) {
      this.#toBlock(scalar, print(PRINT_WIDTH - indent), indent);
    }
  }

  /** A block keeps the comment of its header, and nothing else of it: indicators for indentation and line ends mean nothing here. */
  #block(scalar: YamlScalar, printed: string, indent: number): void {
    const headerEnd = this.#endOfLine(scalar.range.start);
    const header = this.#text.slice(scalar.range.start, headerEnd);
    const comment = /\s+#.*$/.exec(header)?.[0].trimEnd() ?? '';
    const text = `|${comment}${this.#lineEnd}${this.#indented(printed, indent)}`;
    this.#edits.push({ start: scalar.range.start, end: scalar.range.end, text });
  }

  #toBlock(scalar: YamlScalar, printed: string, indent: number): void {
    const end = this.#endOfLine(scalar.range.end);
    const behind = this.#text.slice(scalar.range.end, end).trimEnd();
    const text = `|${behind}${this.#lineEnd}${this.#indented(printed, indent)}`;
    this.#edits.push({ start: scalar.range.start, end, text });
  }

  #indented(printed: string, indent: number): string {
    return printed
      .split('\n')
      .map((line) => (line === '' ? '' : ' '.repeat(indent) + line))
      .join(this.#lineEnd);
  }

  /** The text in the scalar's own style, or in single quotes where plain would be read otherwise; null when it has several lines. */
  #quoted(printed: string, scalar: YamlScalar, flow: boolean): string | null {
    if (printed.includes('\n')) return null;
    if (scalar.style === 'double-quoted') return `"${printed.replace(/["\\]/g, '\\$&')}"`;
    if (scalar.style === 'plain' && readsAs(printed, printed, flow)) return printed;
    return `'${printed.replaceAll("'", "''")}'`;
  }

  /** Whether a block may stand here: the value begins on the line of its key, which begins the line or follows a dash. */
  #isPlace(entry: YamlEntry, scalar: YamlScalar): boolean {
    const between = this.#text.slice(entry.key.range.end, scalar.range.start);
    const ahead = this.#text.slice(
      entry.key.range.start - this.#column(entry.key.range.start),
      entry.key.range.start,
    );
    return /^[ \t]*:[ \t]+$/.test(between) && /^[\s-]*$/.test(ahead);
  }

  #isFlow(map: YamlMap): boolean {
    return map.flow;
  }

  #isOnOneLine(scalar: YamlScalar): boolean {
    return !scalar.raw.includes('\n');
  }

  #column(offset: number): number {
    return offset - (this.#text.lastIndexOf('\n', offset - 1) + 1);
  }

  #endOfLine(offset: number): number {
    const end = this.#text.indexOf('\n', offset);
    if (end === -1) return this.#text.length;
    return this.#text[end - 1] === '\r' ? end - 1 : end;
  }
}

/** Whether a plain scalar of this text is read as this text. */
function readsAs(written: string, text: string, flow: boolean): boolean {
  const { root, diagnostics } = readYaml({ name: '', text: flow ? `{ k: ${written} }` : `k: ${written}\n` });
  return diagnostics.length === 0 && textOf(valueAt(mapOf(root) ?? EMPTY, 'k'))?.text === text;
}

const EMPTY: YamlMap = { kind: 'map', range: { start: 0, end: 0 }, entries: [], flow: false };
