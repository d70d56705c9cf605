/**
 * What the server says while it runs: a line of JSON a message, or a line of text on a terminal. A message that repeats is written at most
 * once in ten seconds, and with other facts twenty times, with how often it was left out.
 */
import { printable } from '../base/printable.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ['auto', 'json', 'text'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Facts beside the message. Texts of foreign origin may be in them: they are made harmless when written. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: Exclude<LogFormat, 'auto'>;
  /** Writes one line, its end included. */
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of every message, also of those that are not written. */
  readonly onMessage?: (level: LogLevel) => void;
}

/** The same message with the same facts is written once in so long. */
const REPEATED_AFTER_MS = 10_000;
/** The same message is written so often in that time: each of the errors of a file is news, thousands of failures are not. */
const MOST_VARIANTS = 20;
/** Messages whose repetition is known; beyond, the oldest is forgotten. */
const MOST_REMEMBERED = 200;

export function createLog(options: LogOptions): Log {
  return new LineLog(options);
}

export const SILENT_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };

class LineLog implements Log {
  readonly #options: LogOptions;
  readonly #recent = new Map<string, { since: number; variants: Set<string>; leftOut: number }>();

  constructor(options: LogOptions) {
    this.#options = options;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#say('debug', message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#say('info', message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#say('warn', message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#say('error', message, fields);
  }

  #say(level: LogLevel, message: string, fields: LogFields): void {
    this.#options.onMessage?.(level);
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#options.level)) return;
    const now = this.#options.now();
    const leftOut = this.#leftOutBefore(`${level} ${message}`, JSON.stringify(fields), now);
    if (leftOut === null) return;
    const all = leftOut === 0 ? fields : { ...fields, repeated: leftOut };
    this.#options.write(
      this.#options.format === 'json'
        ? jsonLine(now, level, message, all)
        : textLine(now, level, message, all),
    );
  }

  /** How many like it were left out since one was written last; null: this one is left out as well. */
  #leftOutBefore(key: string, variant: string, now: number): number | null {
    const last = this.#recent.get(key);
    // A clock that was set back must not silence a message for long.
    if (last !== undefined && Math.abs(now - last.since) < REPEATED_AFTER_MS) {
      if (last.variants.has(variant) || last.variants.size >= MOST_VARIANTS) {
        last.leftOut++;
        return null;
      }
      last.variants.add(variant);
      const { leftOut } = last;
      last.leftOut = 0;
      return leftOut;
    }
    this.#recent.delete(key);
    this.#recent.set(key, { since: now, variants: new Set([variant]), leftOut: 0 });
    if (this.#recent.size > MOST_REMEMBERED) {
      const [oldest] = this.#recent.keys();
      if (oldest !== undefined) this.#recent.delete(oldest);
    }
    return last?.leftOut ?? 0;
  }
}

function jsonLine(now: number, level: LogLevel, message: string, fields: LogFields): string {
  return `${JSON.stringify({ time: new Date(now).toISOString(), level, message, ...fields })}\n`;
}

function textLine(now: number, level: LogLevel, message: string, fields: LogFields): string {
  const time = new Date(now).toISOString().slice(11, 23);
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${factText(value)}`);
  return `${time} ${level.padEnd(5)} ${printable(message)}${facts.join('')}\n`;
}

function factText(value: LogFields[string]): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : printable(JSON.stringify(text));
}
