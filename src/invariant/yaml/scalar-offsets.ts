/**
 * Where each character of a YAML scalar's value stands in the file. A rule's condition is a text inside another text:
 * indented, folded, quoted or escaped, and its errors must point at what the person wrote.
 */

/** A character that a scalar's source gives the value, besides the blanks that folding may add or drop. */
interface Unit {
  readonly character: string;
  readonly start: number;
  readonly end: number;
  /** Written as an escape: it stands for itself, also when it is a blank. */
  readonly escaped: boolean;
}

export type ScalarStyle = 'plain' | 'single-quoted' | 'double-quoted' | 'block';

const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const BLANK = /[ \t\r\n]/;

/**
 * Offsets in `text` of every position in `value`, `value.length` included; never falling. `from` and `to` bound the scalar's
 * source in `text`: with its quotes, and for a block scalar from its first line of content (behind the header). Blanks
 * that folding made out of a line end lie at the end of that line. Cost: linear.
 *
 * Where the source cannot give this value (a bug, or another YAML than this reads) all offsets are `from`.
 */
export function scalarOffsets(
  text: string,
  from: number,
  to: number,
  style: ScalarStyle,
  value: string,
): number[] {
  const units = unitsOf(text, from, to, style);
  const offsets: number[] = [];
  let next = 0;
  let reached = from;
  for (let index = 0; index < value.length; index++) {
    const character = value[index] ?? '';
    const unit = units[next];
    if (unit !== undefined && unit.character === character && (unit.escaped || !BLANK.test(character))) {
      offsets.push(unit.start);
      reached = unit.end;
      next++;
    } else if (BLANK.test(character)) {
      const limit = unit?.start ?? to;
      offsets.push(Math.min(reached, limit));
      reached = Math.min(reached + 1, limit);
    } else {
      return new Array<number>(value.length + 1).fill(from);
    }
  }
  offsets.push(Math.min(reached, to));
  return offsets;
}

function unitsOf(text: string, from: number, to: number, style: ScalarStyle): Unit[] {
  const quoted = style === 'single-quoted' || style === 'double-quoted';
  const last = quoted ? to - 1 : to;
  const units: Unit[] = [];
  let at = quoted ? from + 1 : from;
  while (at < last) {
    const character = text[at] ?? '';
    if (style === 'double-quoted' && character === '\\') {
      const length = escapeLength(text[at + 1] ?? '');
      const meant = meaningOf(text.slice(at, at + length));
      // A character past U+FFFF is two code units of the value, both written by the one escape.
      for (const part of meant.split('')) {
        units.push({ character: part, start: at, end: at + length, escaped: true });
      }
      at += length;
    } else if (style === 'single-quoted' && character === "'") {
      units.push({ character, start: at, end: at + 2, escaped: false });
      at += 2;
    } else {
      if (!BLANK.test(character)) units.push({ character, start: at, end: at + 1, escaped: false });
      at++;
    }
  }
  return units;
}

function escapeLength(letter: string): number {
  return 2 + (ESCAPE_LENGTHS[letter] ?? 0);
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  '\t': '\t',
};

/** What an escape of YAML's double quotes stands for; the empty text for an escaped line end. */
function meaningOf(written: string): string {
  const letter = written[1] ?? '';
  const simple = SIMPLE_ESCAPES[letter];
  if (simple !== undefined) return simple;
  if (ESCAPE_LENGTHS[letter] === undefined) return '';
  const code = Number.parseInt(written.slice(2), 16);
  return Number.isNaN(code) || code > 0x10ffff ? '' : String.fromCodePoint(code);
}
