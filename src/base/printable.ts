/** Makes text that came from outside safe to show: what would move the cursor, hide or reorder text becomes a visible escape. */

/**
 * Control characters (ANSI escapes begin with one), format characters (bidirectional marks, zero-width spaces, tags), line and
 * paragraph separators, and halves of surrogate pairs. The joiners U+200C and
 * U+200D stay: many scripts and emoji need them.
 */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Writes every character that does not print as `\n`, `\x1b` or `\u{202e}`. One line in, one line out. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => SHORT[character] ?? escaped(character));
}

/** As `printable`, for text of several lines: line feeds stay, and a tab becomes a blank. */
export function printableLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNPRINTABLE, (character) => {
    if (character === '\n') return character;
    return character === '\t' ? ' ' : (SHORT[character] ?? escaped(character));
  });
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits.padStart(4, '0')}}`;
}

/** The first `limit` UTF-16 units, never half of a pair, with `…` when something was cut off. Cost: O(limit). */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, wholePairs(text, limit - 1))}…`;
}

/** The offset at or just before `offset` that does not stand between the halves of a surrogate pair. */
export function wholePairs(text: string, offset: number): number {
  const before = text.charCodeAt(offset - 1);
  const after = text.charCodeAt(offset);
  const between = before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
  return between ? offset - 1 : offset;
}
