import { hasDuckDb } from '../../archive/duckdb.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { counted } from '../../report/counted.ts';
import { type ServerClock, systemClock } from '../clock.ts';
import { ARCHIVE_FOLDER } from '../durability.ts';
import { Health } from '../health.ts';
import { folderProblem } from '../lock.ts';
import { type ServerMetrics, serverMetrics } from '../metrics/server-metrics.ts';
import { Refusals } from '../refusals.ts';
import { Refusal, type ServerOptions } from './server-options.ts';

/** What was found damaged at the start is told so long: whoever looks a day later has read the log, or will not. */
const DAMAGE_TOLD_MS = 24 * 60 * 60_000;

/** What each step of a start works with, and what it leaves behind: what is to be closed again, and what a person should see. */
export class StartupContext {
  readonly options: ServerOptions;
  readonly clock: ServerClock;
  readonly metrics: ServerMetrics = serverMetrics();
  readonly health = new Health();
  readonly refusals: Refusals;
  readonly hasDuckDb: boolean;
  readonly diagnostics: Diagnostic[] = [];
  /** Resolves with the first bug that was told to `onBug`. Never rejects. */
  readonly failed: Promise<unknown>;
  readonly onBug: (error: unknown) => void;
  readonly #damage: Diagnostic[] = [];
  /** What has been opened, closed in the other order. */
  readonly #closers: (() => void | Promise<void>)[] = [];

  constructor(options: ServerOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock();
    this.hasDuckDb = (options.hasDuckDb ?? hasDuckDb)();
    this.refusals = new Refusals(options.log, () => this.clock.wall());
    let onBug: (error: unknown) => void = () => {};
    this.failed = new Promise((resolve) => {
      onBug = resolve;
    });
    this.onBug = onBug;
    options.onLogMessage?.((level) => this.metrics.logMessages.add(1, level));
  }

  get archiveFolder(): string {
    return `${this.options.settings.folder}/${ARCHIVE_FOLDER}`;
  }

  onClose(...closers: (() => void | Promise<void>)[]): void {
    this.#closers.push(...closers);
  }

  /** Closes what was opened, the last first. A failure of one keeps none of the others open. */
  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        this.options.log.error('a part could not be closed in order', { problem: String(error) });
      }
    }
  }

  async closeInTime(): Promise<void> {
    const { settings, log } = this.options;
    const closed = this.closeAll().then(() => true);
    const isInTime = await Promise.race([closed, this.passing(settings.drain).then(() => false)]);
    if (isInTime) return;
    log.warn('not everything was finished in time; it is done after the next start', {
      drainMs: settings.drain,
    });
  }

  passing(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(milliseconds, resolve));
  }

  /** What was not as it had been left, in the data folder: for people, and for a day for `/readyz` too. */
  found(problems: readonly Diagnostic[]): void {
    this.diagnostics.push(...problems);
    this.#damage.push(...problems.filter(({ severity }) => severity !== 'info'));
    const [first] = this.#damage;
    if (first === undefined) return;
    const more = this.#damage.length - 1;
    const message = `at the start: ${first.message}${more > 0 ? `, and ${counted(more, 'more thing')}` : ''}`;
    const where = first.file === undefined ? '' : ` (\`${first.file}\`)`;
    const all = more > 0 ? '; what the server said at its start names all of them' : '';
    if (this.#damage.length === 1) {
      this.onClose(this.clock.after(DAMAGE_TOLD_MS, () => this.health.clear('damage-found')));
    }
    this.health.set('damage-found', `${message}${where}`, `${first.help}${all}`);
  }

  /** The refusal that ends the start, after all that was found before. */
  refusal(...problems: readonly Diagnostic[]): Refusal {
    return new Refusal([...this.diagnostics, ...problems]);
  }

  /** What the disk refuses ends the start with words. */
  async guarded<Value>(action: () => Promise<Value>): Promise<Value> {
    try {
      return await action();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw this.refusal(folderProblem(this.options.settings.folder, error));
    }
  }
}
