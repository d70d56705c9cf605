/** Writes the texts and numbers of JSON as bytes: from bytes of a request into those of a column. */
import type { GrowingBytes } from '../parquet/growing-bytes.ts';
import type { Repeats } from '../parquet/repeats.ts';
import { writeDouble } from './double-digits.ts';
import { characterLength, mendedUtf8 } from './utf8.ts';

/** Shorter texts are not remembered: to copy them would save nothing. */
const SHORTEST_REPEATED = 8;

export const QUOTE = 0x22;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const BACKSLASH = 0x5c;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
export const ascii = (text: string) => ENCODER.encode(text);
const HEX = ascii('0123456789abcdef');
/** Second character of the short escapes; 0: plain; 1: by its number; 2: begins a character of several bytes. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(1, 0, 0x20);
ESCAPES.fill(2, 0x80);
for (const [byte, letter] of [
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x08, 'b'],
  [0x0c, 'f'],
  [0x0a, 'n'],
  [0x0d, 'r'],
  [0x09, 't'],
] as const) {
  ESCAPES[byte] = letter.charCodeAt(0);
}

/** Whoever extends it sees that `out` has the room. */
export abstract class JsonBytes {
  protected bytes: Uint8Array = ascii('');
  protected view: DataView = new DataView(new ArrayBuffer(0));
  protected out: Uint8Array = ascii('');
  protected outView: DataView = this.view;
  protected at = 0;
  /** Of what is written; null where nobody asks. */
  protected repeats: Repeats | null = null;

  protected string(from: number, to: number): void {
    const bytes = this.bytes;
    const out = this.out;
    const view = this.view;
    const outView = this.outView;
    const start = this.at;
    let at = start;
    let hash = to - from;
    out[at++] = QUOTE;
    /** Since the last character that is written in another way than it was sent. */
    let plainFrom = from;
    for (let next = from; next < to; ) {
      // Eight, then four bytes a step while none of them is special: a control character, a quote, a backslash, or beyond ASCII.
      for (; to - next >= 8; next += 8, at += 8) {
        const first = view.getInt32(next, true);
        const second = view.getInt32(next + 4, true);
        if (((specialIn(first) | specialIn(second)) & 0x80808080) !== 0) break;
        hash = Math.imul(Math.imul(hash ^ first, 0x9e3779b1) ^ second, 0x9e3779b1);
        outView.setInt32(at, first, true);
        outView.setInt32(at + 4, second, true);
      }
      for (; to - next >= 4; next += 4, at += 4) {
        const word = view.getInt32(next, true);
        if ((specialIn(word) & 0x80808080) !== 0) break;
        hash = Math.imul(hash ^ word, 0x9e3779b1);
        outView.setInt32(at, word, true);
      }
      if (next === to) break;
      const rest = to - next;
      if (rest < 4 && next - plainFrom >= 4 - rest) {
        // The last four bytes, of which some are written already.
        const word = view.getInt32(to - 4, true);
        if ((specialIn(word) & 0x80808080) === 0) {
          hash = Math.imul(hash ^ word, 0x9e3779b1);
          outView.setInt32(at + rest - 4, word, true);
          at += rest;
          break;
        }
      }
      const byte = bytes[next] as number;
      const form = ESCAPES[byte] as number;
      if (form === 0) {
        out[at++] = byte;
        next++;
      } else if (form === 2) {
        const length = characterLength(bytes, next, to);
        if (length === 0) {
          this.at = start;
          this.raw(JSON.stringify(DECODER.decode(mendedUtf8(bytes, from, to))));
          return;
        }
        for (const end = next + length; next < end; next++) out[at++] = bytes[next] as number;
        plainFrom = next;
      } else {
        next++;
        plainFrom = next;
        out[at++] = BACKSLASH;
        if (form !== 1) out[at++] = form;
        else {
          out[at++] = 0x75;
          out[at++] = DIGIT_0;
          out[at++] = DIGIT_0;
          out[at++] = HEX[byte >>> 4] as number;
          out[at++] = HEX[byte & 15] as number;
        }
      }
    }
    out[at++] = QUOTE;
    this.at = at;
    if (to - from >= SHORTEST_REPEATED) this.repeats?.note(hash, start);
  }

  /** A whole number below 2^31. */
  protected digits(value: number): void {
    const out = this.out;
    let length = 1;
    for (let bound = 10; bound <= value; bound *= 10) length++;
    let rest = value;
    for (let at = this.at + length - 1; at >= this.at; at--) {
      const next = (rest / 10) | 0;
      out[at] = DIGIT_0 + rest - next * 10;
      rest = next;
    }
    this.at += length;
  }

  /** A number of 64 bits in two words. */
  protected long(high: number, low: number): void {
    // A division by a million in two steps, each of them exact.
    const front = Math.floor(high / 1e6);
    const rest = (high - front * 1e6) * 2 ** 32 + low;
    const millions = Math.floor(rest / 1e6);
    const whole = front * 2 ** 32 + millions;
    if (whole > 0) {
      if (whole >= 1e6) {
        const first = Math.floor(whole / 1e6);
        this.digits(first);
        this.sixDigits(whole - first * 1e6);
      } else this.digits(whole);
      this.sixDigits(rest - millions * 1e6);
    } else this.digits(rest - millions * 1e6);
  }

  protected sixDigits(value: number): void {
    const out = this.out;
    let rest = value | 0;
    for (let at = this.at + 5; at >= this.at; at--) {
      const next = (rest / 10) | 0;
      out[at] = DIGIT_0 + rest - next * 10;
      rest = next;
    }
    this.at += 6;
  }

  protected double(value: number): void {
    const hundredths = Math.round(value * 100);
    // Amounts and ratios: dividing rounds as reading the digits would.
    if (hundredths > 0 && hundredths < 2 ** 31 && hundredths / 100 === value) {
      const whole = Math.floor(hundredths / 100);
      const rest = hundredths - whole * 100;
      this.digits(whole);
      this.out[this.at++] = POINT;
      this.out[this.at++] = DIGIT_0 + Math.floor(rest / 10);
      if (rest % 10 !== 0) this.out[this.at++] = DIGIT_0 + (rest % 10);
      return;
    }
    if (!Number.isInteger(value)) {
      const end = writeDouble(value, this.out, this.at);
      if (end >= 0) {
        this.at = end;
        return;
      }
    }
    this.ascii(doubleText(value));
  }

  protected base64(from: number, to: number): void {
    this.raw(Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, to - from).toString('base64'));
  }

  protected hex(from: number, to: number): void {
    const bytes = this.bytes;
    for (let at = from; at < to; at++) {
      this.out[this.at++] = HEX[(bytes[at] as number) >>> 4] as number;
      this.out[this.at++] = HEX[(bytes[at] as number) & 15] as number;
    }
  }

  protected copy(bytes: Uint8Array): void {
    const out = this.out;
    let at = this.at;
    for (let index = 0; index < bytes.length; index++) out[at++] = bytes[index] as number;
    this.at = at;
  }

  protected ascii(text: string): void {
    for (let index = 0; index < text.length; index++) this.out[this.at++] = text.charCodeAt(index);
  }

  protected raw(text: string): void {
    this.at += ENCODER.encodeInto(text, this.out.subarray(this.at)).written;
  }

  protected begin(out: GrowingBytes): void {
    this.out = out.bytes;
    this.outView = out.view;
    this.at = out.length;
  }
}

/** The high bits of those bytes of a word that are control characters, quotes, backslashes, or beyond ASCII; and perhaps of some behind them. */
function specialIn(word: number): number {
  const quotes = word ^ 0x22222222;
  const slashes = word ^ 0x5c5c5c5c;
  return (
    word |
    ((word - 0x20202020) & ~word) |
    ((quotes - 0x01010101) & ~quotes) |
    ((slashes - 0x01010101) & ~slashes)
  );
}

/** A double is told from an integer by its point or exponent. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `{"double":"${value}"}`;
  if (Object.is(value, -0)) return '-0.0';
  // From 1e21 on it is written with an exponent.
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}
