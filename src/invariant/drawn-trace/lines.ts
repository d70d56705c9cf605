/** The lines of a drawn trace: what each of them says, before ids and parents are known. */
import { type Nanos, parseDuration } from '../../base/nanos.ts';
import type { Diagnostic, SourceText, TextRange } from '../../diagnostic/diagnostic.ts';

export type DrawnLine =
  | DrawnSpanLine
  /** `(missing)`: a span that never arrived, as the parent of those below. */
  | (Line & { readonly kind: 'missing' })
  /** `---`, with a trace id or without: the next trace begins. */
  | { readonly kind: 'separator'; readonly traceId: string | null; readonly range: TextRange };

export interface DrawnSpanLine extends Line {
  readonly kind: 'span';
  /** Null where nothing stands before the slash: the span has no `service.name`. */
  readonly service: string | null;
  readonly name: string;
  readonly start: Nanos;
  readonly duration: Nanos;
}

interface Line {
  /** Blanks before it. */
  readonly indent: number;
  /** Without the blanks around it. */
  readonly range: TextRange;
  readonly label: { readonly name: string; readonly range: TextRange } | null;
  /** The braces and what is in them. */
  readonly fields: { readonly text: string; readonly range: TextRange } | null;
}

const EXAMPLE = '`payment/payment.charge @120ms+80ms {amount: 59.99}`';

/** Reads all lines; those with an error are left out. Cost: linear. */
export function readLines(source: SourceText): { lines: DrawnLine[]; diagnostics: Diagnostic[] } {
  const lines: DrawnLine[] = [];
  const diagnostics: Diagnostic[] = [];
  let at = 0;
  while (at < source.text.length) {
    const reader = new LineReader(source, at, diagnostics);
    const line = reader.read();
    if (line !== null) lines.push(line);
    at = reader.next;
  }
  return { lines, diagnostics };
}

class LineReader {
  /** Offset behind the line and its end. */
  next: number;
  readonly #source: SourceText;
  readonly #text: string;
  readonly #start: number;
  readonly #diagnostics: Diagnostic[];
  #at: number;
  /** End of the physical line without its line end; attributes may carry it on to a later one. */
  #end: number;

  constructor(source: SourceText, start: number, diagnostics: Diagnostic[]) {
    this.#source = source;
    this.#text = source.text;
    this.#start = start;
    this.#at = start;
    this.#diagnostics = diagnostics;
    this.#end = start;
    this.next = start;
    this.#toLineEnd(start);
  }

  read(): DrawnLine | null {
    const indent = this.#indentation();
    if (this.#at === this.#end || this.#text.startsWith('//', this.#at)) return null;
    const start = this.#at;
    if (this.#text.startsWith('---', start)) return this.#separator(start);
    const missing = /^\(missing\)(?=[ \t]|$)/.exec(this.#rest());
    if (missing !== null) {
      this.#at += missing[0].length;
      const tail = this.#tail();
      return tail === null ? null : { kind: 'missing', indent, range: this.#range(start), ...tail };
    }
    const head = this.#head();
    if (head === null) return null;
    const tail = this.#tail();
    return tail === null ? null : { kind: 'span', indent, range: this.#range(start), ...head, ...tail };
  }

  #indentation(): number {
    while (this.#at < this.#end && (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t'))
      this.#at++;
    const indentation = this.#text.slice(this.#start, this.#at);
    if (indentation.includes('\t') && this.#at < this.#end) {
      this.#error(
        'FL602',
        this.#start,
        this.#at,
        'a tab in the indentation',
        'indent with blanks: a tab is as wide as each editor likes',
      );
    }
    return this.#at - this.#start;
  }

  #separator(start: number): DrawnLine | null {
    const match = /^---(?:[ \t]+([0-9A-Fa-f]{32}))?[ \t]*$/.exec(this.#rest());
    if (match === null) {
      this.#error(
        'FL601',
        start,
        this.#end,
        '`---` begins the next trace, and something else stands behind it',
        'write `---` alone, or with a trace id of 32 hex digits',
      );
      return null;
    }
    return {
      kind: 'separator',
      traceId: match[1]?.toLowerCase() ?? null,
      range: { start, end: start + match[0].trimEnd().length },
    };
  }

  /** `service/name @start+duration` */
  #head(): Pick<DrawnSpanLine, 'service' | 'name' | 'start' | 'duration'> | null {
    const begin = this.#at;
    const service = this.#service();
    if (service === undefined) return null;
    const name = this.#name();
    if (name === null) return null;
    if (name === '') {
      this.#error(
        'FL601',
        begin,
        this.#at,
        'the span has no name',
        `write service, slash and name, as in ${EXAMPLE}; an empty name is \`""\``,
      );
      return null;
    }
    const times = /^[ \t]*@([^\s+{#]*)(?:\+([^\s{#]*))?/.exec(this.#rest());
    if (times === null) {
      this.#error(
        'FL601',
        this.#at,
        this.#end,
        `the span \`${name.text}\` has no time`,
        `write start and duration behind the name, as in ${EXAMPLE}`,
      );
      return null;
    }
    const timeStart = this.#at + times[0].indexOf('@');
    this.#at += times[0].length;
    const start = signed(times[1] ?? '');
    const duration = parseDuration(times[2] ?? '');
    if (start === null || duration === null) {
      this.#error(
        'FL601',
        timeStart,
        this.#at,
        `\`${this.#text.slice(timeStart, this.#at)}\` is not a time`,
        'write `@start+duration`, each a number with a unit (ns us ms s m h d), as in `@120ms+80ms`',
      );
      return null;
    }
    return { service, name: name.text, start, duration };
  }

  /** Null: nothing before the slash. Undefined: an error. */
  #service(): string | null | undefined {
    if (this.#text[this.#at] === '"') {
      const quoted = this.#quoted();
      if (quoted === null) return undefined;
      if (this.#text[this.#at] !== '/') return this.#noSlash();
      this.#at++;
      return quoted;
    }
    const slash = this.#text.indexOf('/', this.#at);
    const time = this.#rest().search(/[ \t]@/);
    if (slash === -1 || slash >= this.#end || (time !== -1 && slash > this.#at + time))
      return this.#noSlash();
    const service = this.#text.slice(this.#at, slash).trim();
    this.#at = slash + 1;
    return service === '' ? null : service;
  }

  #noSlash(): undefined {
    this.#error(
      'FL601',
      this.#at,
      this.#end,
      'the line does not say which service the span is of',
      `write service, slash and name, as in ${EXAMPLE}; a span without a service begins with the slash`,
    );
    return undefined;
  }

  /** The name; the empty text where none is written, null after an error. */
  #name(): { readonly text: string } | '' | null {
    if (this.#text[this.#at] === '"') {
      const quoted = this.#quoted();
      return quoted === null ? null : { text: quoted };
    }
    const rest = this.#rest();
    const time = rest.search(/(?:^|[ \t])@/);
    const text = (time === -1 ? rest : rest.slice(0, time)).trim();
    this.#at += time === -1 ? rest.length : time;
    return text === '' ? '' : { text };
  }

  #quoted(): string | null {
    const match = /^"(?:[^"\\]|\\.)*"/.exec(this.#rest());
    if (match === null) {
      this.#error(
        'FL601',
        this.#at,
        this.#end,
        'the quote that opens here is not closed',
        'close it on the same line; write `\\"` for a quote and `\\\\` for a backslash in it',
      );
      return null;
    }
    const start = this.#at;
    this.#at += match[0].length;
    try {
      return JSON.parse(match[0]) as string;
    } catch {
      this.#error(
        'FL601',
        start,
        this.#at,
        'a character or an escape that quotes do not know',
        'quotes are read as in JSON: \\" \\\\ \\n \\t \\u00e9',
      );
      return null;
    }
  }

  /** Attributes and label, in this order, and nothing else. */
  #tail(): Pick<Line, 'fields' | 'label'> | null {
    this.#skipBlanks();
    let fields: Line['fields'] = null;
    if (this.#text[this.#at] === '{' && this.#at < this.#end) {
      const end = closingBrace(this.#text, this.#at);
      if (end === null) {
        this.#error(
          'FL601',
          this.#at,
          this.#at + 1,
          'the attributes that open here are not closed',
          'write `}` behind the last attribute; they may run over several lines',
        );
        return null;
      }
      fields = { text: this.#text.slice(this.#at, end), range: { start: this.#at, end } };
      this.#at = end;
      this.#toLineEnd(end);
      this.#skipBlanks();
    }
    const match = /^#([A-Za-z0-9_][\w.-]*)[ \t]*$/.exec(this.#rest());
    if (match !== null) {
      const start = this.#at;
      const name = match[1] ?? '';
      this.#at = start + 1 + name.length;
      return { fields, label: { name, range: { start, end: this.#at } } };
    }
    if (this.#at < this.#end) {
      this.#error(
        'FL601',
        this.#at,
        this.#end,
        `\`${this.#rest().trim()}\` is more than a span's line has`,
        `behind the time stand attributes in braces and a label (\`#charge\`), in this order, as in ${EXAMPLE}; a name with \` @\` in it is quoted`,
      );
      return null;
    }
    return { fields, label: null };
  }

  #skipBlanks(): void {
    while (this.#at < this.#end && (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t'))
      this.#at++;
  }

  #rest(): string {
    return this.#text.slice(this.#at, this.#end);
  }

  #range(start: number): TextRange {
    return { start, end: this.#at };
  }

  #toLineEnd(from: number): void {
    const newline = this.#text.indexOf('\n', from);
    this.#end = newline === -1 ? this.#text.length : newline;
    this.next = newline === -1 ? this.#text.length : newline + 1;
    if (this.#end > from && this.#text[this.#end - 1] === '\r') this.#end--;
  }

  #error(code: Diagnostic['code'], start: number, end: number, message: string, help: string): void {
    const range = { start, end: Math.max(end, start + 1) };
    this.#diagnostics.push({ code, severity: 'error', message, source: this.#source, range, help });
  }
}

function signed(text: string): Nanos | null {
  const nanos = parseDuration(text.replace(/^-/, ''));
  return nanos === null ? null : text.startsWith('-') ? -nanos : nanos;
}

/** Offset behind the brace that closes the one at `open`, over lines, minding YAML's quotes; null when there is none. */
function closingBrace(text: string, open: number): number | null {
  let depth = 0;
  let quote = '';
  for (let at = open; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote === '"' && character === '\\') at++;
    else if (quote !== '') {
      if (character === quote) quote = '';
    } else if ((character === '"' || character === "'") && /[\s,:[{]/.test(text[at - 1] ?? ''))
      quote = character;
    else if (character === '{') depth++;
    else if (character === '}') {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}
