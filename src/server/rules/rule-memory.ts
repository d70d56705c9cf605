/**
 * The texts of the rule files that were in force, kept in the data folder: a file that was broken while the server was down keeps the rules that it gave,
 * and traces that began under an earlier version of a rule are judged by it after a restart.
 *
 *     rules/in-force.jsonl    one line: the last sets of files, the newest last, and each text once
 */
import { createHash } from 'node:crypto';
import { keepDamaged } from '../../archive/damaged-file.ts';
import { type Disk, DiskError, readFile, replaceFile } from '../../archive/disk/disk.ts';
import { eventLine, readEventLines } from '../../archive/event-lines.ts';
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';
import type { LiveRule } from '../../engine/streaming/stream.ts';
import type { JudgeSettings } from '../../engine/verdict.ts';
import { type RuleVersions, versionsOf } from '../log-records.ts';
import { liveRules, type RuleSet } from './rule-set.ts';

/** Below the data folder. */
export const RULES_FOLDER = 'rules';
const FILE = 'in-force.jsonl';

/** As many as the journal remembers versions of. */
const MOST_SETS = 50;
/** Of texts. The newest set is kept whatever it takes. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
const RETRIED_AFTER_MS = 60_000;

interface KeptSet {
  /** ISO date: exceptions expire. */
  readonly day: string;
  readonly versions: RuleVersions;
  readonly files: readonly (readonly [name: string, text: string])[];
}

/** On disk: texts by hash, and their hashes in the sets. */
interface KeptFile {
  readonly sets: readonly KeptSet[];
  readonly texts: Readonly<Record<string, string>>;
}

export interface RuleMemoryOptions {
  readonly disk: Disk;
  /** The data folder. */
  readonly folder: string;
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** It could not be written, and is tried again. */
  readonly onFault: (fault: DiskError) => void;
  /** It failed otherwise. */
  readonly onBug: (error: unknown) => void;
}

/** Reads what an earlier server kept. Rejects with a `DiskError` when that cannot be read. */
export async function openRuleMemory(
  options: RuleMemoryOptions,
): Promise<{ readonly memory: RuleMemory; readonly problems: readonly Diagnostic[] }> {
  const { disk } = options;
  const folder = `${options.folder}/${RULES_FOLDER}`;
  const bytes = await readFile(disk, `${folder}/${FILE}`);
  if (bytes === null) return { memory: new RuleMemory(options, []), problems: [] };
  const { events, end } = readEventLines(bytes);
  if (events.length === 1 && end === bytes.length) {
    const { sets, texts } = events[0] as KeptFile;
    const whole = sets.map((set) => ({
      ...set,
      files: set.files.map(([name, hash]) => [name, texts[hash] ?? ''] as const),
    }));
    return { memory: new RuleMemory(options, whole), problems: [] };
  }
  const kept = await keepDamaged(disk, folder, FILE, bytes);
  const problem: Diagnostic = {
    code: 'FL821',
    severity: 'warning',
    message: 'what was kept of the rules that were in force is damaged and left out',
    file: `${folder}/${FILE}`,
    ...(kept === null ? {} : { notes: [`a copy is kept in \`${kept}\``] }),
    help: 'check the disk; it matters only for rules that were edited while the server was down',
  };
  return { memory: new RuleMemory(options, []), problems: [problem] };
}

export class RuleMemory {
  readonly #options: RuleMemoryOptions;
  /** The newest last. */
  #sets: readonly KeptSet[];
  #isSaved = true;
  #saving: Promise<void> = Promise.resolve();
  #cancelRetry = () => {};

  constructor(options: RuleMemoryOptions, sets: readonly KeptSet[]) {
    this.#options = options;
    this.#sets = sets;
  }

  /** The texts that were in force last. */
  get lastGood(): readonly SourceText[] {
    return textsOf(this.#sets.at(-1));
  }

  /** Keeps what is in force now. Resolves when that is safe, or the disk has refused it; then it is tried again. */
  keep({ texts, day, rules }: RuleSet): Promise<void> {
    const files = texts.map(({ name, text }) => [name, text] as const);
    const set: KeptSet = { day, versions: versionsOf(rules), files };
    if (!isSame(set, this.#sets.at(-1))) {
      this.#sets = bounded([...this.#sets, set]);
      this.#isSaved = false;
    }
    return this.#save();
  }

  /**
   * Rules by id and version, of all sets that are kept; null: not known. Sets are compiled when one of their rules is asked for. `settings`: versions
   * are those of rules that are judged with them.
   */
  earlierRules(settings: JudgeSettings): (id: string, version: string) => LiveRule | null {
    const compiled = new Map<KeptSet, Map<string, LiveRule>>();
    const sets = [...this.#sets].reverse();
    const rulesOf = (set: KeptSet) => {
      const rules = liveRules(textsOf(set), set.day, settings);
      return new Map(rules.map((rule) => [keyOf(rule.rule.id, rule.version), rule]));
    };
    return (id, version) => {
      for (const set of sets) {
        if (!set.versions.some((one) => one[0] === id && one[1] === version)) continue;
        const rules = compiled.get(set) ?? rulesOf(set);
        compiled.set(set, rules);
        const found = rules.get(keyOf(id, version));
        if (found !== undefined) return found;
      }
      return null;
    };
  }

  /** Resolves when all that was to be kept is safe, or was refused. */
  saved(): Promise<void> {
    return this.#saving;
  }

  async close(): Promise<void> {
    await this.#saving;
    this.#cancelRetry();
  }

  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    if (this.#isSaved) return;
    this.#isSaved = true;
    this.#cancelRetry();
    const { disk, after, onFault, onBug } = this.#options;
    const folder = `${this.#options.folder}/${RULES_FOLDER}`;
    try {
      await disk.makeFolder(folder);
      await replaceFile(disk, folder, FILE, [eventLine(fileOf(this.#sets))]);
    } catch (error) {
      this.#isSaved = false;
      if (!(error instanceof DiskError)) {
        onBug(error);
        return;
      }
      onFault(error);
      this.#cancelRetry = after(RETRIED_AFTER_MS, () => void this.#save());
    }
  }
}

function keyOf(id: string, version: string): string {
  return `${version} ${id}`;
}

function textsOf(set: KeptSet | undefined): SourceText[] {
  return (set?.files ?? []).map(([name, text]) => ({ name, text }));
}

/** The day means nothing where it makes no other version. */
function isSame(left: KeptSet, right: KeptSet | undefined): boolean {
  const meaning = ({ versions, files }: KeptSet) => JSON.stringify([versions, files]);
  return right !== undefined && meaning(left) === meaning(right);
}

/** The newest sets that have room. */
function bounded(sets: readonly KeptSet[]): readonly KeptSet[] {
  const texts = new Set<string>();
  let characters = 0;
  let first = sets.length;
  for (; first > 0 && sets.length - first < MOST_SETS; first--) {
    for (const [, text] of sets[first - 1]?.files ?? []) {
      if (texts.has(text)) continue;
      texts.add(text);
      characters += text.length;
    }
    if (characters > MOST_CHARACTERS && first < sets.length) break;
  }
  return sets.slice(first);
}

function fileOf(sets: readonly KeptSet[]): KeptFile {
  const texts: Record<string, string> = {};
  const hashed = sets.map((set) => ({
    ...set,
    files: set.files.map(([name, text]) => {
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 32);
      texts[hash] = text;
      return [name, hash] as const;
    }),
  }));
  return { sets: hashed, texts };
}
