/**
 * An append-only log of JSON values that a state is rebuilt from: what was promised is on disk, and what is on disk can be read with an editor.
 *
 *     00000003.snapshot   the state before 00000003.jsonl
 *     00000003.jsonl      events since
 *     00000004.jsonl      events of the next start, or behind a certain size
 *
 * A file is never written again by a later start. The snapshot before the last one, and the events since it, are kept: a damaged snapshot loses
 * nothing.
 */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { keepDamaged } from './damaged-file.ts';
import { cutFile, ignoringFaults } from './disk/cut-file.ts';
import { type Disk, type DiskFile, PARTIAL, readFile, replaceFile } from './disk/disk.ts';
import { eventLine, eventLineInPieces, readEventLines } from './event-lines.ts';
import { GroupCommit } from './group-commit.ts';
import type { RecordLog } from './record-log.ts';

export interface EventLogOptions {
  /** A file is closed when it has so many bytes. Absent: 16 MiB. */
  readonly fileBytes?: number;
  /** What becomes of files that no start needs any more. Absent: `remove`. */
  readonly outdated?: 'remove' | 'keep';
}

export interface EventLogOpening {
  readonly log: EventLog;
  /** The last snapshot; null: there is none. */
  readonly snapshot: unknown;
  /** Events after the snapshot, in order. */
  readonly events: unknown[];
  /** What was found damaged, all of it kept aside and none of it fatal. */
  readonly problems: Diagnostic[];
}

export interface EventLog extends RecordLog {
  /**
   * Resolves when the event is synced; rejects with a `DiskError` when it cannot be. It may be found at the next start even then. The next append
   * tries again, in a fresh file.
   */
  append(event: unknown): Promise<void>;
  /**
   * Whether all that the next start needs is still on disk. Where it is not, somebody removed it: a snapshot of what is in memory mends that. The
   * folder of an empty log is made again where it is gone. Rejects with a `DiskError`.
   */
  isWhole(): Promise<boolean>;
  /** Writes what is waiting and closes the file. */
  close(): Promise<void>;
}

const FILE_BYTES = 16 * 1024 * 1024;

/** Reads the log and makes it ready for appending. Makes the folder where it is missing. Rejects with a `DiskError` when it cannot be read. */
export async function openEventLog(
  disk: Disk,
  folder: string,
  options: EventLogOptions = {},
): Promise<EventLogOpening> {
  await disk.makeFolder(folder);
  const names = await disk.list(folder);
  const problems: Diagnostic[] = [];
  const numbersOf = (suffix: string) =>
    names
      .filter((name) => /^\d{8}\./.test(name) && name.endsWith(suffix))
      .map((name) => Number(name.slice(0, 8)));
  for (const name of names)
    if (name.endsWith(PARTIAL)) await ignoringFaults(disk.remove(`${folder}/${name}`));

  const snapshots = numbersOf(SNAPSHOT);
  let from = 0;
  let snapshot: unknown = null;
  for (const number of [...snapshots].reverse()) {
    const found = await readSnapshot(disk, folder, number, problems);
    if (found === undefined) continue;
    from = number;
    snapshot = found.state;
    break;
  }

  const files = numbersOf(EVENTS);
  const events: unknown[] = [];
  for (const number of files.filter((number) => number >= from)) {
    for (const event of await readEvents(disk, folder, number, problems)) events.push(event);
  }
  const last = Math.max(0, ...files, ...snapshots);
  const log = new FileEventLog(disk, folder, options, {
    number: last + 1,
    lastSnapshot: from,
    length: events.length,
    needed: [
      ...(snapshot === null ? [] : [fileName(from, SNAPSHOT)]),
      ...files.filter((number) => number >= from).map((number) => fileName(number, EVENTS)),
    ],
  });
  return { log, snapshot, events, problems };
}

const EVENTS = '.jsonl';
const SNAPSHOT = '.snapshot';

function fileName(number: number, suffix: string): string {
  return `${String(number).padStart(8, '0')}${suffix}`;
}

/** Undefined: it is damaged, which was said. */
async function readSnapshot(
  disk: Disk,
  folder: string,
  number: number,
  problems: Diagnostic[],
): Promise<{ readonly state: unknown } | undefined> {
  const name = fileName(number, SNAPSHOT);
  const bytes = (await readFile(disk, `${folder}/${name}`)) ?? new Uint8Array(0);
  const { events, end } = readEventLines(bytes);
  if (events.length === 1 && end === bytes.length) return { state: events[0] };
  const kept = await keepDamaged(disk, folder, name, bytes);
  problems.push({
    code: 'FL821',
    severity: 'warning',
    message: 'the snapshot of a log is damaged: the one before it and all events since are used',
    file: `${folder}/${name}`,
    ...(kept === null ? {} : { notes: [`a copy is kept in \`${kept}\``] }),
    help: 'check the disk; nothing is lost if this is the only message of its kind',
  });
  return undefined;
}

async function readEvents(
  disk: Disk,
  folder: string,
  number: number,
  problems: Diagnostic[],
): Promise<readonly unknown[]> {
  const name = fileName(number, EVENTS);
  const path = `${folder}/${name}`;
  const bytes = (await readFile(disk, path)) ?? new Uint8Array(0);
  const { events, damaged, end } = readEventLines(bytes);
  if (damaged.length > 0) {
    const kept = await keepDamaged(disk, folder, name, bytes);
    problems.push({
      code: 'FL821',
      severity: 'error',
      message:
        damaged.length === 1
          ? 'a line of a log is damaged and left out'
          : `${damaged.length} lines of a log are damaged and left out`,
      file: path,
      line: damaged[0] as number,
      ...(kept === null ? {} : { notes: [`a copy is kept in \`${kept}\``] }),
      help: 'check the disk; to restore the line, put the file of a copy of the data folder in its place while the server is stopped',
    });
  }
  if (end < bytes.length) {
    const kept = await keepDamaged(disk, folder, `${name}.${end}`, bytes.subarray(end));
    await ignoringFaults(cutFile(disk, path, end));
    problems.push({
      code: 'FL820',
      severity: 'info',
      message: `the half-written end of a log, ${bytes.length - end} bytes, was cut off`,
      file: path,
      ...(kept === null ? {} : { notes: [`it is kept in \`${kept}\``] }),
      help: 'nothing has to be done: nothing that was promised is in it',
    });
  }
  return events;
}

/** Lets others have a turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

type Entry = { readonly line: Uint8Array } | { readonly snapshot: unknown } | { readonly look: Look };

/** An answer that is on its way. */
interface Look {
  isWhole: boolean;
  error: unknown;
}

/** What a start found. */
interface LogState {
  /** Of the next file. */
  readonly number: number;
  readonly lastSnapshot: number;
  readonly length: number;
  /** Names of the files that the state was read from. */
  readonly needed: readonly string[];
}

class FileEventLog implements EventLog {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #fileBytes: number;
  readonly #keepsOutdated: boolean;
  readonly #commit: GroupCommit<Entry>;
  #file: DiskFile | null = null;
  /** Of the open file, or of the next one. */
  #number: number;
  #synced = 0;
  #lastSnapshot: number;
  #length: number;
  /** Names of the files that the next start needs. */
  #needed: Set<string>;
  /** Some of it was found missing, and no snapshot has mended that yet. */
  #isMissed = false;

  constructor(disk: Disk, folder: string, options: EventLogOptions, state: LogState) {
    this.#disk = disk;
    this.#folder = folder;
    this.#fileBytes = options.fileBytes ?? FILE_BYTES;
    this.#keepsOutdated = options.outdated === 'keep';
    this.#commit = new GroupCommit((batch) => this.#write(batch));
    this.#number = state.number;
    this.#lastSnapshot = state.lastSnapshot;
    this.#length = state.length;
    this.#needed = new Set(state.needed);
  }

  get length(): number {
    return this.#length;
  }

  append(event: unknown): Promise<void> {
    this.#length++;
    return this.#commit.add({ line: eventLine(event) });
  }

  async snapshot(take: () => unknown): Promise<void> {
    this.#length = 0;
    // What is appended from here on comes after it, in memory and on disk.
    await this.#commit.add({ snapshot: take() });
  }

  async isWhole(): Promise<boolean> {
    const look: Look = { isWhole: false, error: null };
    await this.#commit.add({ look });
    if (look.error !== null) throw look.error;
    return look.isWhole;
  }

  async close(): Promise<void> {
    await this.#commit.idle();
    await this.#closeFile();
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    let lines: Uint8Array[] = [];
    for (const entry of batch) {
      if ('line' in entry) {
        lines.push(entry.line);
        continue;
      }
      await this.#writeLines(lines);
      lines = [];
      if ('look' in entry) await this.#look(entry.look);
      else await this.#writeSnapshot(entry.snapshot);
    }
    await this.#writeLines(lines);
  }

  async #writeLines(lines: readonly Uint8Array[]): Promise<void> {
    if (lines.length === 0) return;
    try {
      const isNew = this.#file === null;
      this.#file ??= await this.#disk.open(this.#path(), 'create');
      await this.#file.write(lines, this.#synced);
      await this.#file.sync();
      if (isNew) await this.#disk.syncFolder(this.#folder);
      this.#needed.add(fileName(this.#number, EVENTS));
    } catch (error) {
      await this.#abandon();
      throw error;
    }
    for (const line of lines) this.#synced += line.length;
    if (this.#synced >= this.#fileBytes) await this.#closeFile();
  }

  async #writeSnapshot(state: unknown): Promise<void> {
    const line = await eventLineInPieces(state, breathe);
    await this.#closeFile();
    const number = this.#number;
    // Somebody may have removed it: then this is what is left.
    await this.#disk.makeFolder(this.#folder);
    await replaceFile(this.#disk, this.#folder, fileName(number, SNAPSHOT), line);
    this.#needed = new Set([fileName(number, SNAPSHOT)]);
    this.#isMissed = false;
    const before = this.#lastSnapshot;
    // Without an event in between it took the place of the last one.
    if (before === number) return;
    this.#lastSnapshot = number;
    if (!this.#keepsOutdated) await ignoringFaults(this.#removeBefore(before));
  }

  /** Between two writes, when what is in the folder is known. A failure is of whoever asked, and of no write. */
  async #look(look: Look): Promise<void> {
    try {
      look.isWhole = await this.#isWhole();
      // What is appended to a file that nobody finds would be lost as well.
      this.#isMissed = !look.isWhole;
      if (this.#isMissed) await this.#closeFile();
    } catch (error) {
      look.error = error;
    }
  }

  async #isWhole(): Promise<boolean> {
    if (this.#isMissed) return false;
    if (this.#needed.size === 0) {
      await this.#disk.makeFolder(this.#folder);
      return true;
    }
    const names = new Set(await this.#disk.list(this.#folder));
    for (const name of this.#needed) if (!names.has(name)) return false;
    return this.#file === null || (await this.#file.isNamed());
  }

  async #removeBefore(number: number): Promise<void> {
    for (const name of await this.#disk.list(this.#folder)) {
      const isOurs = /^\d{8}\.(jsonl|snapshot)$/.test(name);
      if (isOurs && Number(name.slice(0, 8)) < number) await this.#disk.remove(`${this.#folder}/${name}`);
    }
  }

  /** After a fault nothing is known of the file's end: what is left of it is cut off, and another file begun. */
  async #abandon(): Promise<void> {
    if (this.#file !== null) await ignoringFaults(this.#file.truncate(this.#synced));
    await this.#closeFile();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    this.#synced = 0;
    this.#number++;
    await ignoringFaults(file.close());
  }

  #path(): string {
    return `${this.#folder}/${fileName(this.#number, EVENTS)}`;
  }
}
