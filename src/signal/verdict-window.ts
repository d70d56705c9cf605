/** How rules fared lately, by minute, in memory: what `fluo verdicts` shows at once. Older minutes are in the archive. */
import type { Millis, VerdictCount } from '../engine/streaming/stream.ts';
import { VERDICTS, type Verdict } from '../engine/verdict.ts';
import { type CountedPlace, MinuteCounts, PlaceNumbers } from './counted-minutes.ts';

export const MINUTE: Millis = 60_000;

export const VERDICT_DIMENSIONS = ['rule', 'service', 'version'] as const;
/** `service`: rule and service; `version`: rule, service and its version. */
export type VerdictDimension = (typeof VERDICT_DIMENSIONS)[number];

export interface VerdictQuery {
  /** Both cut to whole minutes, `to` exclusive. */
  readonly from: Millis;
  readonly to: Millis;
  /** Null: all rules. */
  readonly rule: string | null;
  readonly by: VerdictDimension;
}

export type VerdictTotals = { readonly [verdict in Verdict]: number };

export interface VerdictRow {
  readonly rule: string;
  /** Null where it is not asked for. */
  readonly service: string | null;
  readonly version: string | null;
  readonly verdicts: VerdictTotals;
  /** Minutes in which there was something, in order. */
  readonly minutes: readonly { readonly at: Millis; readonly verdicts: VerdictTotals }[];
}

export interface VerdictRates {
  /** From when on the counts are complete: later than asked where no more is known. */
  readonly since: Millis;
  /** By rule, service, version. */
  readonly rows: readonly VerdictRow[];
}

/** Where verdict counts are asked of. */
export interface VerdictSource {
  rates(query: VerdictQuery): Promise<VerdictRates>;
}

type MutableTotals = { [verdict in Verdict]: number };

const DEFAULT_KEPT: Millis = 24 * 60 * MINUTE;
/** Places in minutes; beyond, the oldest minutes go. */
const MOST_PLACES = 400_000;

export class VerdictWindow implements VerdictSource {
  readonly #kept: Millis;
  readonly #minutes = new Map<Millis, MinuteCounts>();
  readonly #numbers = new PlaceNumbers();
  /** The minute that counts come for. */
  #current: MinuteCounts | null = null;
  #places = 0;
  #since: Millis;

  /** `since`: when counting begins. */
  constructor(since: Millis, kept: Millis = DEFAULT_KEPT) {
    this.#since = since;
    this.#kept = kept;
  }

  /** Counts may be negative: what was taken back is taken back in the minute in which that happens. */
  add(counts: readonly VerdictCount[], at: Millis): void {
    if (counts.length === 0) return;
    const minute = Math.floor(at / MINUTE) * MINUTE;
    const counted = this.#turnTo(minute);
    for (const { rule, service, serviceVersion, verdict, count } of counts) {
      const number = this.#numbers.of(rule, service, serviceVersion);
      if (!counted.add(number, verdict, count)) continue;
      this.#numbers.hold(number);
      this.#places++;
    }
    this.#forget(minute);
  }

  async rates({ from, to, rule, by }: VerdictQuery): Promise<VerdictRates> {
    const rows = new Map<string, { of: CountedPlace; minutes: Map<Millis, MutableTotals> }>();
    for (const [minute, counted] of [...this.#minutes].sort(([a], [b]) => a - b)) {
      if (minute + MINUTE <= from || minute >= to) continue;
      counted.forEach((number, counts) => {
        const place = this.#numbers.placeOf(number);
        if (rule !== null && place.rule !== rule) return;
        const key = JSON.stringify([
          place.rule,
          by === 'rule' ? null : place.service,
          by === 'version' ? place.version : null,
        ]);
        const row = rows.get(key) ?? { of: place, minutes: new Map<Millis, MutableTotals>() };
        rows.set(key, row);
        const totals = row.minutes.get(minute) ?? noTotals();
        row.minutes.set(minute, totals);
        for (const [nth, verdict] of VERDICTS.entries()) totals[verdict] += counts[nth] as number;
      });
    }
    return {
      since: Math.max(from, this.#since),
      rows: [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => rowOf(row.of, row.minutes, by)),
    };
  }

  #turnTo(minute: Millis): MinuteCounts {
    const known = this.#minutes.get(minute);
    const counted = known ?? new MinuteCounts();
    if (known === undefined) this.#minutes.set(minute, counted);
    if (counted !== this.#current) this.#current?.settle();
    this.#current = counted;
    return counted;
  }

  #forget(now: Millis): void {
    for (const [minute, counted] of this.#minutes) {
      if (minute >= now - this.#kept && this.#places <= MOST_PLACES) return;
      if (minute === now) return;
      this.#minutes.delete(minute);
      this.#places -= counted.places;
      counted.forEach((number) => {
        this.#numbers.release(number);
      });
      this.#since = Math.max(this.#since, minute + MINUTE);
    }
  }
}

function rowOf(
  of: CountedPlace,
  minutes: ReadonlyMap<Millis, MutableTotals>,
  by: VerdictDimension,
): VerdictRow {
  const sum = noTotals();
  for (const totals of minutes.values()) addTotals(sum, totals);
  return {
    rule: of.rule,
    service: by === 'rule' ? null : of.service,
    version: by === 'version' ? of.version : null,
    verdicts: notNegative(sum),
    minutes: [...minutes].map(([at, totals]) => ({ at, verdicts: notNegative(totals) })),
  };
}

function noTotals(): MutableTotals {
  return { satisfied: 0, violated: 0, not_applicable: 0, inconclusive: 0 };
}

function addTotals(to: MutableTotals, more: VerdictTotals): void {
  for (const verdict of Object.keys(to) as Verdict[]) to[verdict] += more[verdict];
}

/** A minute in which more was taken back than came shows nothing. */
function notNegative(totals: MutableTotals): VerdictTotals {
  const shown = noTotals();
  for (const verdict of Object.keys(shown) as Verdict[]) shown[verdict] = Math.max(0, totals[verdict]);
  return shown;
}
