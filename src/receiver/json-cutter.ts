/**
 * Cuts JSON text into records: a value on each line, values over many lines, or one value that is as large as the file.
 *
 * A file with a record on each line is cut at its line ends, which costs next to nothing; all else goes through the
 * value cutter. What stands between values is passed over, up to the next line that begins with one.
 */
import type { BatchBuilder } from './batch-builder.ts';
import type { InputLimits } from './input-limits.ts';
import { formatOfKeys } from './json-frames.ts';
import { JsonValueCutter } from './json-value-cutter.ts';
import type { TraceFormat } from './record.ts';

const LF = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** So much text without a value, and the file is taken for something else. */
const MOST_NOISE = 64 * 1024;

/** `line`: at the beginning of a line of a file with one record a line. `noise`: in text that is no value. */
type Mode = 'line' | 'between' | 'value' | 'noise';

export class JsonCutter {
  readonly #out: BatchBuilder;
  readonly #limits: InputLimits;
  readonly #value: JsonValueCutter;
  #mode: Mode = 'between';
  #format: TraceFormat | null = null;
  #unrecognised: string | null = null;
  /** The beginning of a line whose end has not come. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #atLineStart = true;
  /** Behind damage: a value is believed only at the very beginning of a line. */
  #wary = false;
  #noiseLine = 0;
  #noiseBytes = 0;
  #anyValue = false;

  constructor(out: BatchBuilder, limits: InputLimits) {
    this.#out = out;
    this.#limits = limits;
    this.#value = new JsonValueCutter(out, limits);
  }

  /** What was found instead of traces, once that is certain; then nothing more is read. */
  get unrecognised(): string | null {
    return this.#unrecognised;
  }

  /** Takes the next bytes of the text. They must not be written again: records point into them. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#unrecognised === null) {
      switch (this.#mode) {
        case 'line':
          at = this.#lines(chunk, at);
          break;
        case 'between':
          at = this.#between(chunk, at);
          break;
        case 'value':
          at = this.#scan(chunk, at);
          break;
        case 'noise':
          at = this.#noise(chunk, at);
          break;
      }
    }
  }

  /** The text is over. */
  end(): void {
    // A last line without its end may be cut off, however whole it looks.
    if (this.#mode === 'line' && this.#pieceBytes > 0) this.#slowly(this.#takePieces());
    if (this.#unrecognised !== null) return;
    if (this.#mode === 'value') {
      const { firstLine } = this.#value;
      this.#value.salvage();
      this.#out.object('FL512', 'the input ends in the middle of a record', 1, { line: firstLine });
    }
    this.#endNoise();
    if (this.#format === null && (this.#noiseBytes > 0 || !this.#anyValue))
      this.#unrecognised = 'text that is not JSON';
  }

  /** Whole lines, each a record. A line that is not closed goes the slow way: it may be a value over several lines. */
  #lines(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const end = chunk.indexOf(LF, at);
      if (end === -1) {
        this.#keepPiece(at === 0 ? chunk : chunk.subarray(at));
        return chunk.length;
      }
      if (this.#pieceBytes > 0) {
        this.#keepPiece(chunk.subarray(at, end));
        if (this.#mode !== 'line') return end;
        const line = this.#takePieces();
        if (!this.#line(line, 0, line.length)) {
          this.#slowly(line);
          return end;
        }
      } else if (!this.#line(chunk, at, end)) {
        this.#mode = 'between';
        this.#atLineStart = true;
        return at;
      }
      this.#value.line++;
      at = end + 1;
    }
    return at;
  }

  /** Makes a record of a line that looks whole; blank ones pass. */
  #line(bytes: Uint8Array, lineFrom: number, lineTo: number): boolean {
    let from = lineFrom;
    let to = lineTo;
    while (to > from && (bytes[to - 1] as number) <= SPACE) to--;
    if (to === from) return true;
    if (!this.#wary) while ((bytes[from] as number) <= SPACE) from++;
    const first = bytes[from];
    const last = bytes[to - 1];
    const whole =
      (first === OPEN_BRACE && last === CLOSE_BRACE) || (first === OPEN_BRACKET && last === CLOSE_BRACKET);
    if (!whole || this.#format === null) return false;
    this.#endNoise();
    this.#wary = false;
    this.#out.add(this.#value.line, this.#format, bytes.subarray(from, to));
    return true;
  }

  #keepPiece(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > this.#limits.longLine) this.#slowly(this.#takePieces());
  }

  #takePieces(): Uint8Array {
    const [first] = this.#pieces;
    let line = first ?? new Uint8Array(0);
    if (this.#pieces.length > 1) {
      line = new Uint8Array(this.#pieceBytes);
      let at = 0;
      for (const piece of this.#pieces) {
        line.set(piece, at);
        at += piece.length;
      }
    }
    this.#pieces = [];
    this.#pieceBytes = 0;
    return line;
  }

  /** Puts the beginning of a line through the value cutter. */
  #slowly(line: Uint8Array): void {
    this.#mode = 'between';
    this.#atLineStart = true;
    this.push(line);
  }

  #between(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === LF) {
        this.#value.line++;
        this.#atLineStart = true;
        if (this.#format !== null) {
          this.#mode = 'line';
          return at + 1;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#wary && !this.#atLineStart) return this.#beginNoise(at);
        this.#endNoise();
        this.#mode = 'value';
        this.#anyValue = true;
        this.#value.begin();
        return at;
      } else if (byte > SPACE && byte !== COMMA) return this.#beginNoise(at);
      else this.#atLineStart = this.#atLineStart && !this.#wary;
    }
    return chunk.length;
  }

  #beginNoise(at: number): number {
    if (this.#noiseLine === 0) this.#noiseLine = this.#value.line;
    this.#mode = 'noise';
    return at;
  }

  #noise(chunk: Uint8Array, from: number): number {
    const end = chunk.indexOf(LF, from);
    const to = end === -1 ? chunk.length : end;
    this.#noiseBytes += to - from;
    if (this.#format === null && this.#noiseBytes > MOST_NOISE) {
      this.#unrecognised = 'text that is not JSON';
      return chunk.length;
    }
    if (end === -1) return chunk.length;
    this.#mode = 'between';
    return end;
  }

  /** Reports the noise up to here, all of its lines at once. */
  #endNoise(): void {
    const first = this.#noiseLine;
    if (first === 0) return;
    this.#noiseLine = 0;
    this.#wary = false;
    this.#out.object('FL518', 'text that is no record stands between the records', 1, { line: first });
  }

  #scan(chunk: Uint8Array, from: number): number {
    const value = this.#value;
    const at = value.scan(chunk, from);
    if (value.state === 'open') return at;
    if (value.state === 'complete') {
      this.#mode = 'between';
      this.#atLineStart = false;
      this.#wary = false;
      this.#recognise();
      return at;
    }
    const { firstLine, line } = value;
    value.salvage();
    this.#out.object('FL512', `a record breaks off on line ${line === firstLine ? line : line - 1}`, 1, {
      line: firstLine,
    });
    this.#wary = true;
    this.#atLineStart = true;
    this.#mode = this.#format === null ? 'between' : 'line';
    return at;
  }

  /** The first whole value says what the file is. */
  #recognise(): void {
    const value = this.#value;
    if (this.#format !== null) return;
    const keys = value.firstKeys;
    const format = keys === null ? null : formatOfKeys(keys);
    if (format !== null) {
      this.#format = format;
      value.format = format;
      value.oneLineRecords = value.line === value.firstLine;
    } else if (keys !== null) {
      const shown = keys.slice(0, 4).map((key) => `\`${key}\``);
      this.#unrecognised = `JSON with the keys ${shown.join(', ')}${keys.length > shown.length ? ', ...' : ''}`;
    } else if (value.hasScalars) this.#unrecognised = 'a JSON array without objects';
  }
}
