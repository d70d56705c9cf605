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
