/** What rule files gave, remembered from one reading to the next: of thousands of rules, an edit changes one file. */
import type { SourceText } from '../../diagnostic/diagnostic.ts';
import { loadRuleFile, type RuleFileLoad } from '../../invariant/rule-file.ts';

interface Remembered {
  readonly text: string;
  readonly day: string;
  readonly load: RuleFileLoad;
}

export class RuleFileMemo {
  /** Of each name, the texts that were asked for before and after the last sweep: a broken file has two, its own and its last good one. */
  #before = new Map<string, readonly Remembered[]>();
  #now = new Map<string, readonly Remembered[]>();

  /** As `loadRuleFile`: equal calls get the same rules, as the same objects. */
  load(file: SourceText, day: string): RuleFileLoad {
    const isIt = (one: Remembered) => one.text === file.text && one.day === day;
    const asked = this.#now.get(file.name) ?? [];
    const known = asked.find(isIt);
    if (known !== undefined) return known.load;
    const remembered = this.#before.get(file.name)?.find(isIt) ?? {
      text: file.text,
      day,
      load: loadRuleFile(file, day),
    };
    this.#now.set(file.name, [...asked, remembered]);
    return remembered.load;
  }

  /** Forgets what was not asked for since the last sweep. */
  sweep(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }
}
