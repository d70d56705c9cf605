/**
 * Bounds the places (a service and its version) by which verdicts are counted: a client that sends a new version with each request must not make
 * the counts larger than the traces. Of places beyond the limits only the rule is counted; no count is lost.
 */
import type { Millis, VerdictCount } from '../engine/streaming/stream.ts';

/** Services, and places, that are told apart within an hour. */
export const MOST_SERVICES = 1_000;
export const MOST_PLACES = 2_000;
/** Counts of one look that are told apart by place: writing more would hold up the server. */
export const MOST_COUNTS = 50_000;
const FORGOTTEN_AFTER: Millis = 3_600_000;

export class CountedPlaces {
  #services = new Set<string>();
  #places = new Set<string>();
  #since: Millis = Number.NEGATIVE_INFINITY;

  /** The same counts, those that became alike in one. Costs a look at each. */
  bounded(counts: readonly VerdictCount[], now: Millis): readonly VerdictCount[] {
    if (Math.abs(now - this.#since) >= FORGOTTEN_AFTER) {
      this.#since = now;
      this.#services = new Set();
      this.#places = new Set();
    }
    const kept: VerdictCount[] = [];
    const folded = new Map<string, VerdictCount>();
    for (const count of counts) {
      const { service, serviceVersion } = kept.length < MOST_COUNTS ? this.#placeOf(count) : NOWHERE;
      if (service === count.service && serviceVersion === count.serviceVersion) {
        kept.push(count);
        continue;
      }
      const key = JSON.stringify([count.rule, count.ruleVersion, count.verdict, service]);
      const before = folded.get(key)?.count ?? 0;
      folded.set(key, { ...count, service, serviceVersion, count: before + count.count });
    }
    for (const count of folded.values()) if (count.count !== 0) kept.push(count);
    return kept;
  }

  #placeOf({ service, serviceVersion }: VerdictCount): Pick<VerdictCount, 'service' | 'serviceVersion'> {
    if (!isKnown(this.#services, service, MOST_SERVICES)) return NOWHERE;
    const isTold = isKnown(this.#places, `${service}\0${serviceVersion}`, MOST_PLACES);
    return { service, serviceVersion: isTold ? serviceVersion : '' };
  }
}

const NOWHERE = { service: '', serviceVersion: '' };

function isKnown(known: Set<string>, text: string, most: number): boolean {
  if (known.has(text)) return true;
  if (known.size >= most) return false;
  known.add(text);
  return true;
}
