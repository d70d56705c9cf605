/**
 * Finds the end of one JSON value over any number of chunks, and cuts a large one into records on the way. It counts
 * brackets and skips strings, no more: whether the pieces are valid JSON is found when they are decoded.
 */
import type { BatchBuilder } from './batch-builder.ts';
import { ByteStore } from './byte-store.ts';
import { humanBytes, type InputLimits } from './input-limits.ts';
import { type Frame, formatOfKeys, frameIn, hasHeader, isLateHeader, noteKey } from './json-frames.ts';
import type { TraceFormat } from './record.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const LF = 0x0a;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LONGEST_KEY = 64;

/** `broken`: the line ended within a string, or another value began where none can. */
type ScanState = 'open' | 'complete' | 'broken';

export class JsonValueCutter {
  readonly #out: BatchBuilder;
  readonly #limits: InputLimits;
  /** The part of the value from earlier chunks, less what was cut out. */
  readonly #held = new ByteStore();
  #frames: Frame[] = [];
  /** Open containers within the innermost frame. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The key being read, or null. */
  #keyText: string | null = null;
  /** The last byte of the chunk before was a line end. */
  #atLineStart = false;
  #dropping = false;
  /** Index in this chunk from which it belongs to what is held. */
  #keepFrom = 0;
  /** The line where what is held begins, so that lines within a record can be counted. */
  #heldLine = 1;
  #state: ScanState = 'open';
  #format: TraceFormat | null = null;

  /** The line where the scanner stands, from 1. */
  line = 1;
  /** The line where the value began. */
  firstLine = 1;
  /** Each record of this file is on one line: a line that begins like one is one. */
  oneLineRecords = false;

  constructor(out: BatchBuilder, limits: InputLimits) {
    this.#out = out;
    this.#limits = limits;
  }

  get state(): ScanState {
    return this.#state;
  }

  /** The keys of the first object that may be a request, a trace or a span; null when there was none. */
  firstKeys: readonly string[] | null = null;
  /** Whether an array on the way to elements holds something else than objects and arrays. */
  hasScalars = false;

  begin(): void {
    this.#held.clear();
    this.#frames = [];
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#keyText = null;
    this.#atLineStart = false;
    this.#dropping = false;
    this.#state = 'open';
    this.firstLine = this.line;
    this.#heldLine = this.line;
    this.firstKeys = null;
    this.hasScalars = false;
  }

  /** The file's format, once it is known; before, records are named by what their keys say. */
  set format(format: TraceFormat) {
    this.#format = format;
  }

  /** Scans from `from` to the end of the value or of the chunk, and returns where it stopped. A value that is complete is in the batch. */
  scan(chunk: Uint8Array, from: number): number {
    this.#keepFrom = from;
    let at = from;
    if (this.#atLineStart && at < chunk.length) {
      this.#atLineStart = false;
      if (this.#valueBeginsAt(chunk, at)) return at;
    }
    while (at < chunk.length && this.#state === 'open') {
      if (this.#inString) at = this.#string(chunk, at);
      else if (this.#depth > 0) at = this.#inside(chunk, at);
      else at = this.#step(chunk, at);
    }
    if (this.#state !== 'complete' && !this.#dropping) {
      this.#held.append(chunk, this.#keepFrom, at);
      this.#keepFrom = at;
      if (this.#state === 'open') this.#bound();
    }
    return at;
  }

  /** Gives the elements that were whole to the batch, and forgets the rest; for a value that will not be complete. */
  salvage(): void {
    if (!this.#dropping) {
      for (const frame of this.#frames) {
        if (frame.elementEnd > frame.commaEnd) {
          frame.commaEnd = frame.elementEnd;
          frame.commaLine = this.line;
        }
      }
      this.#cut(true);
    }
    this.begin();
  }

  /** The position of an index of this chunk in what is held. */
  #position(index: number): number {
    return this.#held.length + index - this.#keepFrom;
  }

  /** One byte where containers are on the way to elements. */
  #step(chunk: Uint8Array, at: number): number {
    const top = this.#frames.at(-1) ?? null;
    switch (chunk[at]) {
      case QUOTE:
        this.#inString = true;
        this.#keyText = top?.expectsKey === true ? '' : null;
        this.hasScalars ||= top?.isArray === true;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.#open(chunk[at] === OPEN_BRACKET, at);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        return this.#close(chunk, at);
      case COMMA:
        if (top === null) break;
        if (!top.isArray) top.expectsKey = true;
        else if (top.cuttable) this.#comma(top, at);
        break;
      case COLON:
        if (top !== null) top.expectsKey = false;
        break;
      case LF:
        return this.#lineEnd(chunk, at);
      default:
        if ((chunk[at] as number) > SPACE) this.hasScalars ||= top?.isArray === true;
    }
    return at + 1;
  }

  #open(isArray: boolean, at: number): void {
    const frame = frameIn(this.#frames.at(-1) ?? null, isArray, this.#position(at), this.line);
    if (frame === null) {
      this.#depth = 1;
      return;
    }
    if (frame.role === 'document' && this.firstKeys === null) this.firstKeys = frame.keys;
    this.#frames.push(frame);
  }

  #close(chunk: Uint8Array, at: number): number {
    const top = this.#frames.pop();
    if (this.#dropping && top?.cuttable === true) this.#keepAgain(at);
    const parent = this.#frames.at(-1);
    if (parent === undefined) {
      this.#complete(chunk, at + 1);
      return at + 1;
    }
    if (parent.cuttable) parent.elementEnd = this.#position(at + 1);
    if (top?.cuttable === true && this.#position(at) > top.elementsFrom) parent.closed = true;
    return at + 1;
  }

  #comma(array: Frame, at: number): void {
    if (this.#dropping) {
      this.#keepAgain(at + 1);
      array.elementsFrom = this.#held.length;
      array.elementsLine = this.line;
      array.commaEnd = -1;
      array.elementEnd = -1;
      return;
    }
    array.commaEnd = this.#position(at + 1);
    array.commaLine = this.line;
  }

  /** The element that was too large is over. */
  #keepAgain(index: number): void {
    this.#dropping = false;
    this.#keepFrom = index;
  }

  /** Within an element, or a part of the document where nothing is cut: the loop that most bytes go through. */
  #inside(chunk: Uint8Array, from: number): number {
    let depth = this.#depth;
    let at = from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === QUOTE) {
        for (at++; at < chunk.length; at++) {
          const inner = chunk[at] as number;
          if (inner === QUOTE) break;
          if (inner === BACKSLASH) at++;
          else if (inner === LF) {
            this.#depth = depth;
            return this.#breakOff(at);
          }
        }
        if (at >= chunk.length) {
          this.#inString = true;
          this.#keyText = null;
          // An escape whose second half is in the next chunk has moved the index one too far.
          this.#escaped = at > chunk.length;
          at = chunk.length;
          break;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (--depth === 0) {
          this.#depth = 0;
          const top = this.#frames.at(-1);
          if (top?.cuttable === true) top.elementEnd = this.#position(at + 1);
          return at + 1;
        }
      } else if (byte === LF) {
        this.#depth = depth;
        const next = this.#lineEnd(chunk, at);
        if (this.#state !== 'open') return next;
      }
    }
    this.#depth = depth;
    return at;
  }

  #string(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === QUOTE) {
        this.#inString = false;
        this.#endOfKey();
        return at + 1;
      }
      if (byte === LF) return this.#breakOff(at);
      if (this.#keyText !== null && this.#keyText.length < LONGEST_KEY)
        this.#keyText += String.fromCharCode(byte);
      if (byte === BACKSLASH && ++at >= chunk.length) this.#escaped = true;
    }
    return chunk.length;
  }

  #endOfKey(): void {
    const top = this.#frames.at(-1);
    if (this.#keyText === null || top === undefined) return;
    if (isLateHeader(top, this.#keyText)) {
      this.#out.object(
        'FL517',
        `\`${this.#keyText}\` stands behind spans that were already read without it`,
        1,
        {
          line: this.line,
        },
      );
    }
    noteKey(top, this.#keyText);
    this.#keyText = null;
  }

  #lineEnd(chunk: Uint8Array, at: number): number {
    this.line++;
    if (at + 1 === chunk.length) this.#atLineStart = true;
    else this.#valueBeginsAt(chunk, at + 1);
    return at + 1;
  }

  #breakOff(lineEnd: number): number {
    this.line++;
    this.#state = 'broken';
    return lineEnd + 1;
  }

  /**
   * Whether a line begins with a value where the open one cannot have one: then the open one was cut off, and the state says
   * so. Behind a bracket or a comma an element may begin; in a file with a record on each line not even that is believed.
   */
  #valueBeginsAt(chunk: Uint8Array, at: number): boolean {
    const byte = chunk[at];
    if (byte !== OPEN_BRACE && byte !== OPEN_BRACKET) return false;
    if (!this.oneLineRecords) {
      const before = this.#byteBefore(chunk, at);
      if (before === COMMA || before === COLON || before === OPEN_BRACKET || this.#dropping) return false;
    }
    this.#state = 'broken';
    return true;
  }

  /** The last byte before an index that is no blank. */
  #byteBefore(chunk: Uint8Array, index: number): number | undefined {
    for (let at = index - 1; at >= this.#keepFrom; at--) {
      const byte = chunk[at] as number;
      if (byte > SPACE) return byte;
    }
    for (let at = this.#held.length - 1; at >= 0; at--) {
      const byte = this.#held.bytes[at] as number;
      if (byte > SPACE) return byte;
    }
    return undefined;
  }

  #complete(chunk: Uint8Array, end: number): void {
    this.#state = 'complete';
    if (this.#dropping) return;
    let bytes: Uint8Array;
    if (this.#held.length === 0) bytes = chunk.subarray(this.#keepFrom, end);
    else {
      this.#held.append(chunk, this.#keepFrom, end);
      bytes = this.#held.bytes.slice(0, this.#held.length);
    }
    const format = this.#formatHere();
    if (format !== null) this.#out.add(this.#heldLine, format, bytes);
  }

  #formatHere(): TraceFormat | null {
    return this.#format ?? (this.firstKeys === null ? null : formatOfKeys(this.firstKeys));
  }

  /** Keeps what is held within the limits: cuts whole elements out, and drops one that is too large. */
  #bound(): void {
    if (this.#held.length <= this.#limits.wholeDocument) return;
    this.#cut(false);
    const isJaeger = this.#formatHere() === 'jaeger-json';
    const limit = isJaeger ? this.#limits.jaegerTrace : this.#limits.record;
    if (this.#held.length > limit) this.#drop(limit);
  }

  /** Makes records of the whole elements of each open array, from the outside in, and takes them out of what is held. */
  #cut(anyway: boolean): void {
    const format = this.#formatHere();
    if (format === null) return;
    const patient = !anyway && this.#held.length <= this.#limits.headerWait;
    for (const [level, array] of this.#frames.entries()) {
      if (!array.isArray) continue;
      // Elements that stay would be told again by records that are cut out further inside.
      if (!array.cuttable) return;
      if (array.commaEnd <= array.elementsFrom) continue;
      const outer = this.#frames.slice(0, level);
      if (patient && !outer.every(hasHeader)) return;
      for (const object of outer) object.headerMissed ||= !hasHeader(object);
      this.#cutOut(array, level, format);
    }
  }

  #cutOut(array: Frame, level: number, format: TraceFormat): void {
    const { bytes } = this.#held;
    const { elementsFrom, commaEnd } = array;
    // Line ends before the elements would be counted again within the record.
    for (let at = 0; at < elementsFrom; at++) if (bytes[at] === LF) bytes[at] = SPACE;
    const elementsEnd = bytes[commaEnd - 1] === COMMA ? commaEnd - 1 : commaEnd;
    const record = new Uint8Array(elementsEnd + level + 1);
    record.set(bytes.subarray(0, elementsEnd));
    for (let up = level; up >= 0; up--) {
      record[elementsEnd + level - up] = this.#frames[up]?.isArray === true ? CLOSE_BRACKET : CLOSE_BRACE;
    }
    this.#out.add(array.elementsLine, format, record);
    const removed = commaEnd - elementsFrom;
    this.#held.remove(elementsFrom, commaEnd);
    this.#heldLine = array.commaLine;
    array.elementsLine = array.commaLine;
    array.elementEnd = array.elementEnd > commaEnd ? array.elementEnd - removed : -1;
    array.commaEnd = -1;
    for (const inner of this.#frames.slice(level + 1)) {
      inner.elementsFrom -= removed;
      if (inner.commaEnd !== -1) inner.commaEnd -= removed;
      if (inner.elementEnd !== -1) inner.elementEnd -= removed;
    }
  }

  /** Lets go of the element of the innermost array that can be cut, or of the whole value, and passes over the rest of it. */
  #drop(limit: number): void {
    let level = this.#frames.length - 1;
    while (level > 0 && this.#frames[level]?.cuttable !== true) level--;
    const frame = this.#frames[level];
    if (frame === undefined) return;
    this.#depth += this.#frames.length - 1 - level;
    this.#frames.length = level + 1;
    const line = frame.cuttable ? this.#lineOfElement(frame) : this.firstLine;
    this.#held.length = frame.cuttable ? frame.elementsFrom : 0;
    this.#dropping = true;
    this.#out.object('FL513', `a piece of the document is larger than ${humanBytes(limit)}`, 1, { line });
  }

  /** The line on which the first element that is held begins. */
  #lineOfElement(array: Frame): number {
    let line = array.elementsLine;
    for (let at = array.elementsFrom; (this.#held.bytes[at] as number) <= SPACE; at++) {
      if (this.#held.bytes[at] === LF) line++;
    }
    return line;
  }
}
