import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { run } from '../run.ts';
import { otlpLine } from '../testing/otlp-line.ts';
import { memoryWorld, runInMemory } from '../testing/run-in-memory.ts';

const RULES = `rules:
  - id: reserve-first
    severity: critical
    origin: incident:2026-01-20
    condition: payment.charge and inventory.reserve.before(payment.charge)
  - id: watched-only
    enforcement: audit-only
    origin: incident:2026-01-20
    condition: never { debug.dump }
`;
const GOOD = otlpLine(1, [{ name: 'inventory.reserve' }, { name: 'payment.charge' }]);
const BAD = otlpLine(2, [{ name: 'payment.charge' }]);
const OTHER = otlpLine(3, [{ name: 'page.view' }]);
const WATCHED = otlpLine(4, [{ name: 'debug.dump' }]);

const world = (files: Record<string, string | Uint8Array>) => ({
  files: { '/project/invariants/payment.yaml': RULES, ...files },
});

describe('fluo check', () => {
  it('is clean when all rules hold', async () => {
    const { code, stdout, stderr } = await runInMemory(
      ['check', 'traces.jsonl'],
      world({ '/project/traces.jsonl': GOOD + OTHER }),
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('reserve-first');
  });

  it('shows the violation and ends with 1', async () => {
    const { code, stdout } = await runInMemory(
      ['check', 'traces.jsonl'],
      world({ '/project/traces.jsonl': GOOD + BAD }),
    );
    expect(code).toBe(1);
    expect(stdout).toContain('invariants/payment.yaml');
    expect(stdout).toContain('inventory.reserve');
    expect(stdout).toContain('0'.repeat(31));
  });

  it('takes files, folders, gzip and standard input, and counts over all of them', async () => {
    const files = {
      '/project/a.jsonl': GOOD,
      '/project/more/b.json': BAD,
      '/project/more/deep/c.gz': gzipSync(OTHER),
    };
    const { code, stdout } = await runInMemory(['check', '-f', 'json', 'a.jsonl', 'more', '-'], {
      ...world(files),
      stdin: WATCHED,
    });
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ schemaVersion: 1, traces: 4, spans: 9, damaged: 0 });
    expect(report.rules[0]).toMatchObject({
      id: 'reserve-first',
      verdicts: { satisfied: 1, violated: 1, not_applicable: 2, inconclusive: 0 },
    });
    expect(report.findings[0]).toMatchObject({
      rule: 'reserve-first',
      verdict: 'violated',
      missing: ['inventory.reserve.before(payment.charge)'],
    });
  });

  it('ends with 2 when a file breaks off, after judging what is there', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => otlpLine(index + 10, [{ name: 'page.view' }]));
    const packed = gzipSync(lines.join(''));
    const files = { '/project/day.gz': packed.subarray(0, packed.length / 2), '/project/a.jsonl': GOOD };
    const { code, stdout } = await runInMemory(['check', '-f', 'json', 'day.gz', 'a.jsonl'], world(files));
    expect(code).toBe(2);
    const report = JSON.parse(stdout);
    expect(report.traces).toBeGreaterThan(1);
    expect(report.traces).toBeLessThan(201);
    expect(report.rules[0].verdicts).toMatchObject({ satisfied: 1, violated: 0 });
    expect(report.diagnostics.map((one: { code: string }) => one.code)).toContain('FL504');
  });

  it.each([
    [[], 0],
    [['--fail-on', 'violated'], 1],
    [['--fail-on', 'never'], 0],
  ])('goes by the enforcement of a rule: %j ends with %i', async (options, code) => {
    const outcome = await runInMemory(
      ['check', 'traces.jsonl', ...options],
      world({ '/project/traces.jsonl': WATCHED }),
    );
    expect(outcome.code).toBe(code);
  });

  it('judges only the rules that are asked for', async () => {
    const files = { '/project/traces.jsonl': BAD };
    expect((await runInMemory(['check', '--rule', 'watched-*', 'traces.jsonl'], world(files))).code).toBe(0);
    expect((await runInMemory(['check', '--rule', 'reserve-first', 'traces.jsonl'], world(files))).code).toBe(
      1,
    );
  });

  it('writes several reports in one run', async () => {
    const argv = [
      'check',
      'traces.jsonl',
      '-f',
      'pretty',
      '-f',
      'sarif=out/fluo.sarif',
      '-f',
      'junit',
      '-o',
      'junit.xml',
    ];
    const { code, stdout, io } = await runInMemory(argv, world({ '/project/traces.jsonl': BAD }));
    expect(code).toBe(1);
    expect(stdout).toContain('reserve-first');
    expect(JSON.parse(io.files.readText('/project/out/fluo.sarif'))).toMatchObject({ version: '2.1.0' });
    expect(io.files.readText('/project/junit.xml')).toMatch(/^<\?xml/);
  });

  it('goes on after a damaged record, and stops there with --strict', async () => {
    const files = { '/project/traces.jsonl': `${GOOD}{"resourceSpans": [tru\n${BAD}` };
    const lenient = await runInMemory(['check', '-f', 'json', 'traces.jsonl'], world(files));
    expect(lenient.code).toBe(1);
    expect(JSON.parse(lenient.stdout)).toMatchObject({ traces: 2, damaged: 1 });
    const strict = await runInMemory(['check', '--strict', 'traces.jsonl'], world(files));
    expect(strict.code).toBe(2);
    expect(strict.stderr).toContain('FL725');
  });

  it('tells causes before what comes of them', async () => {
    const { code, stderr } = await runInMemory(
      ['check', 'traces.jsonl'],
      world({ '/project/traces.jsonl': 'no traces at all\n' }),
    );
    expect(code).toBe(2);
    const codes = [...stderr.matchAll(/^\w+\[(FL\d+)\]/gm)].map(([, one]) => one);
    expect(codes.length).toBeGreaterThan(1);
    expect(codes.at(-1)).toBe('FL715');
  });

  it('says why violations do not fail, and fails for rules that applied to nothing when told to', async () => {
    const run = (...options: string[]) =>
      runInMemory(['check', 'traces.jsonl', ...options], world({ '/project/traces.jsonl': WATCHED }));
    const watched = await run();
    expect(watched.code).toBe(0);
    expect(watched.stdout).toContain('! watched-only');
    expect(watched.stdout).toContain(
      '1 violation of 1 rule, none failing: audit-only (`--fail-on violated` counts it), in 1 trace',
    );
    const required = await run('--require-applied');
    expect(required.code).toBe(1);
    expect(required.stdout).toContain('error: `reserve-first` applied to none of 1 scope');
  });

  it('shows as many findings as it is told', async () => {
    const many = Array.from({ length: 9 }, (_, trace) => otlpLine(trace + 1, [{ name: 'payment.charge' }]));
    const shown = async (...options: string[]) => {
      const { stdout } = await runInMemory(
        ['check', 'traces.jsonl', ...options],
        world({ '/project/traces.jsonl': many.join('') }),
      );
      return stdout.match(/^ {2}trace /gm)?.length;
    };
    expect(await shown()).toBe(5);
    expect(await shown('--limit', '2')).toBe(2);
    expect(await shown('--limit', '0')).toBe(9);
    const wrong = await runInMemory(
      ['check', 'traces.jsonl', '--limit', 'many'],
      world({ '/project/traces.jsonl': GOOD }),
    );
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('FL708');
  });

  it('warns of a group rule whose spans or key nobody sends', async () => {
    const rules = `rules:
  - { id: no-name, origin: "incident:1", condition: "across id within 1m { count(order.placed) <= 1 }" }
  - { id: no-key, origin: "incident:1", condition: "across id within 1m { count(payment.charge) <= 1 }" }
`;
    const files = { '/project/invariants/payment.yaml': rules, '/project/traces.jsonl': BAD };
    const { stdout } = await runInMemory(['check', 'traces.jsonl'], { files });
    expect(stdout).toContain('`no-name` applied to nothing: no span that it looks at was there');
    expect(stdout).toContain(
      '`no-key` applied to nothing: no span carries the key `id`, so the 1 span that it looks at is in no group',
    );
  });

  it('takes settings from the configuration, and those of the command line before them', async () => {
    const rules = `rules:
  - { id: in-production, origin: "incident:1", environments: [production], condition: "never { debug.dump }" }
`;
    const files = { '/project/invariants/payment.yaml': rules, '/project/t.jsonl': WATCHED };
    const codeOf = async (configuration: string, ...options: string[]) =>
      (
        await runInMemory(['check', 't.jsonl', ...options], {
          files: { ...files, '/project/fluo.yaml': configuration },
        })
      ).code;
    expect(await codeOf('')).toBe(0);
    expect(await codeOf('environment: production')).toBe(1);
    expect(await codeOf('environment: production', '--environment', 'test')).toBe(0);
  });

  it('is given the settings of the clocks', async () => {
    const apart = otlpLine(1, [
      { name: 'inventory.reserve', service: 'stock', start: 0, duration: 10 },
      { name: 'payment.charge', service: 'payment', start: 11, duration: 10 },
    ]);
    const verdicts = async (...options: string[]) => {
      const { stdout } = await runInMemory(
        ['check', '-f', 'json', 't.jsonl', ...options],
        world({ '/project/t.jsonl': apart }),
      );
      return JSON.parse(stdout).rules[0].verdicts;
    };
    expect(await verdicts()).toMatchObject({ satisfied: 1 });
    expect(await verdicts('--clock-skew', '5ms')).toMatchObject({ inconclusive: 1 });
  });

  it('tells programs what is wrong in their own format', async () => {
    const { code, stdout, stderr } = await runInMemory(['check', '-f', 'json', 't.jsonl'], {
      files: {
        '/project/invariants/a.yaml': 'rules:\n  - id: a\n    condition: a and\n',
        '/project/t.jsonl': GOOD,
      },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('error[FL1');
    expect(JSON.parse(stdout)).toMatchObject({ errors: 1, diagnostics: [{ file: 'invariants/a.yaml' }] });
  });

  it('shows progress on a terminal only', async () => {
    const quiet = await runInMemory(['check', 't.jsonl'], world({ '/project/t.jsonl': GOOD }));
    expect(quiet.stderr).toBe('');
  });

  it('runs again when a trace file changes, and ends with 130 on Ctrl-C, leaving no temporary file', async () => {
    const io = memoryWorld(['check', '--watch', 't.jsonl'], world({ '/project/t.jsonl': GOOD }));
    const code = run(io);
    const runs = () => io.stdout.text.match(/traces?\b.*\n$/gm)?.length ?? 0;
    const watching = () => io.stderr.text.match(/watching/g)?.length ?? 0;
    const until = async (condition: () => boolean) => {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    };
    await until(() => watching() === 1);
    expect(runs()).toBeGreaterThan(0);
    io.files.write('/project/t.jsonl', BAD);
    io.files.write('/project/t.jsonl', BAD + GOOD);
    io.clock.advance(100);
    await until(() => watching() === 2);
    expect(io.stdout.text).toContain('violated');
    io.interrupt();
    expect(await code).toBe(130);
    expect(io.files.storage.files).toBe(0);
  });
});
