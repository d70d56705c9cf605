/** Files of the archive appear whole or not at all: written aside, synced, and then given their name. */
import { dirname } from 'node:path/posix';
import { type Disk, DiskError, type DiskFile } from './disk/disk.ts';
import { type ArchiveTable, type Hour, hourFolder, temporaryFolder } from './layout.ts';

export interface FilePlace {
  /** The folder `archive`. */
  readonly root: string;
  readonly table: ArchiveTable;
  readonly hour: Hour;
  readonly name: string;
}

/** Compaction takes a folder away for an instant: so often it is asked for again. */
const MOST_TRIES = 200;

/** A file that is being written. What an earlier try at it left is written over. */
export class ArchiveFile {
  readonly #disk: Disk;
  readonly #place: FilePlace;
  readonly #mode: 'create' | 'stream';
  readonly #temporary: string;
  #file: DiskFile | null = null;
  /** So far. */
  bytes = 0;

  /** `stream`: it is large, and nobody reads it soon. */
  constructor(disk: Disk, place: FilePlace, mode: 'create' | 'stream' = 'create') {
    this.#disk = disk;
    this.#place = place;
    this.#mode = mode;
    // One process writes a table: the name is taken by nobody else.
    this.#temporary = `${temporaryFolder(place.root)}/${place.table}-${place.hour}-${place.name}.tmp`;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#file ??= await this.#create();
    await this.#file.write([bytes], this.bytes);
    this.bytes += bytes.length;
  }

  /** Gives the file its name, over one that has it already; resolves with the path when that is safe. */
  async put(): Promise<string> {
    const file = this.#file ?? (await this.#create());
    await file.truncate(this.bytes);
    await file.sync();
    await this.close();
    const { root, table, hour, name } = this.#place;
    const folder = hourFolder(root, table, hour);
    const path = `${folder}/${name}`;
    let hasName = false;
    for (let tries = 1; ; tries++) {
      await this.#disk.makeFolder(folder);
      try {
        if (!hasName) await this.#disk.rename(this.#temporary, path);
        hasName = true;
        await this.#disk.syncFolder(folder);
        // Taken along with the folder, it is moved back at once.
        if ((await this.#disk.sizeOf(path)) !== null) break;
        if (tries === MOST_TRIES) throw new DiskError('missing', path, 'putting it in place');
      } catch (error) {
        if (!(error instanceof DiskError) || error.fault !== 'missing' || tries === MOST_TRIES) throw error;
      }
    }
    await this.#disk.syncFolder(dirname(this.#temporary));
    return path;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #create(): Promise<DiskFile> {
    await this.#disk.makeFolder(dirname(this.#temporary));
    await this.#disk.remove(this.#temporary);
    return this.#disk.open(this.#temporary, this.#mode);
  }
}
