import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../archive/disk/memory-disk.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../../engine/verdict.ts';
import { openRuleMemory, type RuleMemory } from './rule-memory.ts';
import { RuleLoader, type RuleSet } from './rule-set.ts';

const DAY = '2026-01-01';
const FILE = '/f/rules/in-force.jsonl';

function setOf(texts: Readonly<Record<string, string>>, day = DAY): RuleSet {
  const files = Object.entries(texts).map(([name, text]) => ({ name, text }));
  return new RuleLoader(DEFAULT_JUDGE_SETTINGS).load({ files, paths: [], problems: [], unread: [] }, day);
}

function ruleFile(condition: string, more = ''): string {
  return `rules:\n  - id: a\n    name: A\n    condition: ${condition}\n${more}`;
}

async function open(disk: MemoryDisk, timers: (() => void)[] = [], faults: string[] = []) {
  const { memory, problems } = await openRuleMemory({
    disk,
    folder: '/f',
    after: (_milliseconds, callback) => {
      timers.push(callback);
      return () => {};
    },
    onFault: ({ fault }) => void faults.push(fault),
    onBug: (error) => {
      throw error;
    },
  });
  return { memory, problems };
}

/** The condition of a rule as it was in a version. */
function conditionOf(memory: RuleMemory, { rules }: RuleSet): string | undefined {
  const [rule] = rules;
  const found = memory.earlierRules(DEFAULT_JUDGE_SETTINGS)('a', rule?.version ?? '');
  expect(found?.version).toBe(found === null ? undefined : rule?.version);
  return found?.rule.condition.source.text;
}

describe('RuleMemory', () => {
  it('gives the next process the texts that were in force, and earlier versions of rules', async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    expect(first.memory.lastGood).toEqual([]);
    const older = setOf({ 'a.yaml': ruleFile('pay and check') });
    const newer = setOf({ 'a.yaml': ruleFile('pay and verify'), 'b.yaml': 'rules: []' });
    await first.memory.keep(older);
    await first.memory.keep(newer);
    const { memory, problems } = await open(disk.crash('lost'));
    expect(problems).toEqual([]);
    expect(memory.lastGood).toEqual([
      { name: 'a.yaml', text: ruleFile('pay and verify') },
      { name: 'b.yaml', text: 'rules: []' },
    ]);
    expect(conditionOf(memory, older)).toBe('pay and check');
    expect(conditionOf(memory, newer)).toBe('pay and verify');
    expect(conditionOf(memory, setOf({ 'a.yaml': ruleFile('pay and never') }))).toBeUndefined();
    expect(memory.earlierRules(DEFAULT_JUDGE_SETTINGS)('b', older.rules[0]?.version ?? '')).toBeNull();
  });

  it('knows a version by the day that it was loaded for', async () => {
    const exception =
      '    exceptions:\n      - { name: known, fields: [shop], values: [[7]], reason: is mended, expires: 2026-01-02 }\n';
    const texts = { 'a.yaml': ruleFile('pay and check', exception) };
    const before = setOf(texts);
    const after = setOf(texts, '2026-01-03');
    const disk = new MemoryDisk();
    const { memory } = await open(disk);
    await memory.keep(before);
    await memory.keep(after);
    const earlier = (await open(disk)).memory.earlierRules(DEFAULT_JUDGE_SETTINGS);
    const exceptionsOf = ({ rules }: RuleSet) =>
      earlier('a', rules[0]?.version ?? '')?.rule.exceptions.length;
    expect([exceptionsOf(before), exceptionsOf(after)]).toEqual([1, 0]);
  });

  it('writes nothing where nothing has changed, and keeps the last fifty', async () => {
    const disk = new MemoryDisk();
    const { memory } = await open(disk);
    const sets = Array.from({ length: 60 }, (_, index) =>
      setOf({ 'a.yaml': ruleFile(`pay and check_${index}`) }),
    );
    for (const set of sets) await memory.keep(set);
    const { calls } = disk;
    await memory.keep(sets[59] as RuleSet);
    expect(disk.calls).toBe(calls);
    const again = (await open(disk)).memory;
    const known = sets.filter((set) => conditionOf(again, set) !== undefined);
    expect(known).toEqual(sets.slice(10));
  });

  it('tries again when the disk has refused', async () => {
    const disk = new MemoryDisk();
    const timers: (() => void)[] = [];
    const faults: string[] = [];
    const { memory } = await open(disk, timers, faults);
    disk.isReadOnly = true;
    const set = setOf({ 'a.yaml': ruleFile('pay and check') });
    await memory.keep(set);
    expect(faults).toEqual(['read-only']);
    expect(conditionOf(memory, set)).toBe('pay and check');
    disk.isReadOnly = false;
    timers[0]?.();
    await memory.saved();
    expect((await open(disk)).memory.lastGood).toHaveLength(1);
    expect(timers).toHaveLength(1);
  });

  it('says that what it kept is damaged, and begins anew', async () => {
    const disk = new MemoryDisk();
    await (await open(disk)).memory.keep(setOf({ 'a.yaml': ruleFile('pay and check') }));
    disk.flip(FILE, 100);
    const { memory, problems } = await open(disk);
    expect(problems).toMatchObject([{ code: 'FL821', file: FILE }]);
    expect(memory.lastGood).toEqual([]);
    await memory.keep(setOf({ 'a.yaml': ruleFile('pay and check') }));
    expect((await open(disk)).problems).toEqual([]);
  });
});
