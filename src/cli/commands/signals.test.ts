import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../archive/disk/memory-disk.ts';
import { nodeDisk } from '../../archive/disk/node-disk.ts';
import { DuckDbMissing } from '../../archive/duckdb.ts';
import { openArchive } from '../../archive/query.ts';
import { writeVerdicts } from '../../archive/verdicts/verdict-table.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { VerdictCount } from '../../engine/streaming/stream.ts';
import { answerApi } from '../../server/api/api-handler.ts';
import { type ApiServices, apiRoutes } from '../../server/api/api-routes.ts';
import { openSignals } from '../../server/signalling.ts';
import { RULES, verdictEvent } from '../../signal/testing/violations.ts';
import { VerdictWindow } from '../../signal/verdict-window.ts';
import { type Invocation, parseArguments } from '../arguments.ts';
import type { DataAccess } from '../data-access.ts';
import type { Io } from '../io.ts';
import type { MemoryServer } from '../memory-io.ts';
import { memoryWorld, runInMemory } from '../testing/run-in-memory.ts';
import { rules } from './rules.ts';
import { signals } from './signals.ts';
import { verdicts } from './verdicts.ts';

const RULE = 'payment-requires-inventory';
const START = 1_767_225_600_000;
const lookup = (id: string) => RULES.get(id);
const ORDER = `
shop/POST /checkout @0ms+900ms
  payment/payment.charge @120ms+80ms {amount: 59}
  stock/inventory.reserve @300ms+60ms
`;

/** A data folder with two signals in it. */
async function folder() {
  const disk = new MemoryDisk();
  const { store, log } = await openSignals(disk, '/project/.fluo');
  await store.apply(
    [
      ...[1, 2, 3].map((number) =>
        verdictEvent(RULE, number, { at: START - 300_000 + number, serviceVersion: '1.4.1' }),
      ),
      verdictEvent(RULE, 9, { at: START - 60_000, trace: ORDER, service: 'payment' }),
    ],
    lookup,
  );
  await log.close();
  return disk;
}

function accessTo(
  disk: MemoryDisk,
  rest: {
    readonly holder?: { readonly pid: number; readonly api: string | null };
    readonly problem?: Diagnostic;
  } = {},
): DataAccess {
  return {
    disk,
    holder: async () => rest.holder ?? null,
    archive: () => ({ spansOfTrace: async () => [], sql: async () => [], close: async () => {} }),
    lock: async () =>
      rest.problem === undefined ? { lock: { release: async () => {} } } : { problem: rest.problem },
  };
}

const COMMANDS = { signals, verdicts, rules };

async function runWith(
  access: DataAccess,
  argv: readonly string[],
  world: Parameters<typeof memoryWorld>[1] = {},
) {
  const io = memoryWorld(argv, { folders: ['/project/.fluo'], env: { USER: 'ada' }, ...world });
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'invocation') throw new Error(JSON.stringify(parsed));
  const command = COMMANDS[argv[0] as keyof typeof COMMANDS] as (
    invocation: Invocation,
    io: Io,
    access: DataAccess,
  ) => Promise<number>;
  const code = await command(parsed.invocation, io, access);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe('fluo signals, without a server', () => {
  it('lists, shows and decides, and keeps what was decided', async () => {
    const disk = await folder();
    const access = accessTo(disk);
    const list = await runWith(access, ['signals', 'list']);
    expect(list.code).toBe(0);
    expect(list.stdout).toMatchInlineSnapshot(`
      "a49eee  open  critical  payment-requires-inventory
        Nothing matches \`inventory.reserve.before(payment.charge)\`. \`inventory.reserve\` was to be before
        \`payment.charge\`, but it began 100ms after \`payment.charge\` had ended.
        payment and stock
        1 occurrence · last 1 min ago · payment, stock · team-payments

      665370  open  critical  payment-requires-inventory
        Nothing matches \`inventory.reserve.before(payment.charge)\`.
        payment alone
        3 occurrences · last 4 min ago · payment · team-payments

      2 signals. fluo signals show ID shows the spans.
      "
    `);
    const id = /^([0-9a-f]{6}) {2}open {2}critical.*\n {2}Nothing matches/m.exec(list.stdout)?.[1] ?? '';

    const show = await runWith(access, ['signals', 'show', id]);
    expect(show.stdout).toMatchInlineSnapshot(`
      "a49eeebd2b60318a  open  critical  payment-requires-inventory
        Payment requires inventory reservation

        rule          hard-block
        owner         team-payments
        runbook       https://runbooks.example/44
        clause        inventory.reserve.before(payment.charge)
        occurrences   1 scope
        first seen    2025-12-31 23:59:00 UTC (1 min ago)
        last seen     2025-12-31 23:59:00 UTC (1 min ago)
        services      payment, stock
        versions      payment 1.0.0
        fingerprint   a49eeebd2b60318a99f37c0218760337 (version 2)

        trace 00000000000000000000000000000009
          payment/payment.charge   ··········███████···············  @120ms  +80ms  trigger
          stock/inventory.reserve  ··························██████  @300ms  +60ms  not before

          Nothing matches \`inventory.reserve.before(payment.charge)\`.
          \`inventory.reserve\` was to be before \`payment.charge\`, but it began 100ms after \`payment.charge\` had ended.
          --> invariants/payment.yaml:9:35
          8 |     runbook: https://runbooks.example/44
          9 |     condition: payment.charge and inventory.reserve.before(payment.charge)
            |                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      "
    `);

    const ack = await runWith(access, ['signals', 'ack', id, '--reason', 'looking at it']);
    expect(ack.stdout).toMatch(/^[0-9a-f]{16} {2}acknowledged {2}payment-requires-inventory\n$/);
    const resolved = await runWith(access, ['signals', 'resolve', id, '--by', 'grace']);
    expect(resolved.code).toBe(0);
    const again = await runWith(access, ['signals', 'show', id, '--format', 'json']);
    const { signal, decisions } = JSON.parse(again.stdout);
    expect(signal.state).toBe('resolved');
    expect(decisions).toMatchObject([
      { by: 'ada', reason: 'looking at it', action: 'ack' },
      { by: 'grace', action: 'resolve' },
    ]);
    const rest = await runWith(access, ['signals', 'list', '--state', 'resolved', '--format', 'json']);
    expect(JSON.parse(rest.stdout)).toMatchObject({ total: 1, signals: [{ state: 'resolved' }] });
  });

  it('says what is wrong with an id, a decision, or a missing reason', async () => {
    const access = accessTo(await folder());
    const unknown = await runWith(access, ['signals', 'show', '0000']);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('there is no signal `0000`')]);
    const none = await runWith(access, ['signals', 'ack']);
    expect(none.stderr).toContain('`fluo signals ack` needs the id of a signal');
    const quiet = await runWith(access, ['signals', 'false-positive', '0000']);
    expect(quiet.stderr).toContain('a false positive needs a reason');
    const nobody = await runWith(access, ['signals', 'ack', '0000'], { env: {} });
    expect(nobody.stderr).toContain('nothing says who decides');
    const extra = await runWith(access, ['signals', 'list', 'abc']);
    expect(extra.stderr).toContain('takes no id');
    const limit = await runWith(access, ['signals', 'list', '--limit', '0']);
    expect(limit.stderr).toContain('`limit` is a whole number');
  });

  it('says that nothing is open, or nothing like that', async () => {
    const access = accessTo(new MemoryDisk());
    expect((await runWith(access, ['signals', 'list'])).stdout).toContain('No open signals.');
    expect((await runWith(access, ['signals', 'list', '--rule', 'x'])).stdout).toContain(
      'No signal is like that',
    );
  });

  it('leaves a folder alone that another one holds', async () => {
    const problem: Diagnostic = {
      code: 'FL803',
      severity: 'error',
      message: 'another server (process 7) writes to this data folder',
      file: '/project/.fluo',
      help: 'stop it',
    };
    const outcome = await runWith(accessTo(new MemoryDisk(), { problem }), ['signals', 'list']);
    expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringContaining('error[FL803]')]);
    const starting = accessTo(new MemoryDisk(), { holder: { pid: 7, api: null } });
    expect((await runWith(starting, ['signals', 'list'])).stderr).toContain('error[FL875]');
  });

  it('cannot tell what only a server knows', async () => {
    const access = accessTo(new MemoryDisk());
    expect((await runWith(access, ['rules'])).stderr).toContain('error[FL877]');
  });

  it('says that DuckDB is not there, where the archive is asked without it', async () => {
    const missing = () => Promise.reject(new DuckDbMissing('Cannot find package'));
    const archive = () => openArchive('/nowhere', missing);
    const { stderr } = await runWith({ ...accessTo(new MemoryDisk()), archive }, ['verdicts']);
    expect(stderr).toContain('error[FL833]');
    expect(stderr).toContain('help: install `@duckdb/node-api`');
  });

  it('counts verdicts of the archive', async () => {
    const root = mkdtempSync(join(tmpdir(), 'fluo-verdicts-'));
    try {
      const row = { rule: RULE, ruleVersion: 'r1', service: 'payment', serviceVersion: '1' };
      await writeVerdicts(nodeDisk(), root, 1, [
        { ...row, minute: START - 120_000, verdict: 'violated', count: 3 },
        { ...row, minute: START - 60_000, verdict: 'violated', count: -1 },
        { ...row, minute: START - 60_000, verdict: 'satisfied', count: 38 },
        { ...row, minute: START - 7_200_000, verdict: 'satisfied', count: 1_000 },
      ]);
      const access: DataAccess = { ...accessTo(new MemoryDisk()), archive: () => openArchive(root) };
      const json = await runWith(access, ['verdicts', '--format', 'json']);
      expect(JSON.parse(json.stdout)).toMatchObject({
        since: '2025-12-31T23:00:00.000Z',
        rows: [{ rule: RULE, verdicts: { satisfied: 38, violated: 2 }, violatedShare: 0.05 }],
      });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
    const none = await runWith(accessTo(new MemoryDisk()), ['verdicts']);
    expect(none.stdout).toContain('No rule has judged anything');
  });
});

/** A server with the real routes. */
async function server(): Promise<MemoryServer> {
  const { store } = await openSignals(new MemoryDisk(), '/server');
  await store.apply([verdictEvent(RULE, 1, { at: START })], lookup);
  const window = new VerdictWindow(START - 3_600_000);
  const count = (verdict: VerdictCount['verdict'], number: number): VerdictCount => ({
    rule: RULE,
    ruleVersion: 'r1',
    verdict,
    service: 'payment',
    serviceVersion: '1',
    count: number,
  });
  window.add(
    [count('satisfied', 18_423), count('violated', 5), count('not_applicable', 679)],
    START - 1_200_000,
  );
  window.add([count('violated', 40), count('inconclusive', 2)], START);
  const services: ApiServices = {
    signals: store,
    verdicts: window,
    now: () => START,
    onDecision: async () => {},
    rules: () => [...RULES.values()].map((rule) => ({ rule, version: 'r1' })),
    health: () => [
      {
        rule: RULE,
        ruleVersion: 'r1',
        unknownAttributes: [{ rule: RULE, attribute: 'amount', missing: 0, otherType: 40 }],
        applicable: 0,
        applicableInOneSpanTraces: 0,
        unseenNames: [],
        inconclusiveReasons: {},
        exceptedScopes: {},
        violated: 0,
        memberSpans: 0,
        keylessSpans: 0,
      },
      {
        rule: 'mostly-checked',
        ruleVersion: 'r1',
        unknownAttributes: [],
        applicable: 12,
        applicableInOneSpanTraces: 0,
        unseenNames: [],
        inconclusiveReasons: {},
        exceptedScopes: {},
        violated: 0,
        memberSpans: 0,
        keylessSpans: 0,
      },
    ],
    traces: () => ({ closed: 12_000, oneSpan: 0 }),
    version: '0.1.0',
    startedAt: START,
    listens: { grpc: '127.0.0.1:4317', http: null, api: '127.0.0.1:4319' },
    readiness: () => ({ ready: true, notes: [] }),
    engine: () => ({}),
    receivers: () => [],
    refusals: () => [],
  };
  const options = { routes: apiRoutes(services), listensAt: '127.0.0.1', hosts: [], onFailure: () => {} };
  return async ({ method, url, headers, body }) => {
    const { pathname, searchParams, host } = new URL(url);
    const response = await answerApi(
      { method, path: pathname, query: searchParams, headers: { ...headers, host }, body: body ?? '' },
      options,
    );
    return { status: response.status, body: JSON.stringify(response.body) };
  };
}

describe('with a server', () => {
  it('is asked where the lock says, or where --server says', async () => {
    const servers = { 'http://127.0.0.1:4319': await server() };
    const access = accessTo(new MemoryDisk(), { holder: { pid: 7, api: 'http://127.0.0.1:4319' } });
    const listed = await runWith(access, ['signals', 'list'], { servers });
    expect(listed.stdout).toContain('1 occurrence · last just now · payment · team-payments');
    const given = await runInMemory(['signals', 'list', '--server', '127.0.0.1:4319'], { servers });
    expect(given.stdout).toBe(listed.stdout);
    const id = listed.stdout.slice(0, 6);
    const acked = await runInMemory(
      ['signals', 'ack', id, '--by', 'ada', '--server', 'http://127.0.0.1:4319/'],
      {
        servers,
      },
    );
    expect([acked.code, acked.stderr]).toEqual([0, '']);
    const twice = await runInMemory(['signals', 'ack', id, '--by', 'ada', '--server', '127.0.0.1:4319'], {
      servers,
    });
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('error[FL874]')]);
  });

  it('asks the data folder where the server that the lock names is gone', async () => {
    const access = accessTo(new MemoryDisk(), { holder: { pid: 7, api: 'http://127.0.0.1:4319' } });
    const held = await runWith(access, ['signals', 'list']);
    expect([held.code, held.stderr]).toEqual([2, expect.stringContaining('error[FL876]')]);
    expect(held.stderr).toContain('the lock `.fluo/lock` names it');
    let looks = 0;
    const holder = { pid: 7, api: 'http://127.0.0.1:4319' };
    const dying = { ...access, holder: async () => (looks++ === 0 ? holder : null) };
    const after = await runWith(dying, ['signals', 'list']);
    expect([after.code, after.stderr]).toEqual([0, '']);
    expect(after.stdout).toContain('No');
  });

  it('shows verdicts', async () => {
    const servers = { 'http://127.0.0.1:4319': await server() };
    const { stdout, code } = await runInMemory(['verdicts', '--server', '127.0.0.1:4319', '--last', '1h'], {
      servers,
    });
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "rule                         satisfied    violated       share  not proved  not applicable
      payment-requires-inventory      18,423          45        0.2%           2             679

      2025-12-31 23:00:00 UTC to 2026-01-01 00:01:00 UTC
      "
    `);
    const none = await runInMemory(['verdicts', '--server', '127.0.0.1:4319', '--rule', 'x'], { servers });
    expect(none.stdout).toContain('No rule has judged anything');
    const wrong = await runInMemory(['verdicts', '--last', 'soon'], { servers });
    expect(wrong.stderr).toContain('`soon` is not a duration');
    const both = await runInMemory(['verdicts', '--last', '1h', '--from', '2026-01-01'], { servers });
    expect(both.stderr).toContain('both say where to begin');
  });

  it('shows rules', async () => {
    const servers = { 'http://127.0.0.1:4319': await server() };
    const { stdout } = await runInMemory(['rules', '--server', '127.0.0.1:4319'], { servers });
    expect(stdout).toMatchInlineSnapshot(`
      "look  payment-requires-inventory
            critical · hard-block · never applicable yet · invariants/payment.yaml:3
            - never applicable in 12,000 traces: is its trigger spelled as the spans are?
              help: compare the names in \`fluo explain payment-requires-inventory\` with those of your
              spans; \`fluo instrument payment-requires-inventory\` says which spans it needs
            - \`amount\` was of another type than the rule compares with, 40 times
              help: compare \`amount\` with a value of the type that the service sends, or have the
              service send the other one
      ok    no-declined-shipment
            high · soft-warning · never applicable yet · invariants/payment.yaml:10
      ok    mostly-checked
            low · soft-warning · applicable 12 times · invariants/payment.yaml:13

      3 rules, 1 with something to look at; 12,000 traces so far
      "
    `);
  });

  it('says that nobody answers, or something else', async () => {
    const outcome = await runInMemory(['rules', '--server', 'http://localhost:1']);
    expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringContaining('error[FL876]')]);
    const servers = { 'http://localhost': () => ({ status: 200, body: '<html>' }) };
    const strange = await runInMemory(['rules', '--server', 'localhost:80'], { servers });
    expect(strange.stderr).toContain('error[FL878]');
    const address = await runInMemory(['rules', '--server', 'ftp://x']);
    expect(address.stderr).toContain('is not the address of a server');
    const nothing = await runInMemory(['signals', 'list']);
    expect(nothing.stderr).toContain('no server runs here, and there is no data folder `.fluo`');
  });
});
