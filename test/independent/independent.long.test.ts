/**
 * Fluo's verdicts on real traces against a count in another language (`count.py`), which was written from the language reference
 * and without a look at the evaluator: every verdict of ten rules, on a day of a shop as it was recorded and as `alter.py` changed it.
 */
import { execFile, spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const here = import.meta.dirname;
const root = join(here, '../..');
const recordings = join(root, '../shared/data/nezha');
const FAULTY = join(recordings, 'faults-2022-08-22.otlp.jsonl.gz');
const HEALTHY = join(recordings, 'healthy.otlp.jsonl.gz');
const ACCEPTANCE = 'placed-order-is-complete';

const folder = mkdtempSync(join(tmpdir(), 'fluo-independent-'));
const ALTERED = join(folder, 'altered.jsonl.gz');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const absent = reasonToSkip();
if (absent !== null) process.stderr.write(`skipped: ${absent}\n`);

interface Verdicts {
  readonly satisfied: number;
  readonly violated: number;
  readonly not_applicable: number;
  readonly inconclusive: number;
}

/** What `count.py` prints. A scope is a trace's id, or of a group `start/traceId,traceId,...`. */
interface Counted {
  readonly traces: number;
  readonly spans: number;
  readonly repeated: number;
  readonly conflicting: number;
  readonly incomplete: number;
  readonly rules: Readonly<Record<string, CountedRule>>;
}
interface CountedRule {
  readonly verdicts: Verdicts;
  readonly violated: readonly string[];
  readonly inconclusive: readonly string[];
  readonly satisfied: readonly string[];
  readonly keyless: number;
}

/** What is compared of a report of `fluo check`. */
interface Checked {
  readonly summary: Summary;
  /** By `rule verdict`, sorted. */
  readonly scopes: ReadonlyMap<string, readonly string[]>;
}
interface Summary {
  readonly traces: number;
  readonly spans: number;
  readonly damaged: number;
  readonly repeated: number;
  readonly conflicting: number;
  readonly rules: readonly {
    readonly id: string;
    readonly verdicts: Verdicts;
    readonly unlisted: number;
    readonly keyless: number;
  }[];
}
interface Finding {
  readonly rule: string;
  readonly verdict: string;
  readonly scope: {
    readonly kind: string;
    readonly traceIds: readonly string[];
    readonly start: string | null;
  };
}

describe.skipIf(absent !== null)('an independent count agrees', () => {
  let alterations: Record<string, number>;

  beforeAll(async () => {
    await run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale']);
    alterations = JSON.parse(await python('alter.py', FAULTY, ALTERED));
  }, 300_000);

  test('the day is altered as asked for', () => {
    expect(alterations).toMatchObject({
      'traces without a parent': 100,
      'pairs out of order': 50,
      'second charges': 30,
    });
  });

  test('on every verdict of ten rules on the altered day', async () => {
    const { counted, rules } = await compare('the altered day', ALTERED);
    expect(rules).toHaveLength(10);
    for (const rule of rules) {
      // A rule that says the same everywhere would agree by luck.
      expect(counted.rules[rule]?.violated.length, rule).toBeGreaterThan(0);
      expect(counted.rules[rule]?.satisfied.length, rule).toBeGreaterThan(0);
    }
    expect(counted.incomplete).toBeGreaterThan(50);
    expect(counted.conflicting).toBe(3);
  });

  test('on the days as they were recorded', async () => {
    await compare('the faulty day', FAULTY);
    await compare('the healthy traces', HEALTHY);
  });

  test('on what becomes of an order that is placed', async () => {
    const expected: readonly (readonly [string, Verdicts])[] = [
      [HEALTHY, { satisfied: 18, violated: 0, not_applicable: expect.any(Number), inconclusive: 0 }],
      [FAULTY, { satisfied: 679, violated: 5, not_applicable: 18_423, inconclusive: 0 }],
    ];
    for (const [traces, verdicts] of expected) {
      const counted = await count(traces);
      const { summary, scopes } = await check('acceptance.yaml', traces);
      expect(summary.rules.map((rule) => rule.verdicts)).toEqual([counted.rules[ACCEPTANCE]?.verdicts]);
      expect(summary.rules[0]?.verdicts).toEqual(verdicts);
      expect(scopes.get(`${ACCEPTANCE} violated`) ?? []).toEqual(counted.rules[ACCEPTANCE]?.violated);
    }
    expect((await count(FAULTY)).traces).toBe(19_107);
  });
});

/** Holds every verdict of the rules on these traces against the count, and shows how many there are. */
async function compare(
  title: string,
  traces: string,
): Promise<{ readonly counted: Counted; readonly rules: readonly string[] }> {
  const counted = await count(traces);
  const checked = await check('rules.yaml', traces);
  const applies = await check('triggers.yaml', traces);
  const { rules, ...read } = checked.summary;
  expect(read).toMatchObject({
    traces: counted.traces,
    damaged: 0,
    repeated: counted.repeated,
    conflicting: counted.conflicting,
    // Of two spans with one identity, the reference does not say whether the second is a distinct one.
    ...(counted.conflicting === 0 ? { spans: counted.spans } : {}),
  });
  showTable(`${title}: ${counted.traces} traces, ${counted.incomplete} incomplete`, rules);

  for (const { id, verdicts, unlisted, keyless } of rules) {
    const own = counted.rules[id];
    if (own === undefined) throw new Error(`count.py does not know the rule ${id}`);
    const found = (verdict: string) => checked.scopes.get(`${id} ${verdict}`) ?? [];
    expect(unlisted, id).toBe(0);
    expect(verdicts, id).toEqual(own.verdicts);
    expect(keyless, id).toBe(own.keyless);
    expect(found('violated'), id).toEqual(own.violated);
    expect(found('inconclusive'), id).toEqual(own.inconclusive);

    // The report only counts what is satisfied. It is where the rule applies and nothing else is said.
    const trigger = applies.summary.rules.find((rule) => rule.id === id);
    if (trigger === undefined) continue;
    expect(trigger.unlisted, id).toBe(0);
    const other = new Set([...own.violated, ...own.inconclusive]);
    const applicable = ['violated', 'inconclusive'].flatMap((v) => applies.scopes.get(`${id} ${v}`) ?? []);
    expect(applicable.filter((scope) => !other.has(scope)).sort(), id).toEqual(own.satisfied);
  }
  return { counted, rules: rules.map((rule) => rule.id) };
}

function showTable(title: string, rules: Summary['rules']): void {
  const columns = ['satisfied', 'violated', 'not_applicable', 'inconclusive'] as const;
  const rows = rules.map(
    ({ id, verdicts }) => id.padEnd(30) + columns.map((c) => String(verdicts[c]).padStart(15)).join(''),
  );
  const head = ''.padEnd(30) + columns.map((c) => c.padStart(15)).join('');
  process.stdout.write(`\n${[title, head, ...rows].join('\n')}\n`);
}

const counts = new Map<string, Counted>();

async function count(traces: string): Promise<Counted> {
  const known = counts.get(traces) ?? (JSON.parse(await python('count.py', traces)) as Counted);
  counts.set(traces, known);
  return known;
}

async function check(rules: string, traces: string): Promise<Checked> {
  const report = join(folder, 'report.jsonl');
  // From a folder without a configuration.
  await run(
    process.execPath,
    [
      join(root, 'bin/fluo.mjs'),
      ...['check', '--rules', join(here, rules), '--format', `jsonl=${report}`, '--fail-on', 'never', traces],
    ],
    folder,
  );
  const scopes = new Map<string, string[]>();
  let summary: Summary | undefined;
  for await (const line of createInterface({ input: createReadStream(report), crlfDelay: Infinity })) {
    const entry = JSON.parse(line) as { readonly type: string };
    if (entry.type === 'summary') summary = entry as unknown as Summary;
    if (entry.type !== 'finding') continue;
    const { rule, verdict, scope } = entry as unknown as Finding;
    const traceIds = [...scope.traceIds].sort();
    const name = scope.kind === 'group' ? `${scope.start}/${traceIds.join(',')}` : traceIds.join(',');
    const key = `${rule} ${verdict}`;
    const listed = scopes.get(key);
    if (listed === undefined) scopes.set(key, [name]);
    else listed.push(name);
  }
  if (summary === undefined) throw new Error('the report has no summary');
  for (const names of scopes.values()) names.sort();
  return { summary, scopes };
}

function reasonToSkip(): string | null {
  if (!existsSync(FAULTY) || !existsSync(HEALTHY)) return `no recorded traces in ${recordings}`;
  if (spawnSync('python3', ['--version']).status !== 0) return 'there is no python3';
  return null;
}

function python(script: string, ...args: string[]): Promise<string> {
  return run('python3', [join(here, script), ...args]);
}

/** Its standard output; throws with its standard error when it fails. */
async function run(program: string, args: readonly string[], cwd = root): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 29 });
  return stdout;
}
