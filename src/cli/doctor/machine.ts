/** What `fluo doctor` asks the machine: its disk, its ports, its clocks, and a server. Tests have a machine of their own. */
import type { Address } from '../../server/address.ts';
import type { LockHolder } from '../../server/lock.ts';

export interface Machine {
  /** Room on the disk of a folder that is there. Bytes. Rejects with the system's error. */
  room(folder: string): Promise<{ readonly free: number; readonly total: number }>;
  /** Writes, syncs and removes a small file some times; milliseconds of each sync. Rejects with the system's error. */
  syncTimes(folder: string): Promise<readonly number[]>;
  /** The path itself, or the nearest folder above it that is there. */
  nearestFolder(folder: string): Promise<string>;
  /** Whether DuckDB is installed. */
  hasDuckDb(): boolean;
  lockHolder(folder: string): Promise<LockHolder | null>;
  /** Null: the address is free. */
  occupied(address: Address): Promise<{ readonly code: string; readonly by: string | null } | null>;
  /** Milliseconds that the wall clock moved against the monotonic one while it was watched. */
  clockDrift(): Promise<{ readonly driftMs: number; readonly watchedMs: number }>;
  /** Null: no answer. */
  fetchText(url: string): Promise<{ readonly status: number; readonly text: string } | null>;
}
