/**
 * How far a long run is, on one line of the terminal that is written over and in the end removed:
 *
 *     reading day.jsonl.gz   34% of 28 MB   212,480 spans   about 4 s left
 *
 * Nothing is written where standard error is no terminal, nor in the first 300 ms.
 */
import { formatCount } from '../report/counted.ts';
import type { Io } from './io.ts';

interface ProgressState {
  readonly file: string;
  /** Bytes read of all inputs. */
  readonly bytes: number;
  readonly spans: number | null;
}

const QUIET_MS = 300;
const BETWEEN_LINES_MS = 100;
const LONGEST_NAME = 30;
/** An estimate from less than this share would jump about. */
const ENOUGH_FOR_AN_ESTIMATE = 0.03;

export class Progress {
  readonly #io: Io;
  readonly #total: number | null;
  readonly #started: number;
  #next: number;
  #shown = false;

  /** `total` is the size of all inputs in bytes, null where it is not known. */
  constructor(io: Io, total: number | null) {
    this.#io = io;
    this.#total = total === 0 ? null : total;
    this.#started = io.clock.now();
    this.#next = this.#started + QUIET_MS;
  }

  /** Cheap: call it as often as you like. */
  update(state: ProgressState): void {
    const { stderr, clock } = this.#io;
    if (!stderr.isTerminal) return;
    const now = clock.now();
    if (now < this.#next) return;
    this.#next = now + BETWEEN_LINES_MS;
    this.#shown = true;
    const line = this.#line(state, now - this.#started);
    stderr.write(`\r${line.slice(0, Math.max(0, stderr.columns - 1))}\u001b[K`);
  }

  /** Removes the line. */
  end(): void {
    if (this.#shown) this.#io.stderr.write('\r\u001b[K');
    this.#shown = false;
  }

  #line({ file, bytes, spans }: ProgressState, elapsed: number): string {
    const parts = [`reading ${shortName(file)}`];
    if (this.#total === null) {
      parts.push(sizeText(bytes));
    } else {
      const share = Math.min(1, bytes / this.#total);
      parts.push(`${Math.floor(share * 100)}% of ${sizeText(this.#total)}`);
      if (share >= ENOUGH_FOR_AN_ESTIMATE) parts.push(leftText((elapsed / share) * (1 - share)));
    }
    if (spans !== null) parts.splice(2, 0, `${formatCount(spans)} spans`);
    return parts.join('   ');
  }
}

/** A long path would push the estimate off the line. */
function shortName(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

function leftText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 90) return `about ${seconds} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}
