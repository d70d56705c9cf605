/** What the server says of itself at `/readyz`: whether it takes spans, and what is not as it should be. */

export const CONDITIONS = [
  'starting',
  'recovering',
  'stopping',
  'log-not-writable',
  'no-rules',
  'rule-files-with-errors',
  'archive-behind',
  'archive-failing',
  'signals-not-writable',
  'clock-jumped',
  'retention-held',
  'notifications-failing',
  'data-removed',
  'duckdb-missing',
  'damage-found',
] as const;
export type HealthCondition = (typeof CONDITIONS)[number];

/** With these, no spans are taken. The others are told and change nothing. */
const BLOCKING: ReadonlySet<HealthCondition> = new Set([
  'starting',
  'recovering',
  'stopping',
  'log-not-writable',
]);

export interface HealthReport {
  readonly status: 'ready' | 'not ready';
  /** Why it is not ready. */
  readonly reasons: readonly HealthNote[];
  /** What is not as it should be besides. */
  readonly notes: readonly HealthNote[];
}

export interface HealthNote {
  readonly condition: HealthCondition;
  /** A sentence for people. */
  readonly message: string;
  /** What to do. */
  readonly help: string;
}

export class Health {
  readonly #held = new Map<HealthCondition, HealthNote>();

  set(condition: HealthCondition, message: string, help: string): void {
    this.#held.set(condition, { condition, message, help });
  }

  clear(condition: HealthCondition): void {
    this.#held.delete(condition);
  }

  has(condition: HealthCondition): boolean {
    return this.#held.has(condition);
  }

  get isReady(): boolean {
    for (const condition of this.#held.keys()) if (BLOCKING.has(condition)) return false;
    return true;
  }

  report(): HealthReport {
    const all = [...this.#held.values()];
    return {
      status: this.isReady ? 'ready' : 'not ready',
      reasons: all.filter(({ condition }) => BLOCKING.has(condition)),
      notes: all.filter(({ condition }) => !BLOCKING.has(condition)),
    };
  }
}
