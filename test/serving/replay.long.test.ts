/**
 * A day of real traces, sent to running servers as fast as they take it: in time order, shuffled, with a tenth of the requests twice,
 * and to two replicas by trace id. The verdicts are those of `fluo check` on the file.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { byTraceId, readLines, repeated, replay, shuffled } from '../replay/replay.ts';
import { metric, ROOT, type ServeProcess, startServe, until } from './serve-process.ts';

const DAY = join(ROOT, '..', 'shared', 'data', 'nezha', 'faults-2022-08-22.otlp.jsonl.gz');
const RULES = join(ROOT, 'test', 'independent', 'acceptance.yaml');
const TRACES = 19_107;
const EXPECTED = { satisfied: 679, violated: 5, inconclusive: 0, not_applicable: 18_423 };

// The windows are shorter than by default so that the test is; the replay itself takes longer than they do.
const WINDOWS = 'limits: { idle: 4s, idle_after_root: 3s }\nlog: { level: warn }\n';

const isThere = existsSync(DAY);
if (!isThere) process.stdout.write(`skipped: the recorded day ${DAY} is not there\n`);

const running: ServeProcess[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) {
    await server.stop();
    server.remove();
  }
});

async function start(): Promise<ServeProcess> {
  const server = await startServe({ rules: [RULES], configuration: WINDOWS });
  running.push(server);
  return server;
}

/** Every trace is closed and counted: counts are brought to the API once a second. */
async function settled(servers: readonly ServeProcess[]): Promise<void> {
  await until(async () => {
    let counted = 0;
    for (const server of servers) {
      if ((await metric(server.api, 'fluo_open_traces')) > 0) return false;
      counted += Object.values(await verdicts(server)).reduce((sum, count) => sum + count, 0);
    }
    return counted >= TRACES;
  }, 200);
}

interface Verdicts {
  satisfied: number;
  violated: number;
  inconclusive: number;
  not_applicable: number;
}

async function verdicts({ api }: ServeProcess): Promise<Verdicts> {
  const answer = await fetch(`${api}/api/v1/verdicts`);
  const { rows } = (await answer.json()) as { rows: { rule: string; verdicts: Verdicts }[] };
  return rows.find(({ rule }) => rule === 'placed-order-is-complete')?.verdicts as Verdicts;
}

/** Occurrences of all signals that were not taken back. */
async function occurrences({ api }: ServeProcess): Promise<number> {
  const answer = await fetch(`${api}/api/v1/signals?limit=100`);
  const { signals } = (await answer.json()) as { signals: { occurrences: number; retracted: number }[] };
  return signals.reduce((sum, signal) => sum + signal.occurrences - signal.retracted, 0);
}

describe.skipIf(!isThere)('a day of real traces over OTLP/HTTP', () => {
  let lines: string[] = [];
  beforeAll(async () => {
    lines = await readLines(DAY);
  });

  it.each([
    ['in time order', () => lines],
    ['shuffled', () => shuffled(lines, 20261120)],
    ['with a tenth of the requests sent twice', () => repeated(lines, 0.1, 20261120)],
  ])('gives the verdicts of fluo check, %s', async (_, arrange) => {
    const server = await start();
    await replay(arrange(), server.http);
    await settled([server]);
    expect(await verdicts(server)).toEqual(EXPECTED);
    expect(await occurrences(server)).toBe(EXPECTED.violated);
    expect(await metric(server.api, 'fluo_shed_total')).toBe(0);
  });

  it('gives the verdicts of fluo check on two replicas behind a router by trace id', async () => {
    const replicas = [await start(), await start()];
    await replay(lines, byTraceId(replicas.map(({ http }) => http)));
    await settled(replicas);
    const sum: Verdicts = { satisfied: 0, violated: 0, inconclusive: 0, not_applicable: 0 };
    let raised = 0;
    for (const replica of replicas) {
      const part = await verdicts(replica);
      for (const verdict of Object.keys(sum) as (keyof Verdicts)[]) sum[verdict] += part[verdict];
      // A replica that did nothing would prove nothing.
      expect(part.satisfied).toBeGreaterThan(200);
      raised += await occurrences(replica);
    }
    expect(sum).toEqual(EXPECTED);
    expect(raised).toBe(EXPECTED.violated);
    expect(sum.satisfied + sum.violated + sum.inconclusive + sum.not_applicable).toBe(TRACES);
  });
});
