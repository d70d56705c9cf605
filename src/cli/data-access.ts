/** How a command that is not the server reaches a data folder: as the server does, with the lock taken. */
import type { Disk } from '../archive/disk/disk.ts';
import { nodeDisk } from '../archive/disk/node-disk.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { lockFolder, lockHolder } from '../server/lock.ts';

export interface DataAccess {
  readonly disk: Disk;
  /** Where the server that holds the folder answers. Null: none holds it. `api` is null while it starts. */
  holder(folder: string): Promise<{ readonly pid: number; readonly api: string | null } | null>;
  lock(
    folder: string,
  ): Promise<{ readonly lock: { release(): Promise<void> } } | { readonly problem: Diagnostic }>;
}

export function nodeDataAccess(): DataAccess {
  return { disk: nodeDisk(), holder: (folder) => lockHolder(folder), lock: (folder) => lockFolder(folder) };
}
