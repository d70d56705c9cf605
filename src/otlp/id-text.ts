/** Ids in the words of a row as text. */

/** By value: the character code of a hex digit. */
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** A span's id, given as its two words: 16 hex digits. */
export function spanIdText(high: number, low: number): string {
  const d = DIGITS;
  return String.fromCharCode(
    d[high >>> 28] as number,
    d[(high >>> 24) & 15] as number,
    d[(high >>> 20) & 15] as number,
    d[(high >>> 16) & 15] as number,
    d[(high >>> 12) & 15] as number,
    d[(high >>> 8) & 15] as number,
    d[(high >>> 4) & 15] as number,
    d[high & 15] as number,
    d[low >>> 28] as number,
    d[(low >>> 24) & 15] as number,
    d[(low >>> 20) & 15] as number,
    d[(low >>> 16) & 15] as number,
    d[(low >>> 12) & 15] as number,
    d[(low >>> 8) & 15] as number,
    d[(low >>> 4) & 15] as number,
    d[low & 15] as number,
  );
}

/** A trace's id, given as four words that begin at `place`: 32 hex digits. */
export function traceIdText(words: Uint32Array, place: number): string {
  return (
    spanIdText(words[place] as number, words[place + 1] as number) +
    spanIdText(words[place + 2] as number, words[place + 3] as number)
  );
}
