/**
 * YAML as rule files, rule tests and drawn traces use it: maps, lists and scalars, each with its place in the text.
 *
 * The subset is deliberate. Anchors, aliases, merge keys, tags and several documents in one file are refused: a rule that a
 * person reviews must say what it means where it stands, and an alias is also the way to a text of a kilobyte that unfolds
 * to gigabytes.
 */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Parser,
  type Scalar,
  type YAMLError,
} from 'yaml';
import type { Diagnostic, SourceText, TextRange } from '../../diagnostic/diagnostic.ts';
import { positionOf } from '../../diagnostic/position.ts';
import { type ScalarStyle, scalarOffsets } from './scalar-offsets.ts';
import { anchorBefore, openBracket, tooDeep } from './tokens.ts';

export type YamlNode = YamlMap | YamlList | YamlScalar;

export interface YamlMap {
  readonly kind: 'map';
  readonly range: TextRange;
  /** In the order written; keys are distinct. */
  readonly entries: readonly YamlEntry[];
  /** Written with braces. */
  readonly flow: boolean;
}

export interface YamlEntry {
  readonly key: YamlScalar;
  /** Key as text. */
  readonly name: string;
  readonly value: YamlNode;
}

export interface YamlList {
  readonly kind: 'list';
  readonly range: TextRange;
  readonly items: readonly YamlNode[];
}

export interface YamlScalar {
  readonly kind: 'scalar';
  /** Of the value with its quotes; of a block scalar with its header; empty behind the key where nothing is written. */
  readonly range: TextRange;
  /** Integers past 2^53 are bigint. Bytes only where `binary` is allowed. */
  readonly value: string | number | bigint | boolean | null | Uint8Array;
  readonly style: ScalarStyle;
  /** In the place of an alias, which has its error already: there is a value, and it is not known. */
  readonly refused?: true;
  /** The scalar as written, with quotes. */
  readonly raw: string;
  /** For a text: offset in the file of an offset in it. Cost: linear at the first call, then constant. */
  toOuter(offset: number): number;
}

interface YamlReading {
  /** Null when nothing could be read; present along with diagnostics where the rest makes sense without them. */
  readonly root: YamlNode | null;
  readonly diagnostics: readonly Diagnostic[];
}

interface YamlOptions {
  /** Whether `!!binary` (base64) may be written: drawn traces have bytes. */
  readonly binary?: boolean;
  /** Whether `a` and `"a"` are two keys, as the names of drawn attributes are. */
  readonly quotedKeysDiffer?: boolean;
}

/** Longer texts are refused before they are read, in UTF-16 code units. */
export const LONGEST_YAML = 1_048_576;
/** Collections in collections. */
const DEEPEST_YAML = 64;

/** Reads a text of any kind; never throws. Cost: linear for what passes the limits. */
export function readYaml(source: SourceText, options: YamlOptions = {}): YamlReading {
  if (source.text.length > LONGEST_YAML) {
    return refusal(source, {
      code: 'FL310',
      message: `the file has ${source.text.length} characters, more than the limit of ${LONGEST_YAML}`,
      help: 'split it into several files of the same folder',
      range: { start: 0, end: 0 },
    });
  }
  const tokens = [...new Parser().parse(source.text)];
  const depth = tooDeep(tokens, DEEPEST_YAML);
  if (depth !== null) {
    return refusal(source, {
      code: 'FL310',
      message: `collections are nested deeper than ${DEEPEST_YAML} here`,
      help: 'no key of a Fluo file needs more than ten levels; look for a bracket or a dash too many',
      range: { start: depth, end: depth + 1 },
    });
  }
  const documents = compose(tokens, source.text.length);
  const [document] = documents;
  if (document === undefined) return { root: null, diagnostics: [] };
  const diagnostics: Diagnostic[] = syntaxErrors(source, document.errors, tokens);
  const second = documents[1];
  if (second !== undefined) {
    const start = second.range?.[0] ?? source.text.length;
    diagnostics.push(
      unsupported(source, { start, end: start + 3 }, 'a second YAML document', 'keep one document in a file'),
    );
  }
  if (document.errors.length > 0 || document.contents === null) return { root: null, diagnostics };
  const reader = new NodeReader(source, options, tokens, diagnostics);
  return { root: reader.read(document.contents, document.contents.range?.[0] ?? 0), diagnostics };
}

interface Refusal {
  readonly code: 'FL310';
  readonly message: string;
  readonly help: string;
  readonly range: TextRange;
}

function refusal(source: SourceText, what: Refusal): YamlReading {
  return { root: null, diagnostics: [{ ...what, severity: 'error', source }] };
}

function compose(tokens: readonly CST.Token[], length: number): Document.Parsed[] {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    // Duplicates are reported here, with the place of the first.
    uniqueKeys: false,
    intAsBigInt: true,
    keepSourceTokens: true,
    logLevel: 'silent',
  });
  return [...composer.compose(tokens, false, length)];
}

/** One diagnostic for each error up to the first open bracket: what follows it is not read as it was meant. */
function syntaxErrors(
  source: SourceText,
  errors: readonly YAMLError[],
  tokens: readonly CST.Token[],
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const error of errors) {
    const bracket = isOpenBracket(error) ? openBracket(tokens, error.pos[0]) : null;
    if (bracket !== null) return [...diagnostics, bracketError(source, bracket)];
    diagnostics.push(syntaxError(source, error));
  }
  return diagnostics;
}

/** One code stands for all bad indentation; only the sentence tells a collection in brackets from the others. */
function isOpenBracket(error: YAMLError): boolean {
  return error.code === 'BAD_INDENT' && error.message.startsWith('Flow ');
}

function syntaxError(source: SourceText, error: YAMLError): Diagnostic {
  const [start, end] = error.pos;
  return {
    code: 'FL301',
    severity: 'error',
    message: `this is not YAML: ${sentence(error.message)}`,
    source,
    range: { start, end: Math.max(end, start + 1) },
    help:
      SYNTAX_HELP[error.code] ??
      'mend the YAML here; a text with `:`, `#` or quotes in it is best quoted as a whole',
  };
}

/** The library complains of the indentation of what follows, where the bracket is just not closed. */
function bracketError(source: SourceText, bracket: TextRange): Diagnostic {
  const [opening, closing] = source.text[bracket.start] === '{' ? '{}' : '[]';
  return {
    code: 'FL301',
    severity: 'error',
    message: `this is not YAML: the \`${opening}\` is not closed`,
    source,
    range: bracket,
    help: `write \`${closing}\` behind the last item, and indent all lines in the brackets deeper than the key`,
  };
}

function sentence(message: string): string {
  const first = message.split('\n', 1)[0] ?? '';
  return first.charAt(0).toLowerCase() + first.slice(1);
}

const AS_BLOCK =
  'if this is a condition, write `condition: |` and the condition on the lines below, indented';

const SYNTAX_HELP: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  TAB_AS_INDENT: 'indent with blanks, YAML allows no tabs there',
  BAD_INDENT: 'give the keys of one map the same indentation, and what belongs to a key a deeper one',
  MULTILINE_IMPLICIT_KEY: `write \`key: value\`, with a blank behind the colon; ${AS_BLOCK}`,
  BLOCK_AS_IMPLICIT_KEY: `put a text with \`: \` in it in quotes; ${AS_BLOCK}`,
  UNEXPECTED_TOKEN: `put the whole text in single quotes; ${AS_BLOCK}`,
  BAD_SCALAR_START: `put the text in quotes; ${AS_BLOCK}`,
  BAD_ALIAS: `\`*\` begins an alias in YAML: put the text in quotes; ${AS_BLOCK}`,
  MISSING_CHAR: 'close the quote or the bracket that is open here',
  BAD_DQ_ESCAPE: 'write a backslash twice in double quotes, or use single quotes',
};

function unsupported(source: SourceText, range: TextRange, what: string, help: string): Diagnostic {
  return {
    code: 'FL302',
    severity: 'error',
    message: `${what} is not supported in Fluo's files`,
    source,
    range,
    help,
  };
}

class NodeReader {
  readonly #source: SourceText;
  readonly #options: YamlOptions;
  readonly #tokens: readonly CST.Token[];
  readonly #diagnostics: Diagnostic[];

  constructor(
    source: SourceText,
    options: YamlOptions,
    tokens: readonly CST.Token[],
    diagnostics: Diagnostic[],
  ) {
    this.#source = source;
    this.#options = options;
    this.#tokens = tokens;
    this.#diagnostics = diagnostics;
  }

  /** `behind` is where a node that is not written would stand. */
  read(node: Node | null, behind: number): YamlNode {
    if (node === null) return this.#nothing(behind);
    const start = node.range?.[0] ?? behind;
    const end = node.range?.[1] ?? start;
    const range = { start, end: trimmedEnd(this.#source.text, start, end) };
    if (isAlias(node)) {
      this.#refuse(
        range,
        `the alias \`*${node.source}\``,
        `write the value out, or put \`*...\` in quotes if it is text`,
      );
      return { ...this.#nothing(start), refused: true };
    }
    if ('anchor' in node && typeof node.anchor === 'string') {
      this.#refuse(
        anchorBefore(this.#tokens, node.anchor, start) ?? range,
        `the anchor \`&${node.anchor}\``,
        'write the value out in each place; rules share values by `lists` and `macros`',
      );
    }
    const binary = this.#options.binary === true && node.tag === 'tag:yaml.org,2002:binary';
    if (typeof node.tag === 'string' && !binary) {
      this.#refuse(range, `the tag \`${tagAsWritten(node.tag)}\``, 'leave the tag out; put text in quotes');
    }
    if (isMap(node)) return this.#map(node.items as Pair<Node, Node | null>[], range, node.flow === true);
    if (isSeq(node)) {
      return { kind: 'list', range, items: (node.items as Node[]).map((item) => this.read(item, start)) };
    }
    if (isScalar(node)) return binary ? this.#bytes(node, range) : this.#scalar(node, { start, end });
    return this.#nothing(start);
  }

  #map(pairs: readonly Pair<Node, Node | null>[], range: TextRange, flow: boolean): YamlMap {
    const entries: YamlEntry[] = [];
    const seen = new Map<string, YamlScalar>();
    for (const { key, value } of pairs) {
      const name = this.read(key, range.start);
      if (name.kind !== 'scalar' || name.value instanceof Uint8Array) {
        this.#refuse(name.range, 'a key that is not text', 'write a plain name before the colon');
        continue;
      }
      if (name.value === null && name.raw === '') {
        this.#refuse(name.range, 'an empty key', 'write a name before the colon');
        continue;
      }
      const text = typeof name.value === 'string' ? name.value : name.raw;
      if (text === '<<' && name.style === 'plain') {
        this.#refuse(name.range, 'the merge key `<<`', 'write the keys out in each place');
        continue;
      }
      const identity = this.#options.quotedKeysDiffer === true && name.style !== 'plain' ? `"${text}` : text;
      const first = seen.get(identity);
      if (first !== undefined) {
        const { line, column } = positionOf(this.#source.text, first.range.start);
        this.#diagnostics.push({
          code: 'FL303',
          severity: 'error',
          message: `the key \`${text}\` is here a second time`,
          source: this.#source,
          range: name.range,
          notes: [`the first is in line ${line}, column ${column}`],
          help: 'keep one of the two',
        });
        continue;
      }
      seen.set(identity, name);
      entries.push({ key: name, name: text, value: this.read(value, name.range.end) });
    }
    return { kind: 'map', range, entries, flow };
  }

  #scalar(node: Scalar, range: TextRange): YamlScalar {
    const { text } = this.#source;
    const style = styleOf(node);
    const raw = text.slice(range.start, range.end);
    const value = scalarValue(node.value, raw, style);
    // A block scalar's content begins on the line below its header.
    const from = style === 'block' ? afterLine(text, range.start) : range.start;
    let offsets: number[] | null = null;
    return {
      kind: 'scalar',
      range: { start: range.start, end: trimmedEnd(text, range.start, range.end) },
      value,
      style,
      raw,
      toOuter: (offset) => {
        if (typeof value !== 'string') return range.start;
        offsets ??= scalarOffsets(text, from, range.end, style, value);
        return offsets[Math.min(Math.max(offset, 0), value.length)] ?? range.start;
      },
    };
  }

  #bytes(node: Scalar, range: TextRange): YamlScalar {
    // The library decodes too, but passes over what is not base64.
    const bytes = decodeBase64((node.source ?? '').replace(/\s/g, ''));
    if (bytes === null) {
      this.#diagnostics.push({
        code: 'FL301',
        severity: 'error',
        message: 'this is not base64',
        source: this.#source,
        range,
        help: 'write the bytes in base64, as in `!!binary aGVsbG8=`',
      });
    }
    return { ...this.#nothing(range.start), range, value: bytes ?? new Uint8Array() };
  }

  #nothing(at: number): YamlScalar {
    return {
      kind: 'scalar',
      range: { start: at, end: at },
      value: null,
      style: 'plain',
      raw: '',
      toOuter: () => at,
    };
  }

  #refuse(range: TextRange, what: string, help: string): void {
    this.#diagnostics.push(unsupported(this.#source, range, what, help));
  }
}

function tagAsWritten(tag: string): string {
  return tag.startsWith('tag:yaml.org,2002:') ? `!!${tag.slice('tag:yaml.org,2002:'.length)}` : tag;
}

function styleOf(node: Scalar): ScalarStyle {
  if (node.type === 'QUOTE_DOUBLE') return 'double-quoted';
  if (node.type === 'QUOTE_SINGLE') return 'single-quoted';
  return node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED' ? 'block' : 'plain';
}

function scalarValue(value: unknown, raw: string, style: ScalarStyle): YamlScalar['value'] {
  if (typeof value === 'bigint') {
    // YAML's core schema has no negative zero among its integers; a double does.
    if (value === 0n && raw.startsWith('-')) return -0;
    const small = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return small ? Number(value) : value;
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return style === 'plain' ? null : '';
}

function afterLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end + 1;
}

/** Block scalars and collections swallow the line ends behind them; a position should not. */
function trimmedEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && /\s/.test(text[at - 1] ?? '')) at--;
  return at;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBase64(text: string): Uint8Array | null {
  return BASE64.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : null;
}
