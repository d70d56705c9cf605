/** A short name for a list of texts that is the same in every run. */
import { createHash } from 'node:crypto';

/** 32 hex digits. */
export function fingerprintOf(parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
