/**
 * A disk in memory that knows what would survive a loss of power, and fails on request.
 *
 *     write ──► in the file ── sync ──► safe          create, rename, remove ──► in the folder ── syncFolder ──► safe
 */
import { type Disk, DiskError, type DiskFault, type DiskFile, type OpenMode } from './disk.ts';

export type DiskOperation =
  | 'list'
  | 'make-folder'
  | 'open'
  | 'create'
  | 'rename'
  | 'folders'
  | 'rename-folder'
  | 'remove-folder'
  | 'link'
  | 'remove'
  | 'sync-folder'
  | 'size'
  | 'free'
  | 'write'
  | 'read'
  | 'sync'
  | 'truncate'
  | 'close';

export interface DiskCall {
  readonly operation: DiskOperation;
  readonly path: string;
  /** From 1, counted over all calls. */
  readonly number: number;
}

/** What to do to a call. `after`: so many bytes of a write are written first, and `power-off` lets neither it nor any later call ever end. */
export interface InjectedFault {
  readonly fault: DiskFault | 'power-off';
  readonly after?: number;
}

export interface MemoryDiskOptions {
  /** Bytes of all files together; unlimited where absent. */
  readonly capacity?: number;
  /** Asked before each call. */
  readonly inject?: (call: DiskCall) => InjectedFault | null | Promise<InjectedFault | null>;
}

/** What is left of bytes that were not synced when the power goes: nothing, all (a killed process), or the first half. */
export type Unsynced = 'lost' | 'kept' | 'torn';

/** A file apart from its name. */
interface Node {
  bytes: Uint8Array;
  size: number;
  safe: Uint8Array;
}

const CHANGES: ReadonlySet<DiskOperation> = new Set([
  'make-folder',
  'create',
  'rename',
  'rename-folder',
  'remove-folder',
  'link',
  'remove',
  'write',
  'truncate',
]);

export class MemoryDisk implements Disk {
  capacity: number;
  isReadOnly = false;
  inject: MemoryDiskOptions['inject'];
  /** How many calls there were. */
  calls = 0;
  #isOff = false;
  #names = new Map<string, Node>();
  #safeNames = new Map<string, Node>();
  /** Folders that were put in another place, or removed, and whose names are not safe yet. */
  #moves: FolderMove[] = [];
  /** Folders that were there once: all others are, as far as anybody asks. */
  readonly #removedFolders = new Set<string>();

  constructor(options: MemoryDiskOptions = {}) {
    this.capacity = options.capacity ?? Number.POSITIVE_INFINITY;
    this.inject = options.inject;
  }

  /** What another start would find. This disk does not answer any more. */
  crash(unsynced: Unsynced): MemoryDisk {
    this.#isOff = true;
    const after = new MemoryDisk();
    const names = unsynced === 'kept' ? this.#names : this.#safeNames;
    const copies = new Map<Node, Node>();
    for (const [path, node] of names) {
      let copy = copies.get(node);
      if (copy === undefined) {
        const bytes = survivors(node, unsynced);
        copy = { bytes, size: bytes.length, safe: bytes.slice() };
        copies.set(node, copy);
      }
      after.#names.set(path, copy);
      after.#safeNames.set(path, copy);
    }
    return after;
  }

  /** The bytes of a file as they are, for tests to look at and to damage; null where none is. */
  peek(path: string): Uint8Array | null {
    const node = this.#names.get(clean(path));
    return node === undefined ? null : node.bytes.subarray(0, node.size);
  }

  /** Turns over one bit, past all checks. */
  flip(path: string, offset: number, bit = 0): void {
    const node = this.#names.get(clean(path));
    if (node === undefined || offset >= node.size) throw new Error(`nothing to flip at ${offset} of ${path}`);
    node.bytes[offset] = (node.bytes[offset] as number) ^ (1 << bit);
    if (offset < node.safe.length) node.safe[offset] = (node.safe[offset] as number) ^ (1 << bit);
  }

  /** Paths of all files, sorted. */
  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  async list(folder: string): Promise<readonly string[]> {
    await this.#call('list', folder);
    const start = `${clean(folder)}/`;
    return [...this.#names.keys()]
      .filter((path) => path.startsWith(start) && !path.includes('/', start.length))
      .map((path) => path.slice(start.length))
      .sort();
  }

  async makeFolder(folder: string): Promise<void> {
    await this.#call('make-folder', folder);
    for (let made = clean(folder); made !== ''; made = parentOf(made)) this.#removedFolders.delete(made);
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const isNew = mode === 'create' || mode === 'stream';
    await this.#call(isNew ? 'create' : 'open', path);
    if (mode === 'write' && this.isReadOnly) throw new DiskError('read-only', path, 'opening');
    const name = clean(path);
    let node = this.#names.get(name);
    if (isNew) {
      if (node !== undefined) throw new DiskError('exists', path, 'opening');
      if (this.#removedFolders.has(parentOf(name))) throw new DiskError('missing', path, 'opening');
      node = { bytes: new Uint8Array(64), size: 0, safe: new Uint8Array(0) };
      this.#names.set(name, node);
    }
    if (node === undefined) throw new DiskError('missing', path, 'opening');
    const call = (operation: DiskOperation, bytes?: number) => this.#call(operation, path, bytes);
    const isNamed = () => this.#names.get(name) === node;
    return mode === 'stream'
      ? new StreamedFile(this, path, node, call, isNamed)
      : new MemoryFile(this, path, node, call, isNamed);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#call('rename', from);
    const node = this.#names.get(clean(from));
    if (node === undefined) throw new DiskError('missing', from, 'renaming');
    this.#names.delete(clean(from));
    this.#names.set(clean(to), node);
  }

  async remove(path: string): Promise<void> {
    await this.#call('remove', path);
    this.#names.delete(clean(path));
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#call('sync-folder', folder);
    const start = `${clean(folder)}/`;
    this.#moves = this.#moves.filter((move) => {
      if (parentOf(move.from) !== clean(folder) && parentOf(move.to ?? '') !== clean(folder)) return true;
      moveNames(this.#safeNames, move);
      return false;
    });
    const isIn = (path: string) => path.startsWith(start) && !path.includes('/', start.length);
    for (const path of [...this.#safeNames.keys()]) {
      if (isIn(path) && !this.#names.has(path)) this.#safeNames.delete(path);
    }
    for (const [path, node] of this.#names) if (isIn(path)) this.#safeNames.set(path, node);
  }

  async folders(folder: string): Promise<readonly string[]> {
    await this.#call('folders', folder);
    const start = `${clean(folder)}/`;
    const below = [...this.#names.keys()].filter((path) => path.startsWith(start));
    const inside = below.map((path) => path.slice(start.length)).filter((path) => path.includes('/'));
    return [...new Set(inside.map((path) => path.slice(0, path.indexOf('/'))))].sort();
  }

  async renameFolder(from: string, to: string): Promise<void> {
    await this.#call('rename-folder', from);
    const hasFiles = (folder: string) =>
      [...this.#names.keys()].some((path) => path.startsWith(`${clean(folder)}/`));
    if (!hasFiles(from)) throw new DiskError('missing', from, 'renaming');
    if (hasFiles(to)) throw new DiskError('exists', to, 'renaming');
    this.#move({ from: clean(from), to: clean(to) });
  }

  async removeFolder(folder: string): Promise<void> {
    await this.#call('remove-folder', folder);
    this.#move({ from: clean(folder), to: null });
  }

  async link(from: string, to: string): Promise<void> {
    await this.#call('link', from);
    const node = this.#names.get(clean(from));
    if (node === undefined) throw new DiskError('missing', from, 'linking');
    if (this.#names.has(clean(to))) throw new DiskError('exists', to, 'linking');
    this.#names.set(clean(to), node);
  }

  async sizeOf(path: string): Promise<number | null> {
    await this.#call('size', path);
    return this.#names.get(clean(path))?.size ?? null;
  }

  async freeBytes(folder: string): Promise<number> {
    await this.#call('free', folder);
    return Math.max(0, this.capacity - this.usedBytes());
  }

  usedBytes(): number {
    let used = 0;
    for (const node of new Set(this.#names.values())) used += node.size;
    return used;
  }

  #move(move: FolderMove): void {
    for (const path of [...this.#names.keys(), `${move.from}/`]) {
      if (!path.startsWith(`${move.from}/`)) continue;
      for (let gone = parentOf(path); gone.length >= move.from.length; gone = parentOf(gone)) {
        this.#removedFolders.add(gone);
      }
    }
    for (let made = move.to ?? ''; made !== ''; made = parentOf(made)) this.#removedFolders.delete(made);
    moveNames(this.#names, move);
    this.#moves.push(move);
  }

  /** How many of the bytes of a write go through before it fails, and with what; null: it does not fail. */
  async #call(operation: DiskOperation, path: string, bytes = 0): Promise<PartialWrite | null> {
    // Nothing on a disk is done at once.
    await Promise.resolve();
    if (this.#isOff) return never();
    const number = ++this.calls;
    const injected = await this.inject?.({ operation, path, number });
    if (this.#isOff) return never();
    if (injected !== null && injected !== undefined) {
      const after = Math.min(injected.after ?? 0, bytes);
      if (injected.fault === 'power-off') {
        this.#isOff = true;
        return operation === 'write' ? { after, error: null } : never();
      }
      const error = new DiskError(injected.fault, path, operation);
      if (operation === 'write') return { after, error };
      throw error;
    }
    if (this.isReadOnly && CHANGES.has(operation)) throw new DiskError('read-only', path, operation);
    return null;
  }
}

interface FolderMove {
  readonly from: string;
  /** Null: removed. */
  readonly to: string | null;
}

function moveNames(names: Map<string, Node>, { from, to }: FolderMove): void {
  for (const [path, node] of [...names]) {
    if (!path.startsWith(`${from}/`)) continue;
    names.delete(path);
    if (to !== null) names.set(`${to}${path.slice(from.length)}`, node);
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

interface PartialWrite {
  readonly after: number;
  /** Null: it never ends. */
  readonly error: DiskError | null;
}

class MemoryFile implements DiskFile {
  readonly #disk: MemoryDisk;
  readonly #path: string;
  readonly #node: Node;
  readonly #call: (operation: DiskOperation, bytes?: number) => Promise<PartialWrite | null>;
  readonly #isNamed: () => boolean;

  constructor(
    disk: MemoryDisk,
    path: string,
    node: Node,
    call: (operation: DiskOperation, bytes?: number) => Promise<PartialWrite | null>,
    isNamed: () => boolean,
  ) {
    this.#disk = disk;
    this.#path = path;
    this.#node = node;
    this.#call = call;
    this.#isNamed = isNamed;
  }

  async write(parts: readonly Uint8Array[], at: number): Promise<void> {
    const bytes = joined(parts);
    const stop = await this.#call('write', bytes.length);
    const room = Math.max(0, this.#disk.capacity - this.#disk.usedBytes() + this.#node.size - at);
    const wanted = stop === null ? bytes.length : stop.after;
    put(this.#node, bytes.subarray(0, Math.min(wanted, room)), at);
    if (stop !== null) {
      if (stop.error === null) return never();
      throw stop.error;
    }
    if (room < bytes.length) throw new DiskError('full', this.#path, 'writing');
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    await this.#call('read');
    const found = this.#node.bytes.subarray(at, Math.max(at, Math.min(this.#node.size, at + into.length)));
    into.set(found);
    return found.length;
  }

  async sync(): Promise<void> {
    await this.#call('sync');
    this.#node.safe = this.#node.bytes.slice(0, this.#node.size);
  }

  async truncate(size: number): Promise<void> {
    await this.#call('truncate');
    if (size > this.#node.size) put(this.#node, new Uint8Array(size - this.#node.size), this.#node.size);
    this.#node.bytes.fill(0, size, this.#node.size);
    this.#node.size = size;
  }

  async size(): Promise<number> {
    await this.#call('size');
    return this.#node.size;
  }

  async isNamed(): Promise<boolean> {
    await this.#call('size');
    return this.#isNamed();
  }

  async close(): Promise<void> {
    await this.#call('close');
  }
}

/** Of a disk that takes whole blocks only: with zeros behind what was written, until it is closed. */
class StreamedFile extends MemoryFile {
  readonly #disk: MemoryDisk;
  readonly #node: Node;
  #end = 0;

  constructor(...parts: ConstructorParameters<typeof MemoryFile>) {
    super(...parts);
    [this.#disk, , this.#node] = parts;
  }

  override async write(parts: readonly Uint8Array[], at: number): Promise<void> {
    if (at !== this.#end) throw new Error('a streamed file is written at its end only');
    await super.write(parts, at);
    this.#end = at + parts.reduce((sum, part) => sum + part.length, 0);
    const padding = Math.min(-this.#end & (SMALL_BLOCK - 1), this.#disk.capacity - this.#disk.usedBytes());
    if (padding > 0) put(this.#node, new Uint8Array(padding), this.#end);
  }

  override async close(): Promise<void> {
    await super.close();
    if (this.#node.size - this.#end < SMALL_BLOCK) this.#node.size = Math.min(this.#node.size, this.#end);
  }
}

const SMALL_BLOCK = 64;

function put(node: Node, bytes: Uint8Array, at: number): void {
  if (bytes.length === 0) return;
  const end = at + bytes.length;
  if (end > node.bytes.length) {
    const larger = new Uint8Array(Math.max(end, node.bytes.length * 2));
    larger.set(node.bytes.subarray(0, node.size));
    node.bytes = larger;
  }
  node.bytes.set(bytes, at);
  node.size = Math.max(node.size, end);
}

function survivors(node: Node, unsynced: Unsynced): Uint8Array {
  const now = node.bytes.slice(0, node.size);
  if (unsynced === 'kept') return now;
  if (unsynced === 'lost' || now.length <= node.safe.length) return node.safe.slice();
  return now.slice(0, node.safe.length + Math.ceil((now.length - node.safe.length) / 2));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function clean(path: string): string {
  return path.replace(/\/+/g, '/').replace(/\/$/, '');
}

function never(): Promise<never> {
  return new Promise(() => {});
}
