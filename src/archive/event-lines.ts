/**
 * The form of an event log's file: a line of JSON an event, with the CRC-32 of the event's own text.
 *
 *     {"crc":"8d0f2a11","event":{...}}
 */
import { crc32 } from 'node:zlib';

export interface EventLines {
  readonly events: readonly unknown[];
  /** Whole lines that are not what was written: their numbers, from 1. */
  readonly damaged: readonly number[];
  /** Where a line begins that has no end; the length of the text where there is none. */
  readonly end: number;
}

const START = '{"crc":"';
const BETWEEN = '","event":';
const DIGITS = 8;
const EVENT_AT = START.length + DIGITS + BETWEEN.length;
const NEWLINE = 0x0a;

/** The line with its end. */
export function eventLine(event: unknown): Uint8Array {
  const text = Buffer.from(JSON.stringify(event) ?? 'null');
  const crc = crc32(text).toString(16).padStart(DIGITS, '0');
  return Buffer.concat([Buffer.from(`${START}${crc}${BETWEEN}`), text, Buffer.from('}\n')]);
}

/**
 * The line of a large object in pieces, with others' turns in between: its arrays are written an element at a time. The object must not change
 * meanwhile.
 */
export async function eventLineInPieces(
  event: unknown,
  breathe: () => Promise<unknown>,
): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let crc = 0;
  let text = '';
  const flush = async () => {
    const bytes = Buffer.from(text);
    text = '';
    crc = crc32(bytes, crc);
    pieces.push(bytes);
    await breathe();
  };
  for (const part of partsOf(event)) {
    text += part;
    if (text.length >= PIECE_CHARACTERS) await flush();
  }
  await flush();
  const head = Buffer.from(`${START}${crc.toString(16).padStart(DIGITS, '0')}${BETWEEN}`);
  return [head, ...pieces, Buffer.from('}\n')];
}

const PIECE_CHARACTERS = 256 * 1024;

/** Parts of the JSON text of a value. */
function* partsOf(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'toJSON' in value) {
    yield JSON.stringify(value) ?? 'null';
    return;
  }
  let isFirst = true;
  yield '{';
  for (const [key, member] of Object.entries(value)) {
    const whole = Array.isArray(member) ? '' : JSON.stringify(member);
    if (whole === undefined) continue;
    yield `${isFirst ? '' : ','}${JSON.stringify(key)}:`;
    isFirst = false;
    if (Array.isArray(member)) yield* elementsOf(member);
    else yield whole;
  }
  yield '}';
}

function* elementsOf(list: readonly unknown[]): Iterable<string> {
  yield '[';
  for (const [place, element] of list.entries()) {
    yield `${place === 0 ? '' : ','}${JSON.stringify(element) ?? 'null'}`;
  }
  yield ']';
}

/** Reads every line that is whole; never throws. */
export function readEventLines(bytes: Uint8Array): EventLines {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const events: unknown[] = [];
  const damaged: number[] = [];
  let at = 0;
  for (let number = 1; ; number++) {
    const end = text.indexOf(NEWLINE, at);
    if (end < 0) return { events, damaged, end: at };
    const event = eventIn(text.subarray(at, end));
    if (event === undefined) damaged.push(number);
    else events.push(event);
    at = end + 1;
  }
}

/** Undefined where the line is not what was written. */
function eventIn(line: Buffer): unknown {
  if (line.length <= EVENT_AT) return undefined;
  const head = line.toString('latin1', 0, EVENT_AT);
  if (!head.startsWith(START) || !head.endsWith(BETWEEN)) return undefined;
  const event = line.subarray(EVENT_AT, -1);
  const crc = crc32(event).toString(16).padStart(DIGITS, '0');
  if (head.slice(START.length, START.length + DIGITS) !== crc || line.at(-1) !== 0x7d) return undefined;
  try {
    return JSON.parse(event.toString());
  } catch {
    return undefined;
  }
}
