/** How a command that is not the server reaches a data folder: as the server does, with the lock taken. */
import type { Disk } from '../archive/disk/disk.ts';
import { nodeDisk } from '../archive/disk/node-disk.ts';
import { type ArchiveReader, openArchive } from '../archive/query.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { lockFolder, lockHolder } from '../server/lock.ts';

/** Below the data folder. */
const ARCHIVE_FOLDER = 'archive';

export interface DataAccess {
  readonly disk: Disk;
  /** Where the server that holds the folder answers. Null: none holds it. `api` is null while it starts. */
  holder(folder: string): Promise<{ readonly pid: number; readonly api: string | null } | null>;
  /** What is archived in a data folder. Costs nothing until it is asked. */
  archive(folder: string): ArchiveReader;
  lock(
    folder: string,
  ): Promise<{ readonly lock: { release(): Promise<void> } } | { readonly problem: Diagnostic }>;
}

export function nodeDataAccess(): DataAccess {
  return {
    disk: nodeDisk(),
    holder: (folder) => lockHolder(folder),
    archive: (folder) => openArchive(`${folder}/${ARCHIVE_FOLDER}`),
    lock: (folder) => lockFolder(folder),
  };
}
