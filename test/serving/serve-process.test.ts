/** `fluo serve` as a process: what a user does with it, by signals, files and the network. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeRequest } from '../../src/otlp/proto/encode-request.ts';
import { makeSpan } from '../../src/trace/testing/make-span.ts';
import { metric, ROOT, type ServeProcess, startServe, until } from './serve-process.ts';

const RULE = (forbidden: string) => `rules:
  - id: charge-without
    name: A charge comes without something
    origin: incident:INC-1
    condition: payment.charge and not ${forbidden}
`;

const folder = mkdtempSync(join(tmpdir(), 'fluo-serving-'));
const rules = join(folder, 'invariants');
const running: ServeProcess[] = [];

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), '--if-stale'], { stdio: 'ignore' });
  mkdirSync(rules);
  writeFileSync(join(rules, 'pay.yaml'), RULE('payment.refund'));
});
afterAll(async () => {
  for (const serve of running) await serve.kill();
  rmSync(folder, { recursive: true });
});

async function started(): Promise<ServeProcess> {
  const serve = await startServe({ rules: [rules], folder });
  running.push(serve);
  return serve;
}

async function send(serve: ServeProcess, trace: number, ...names: string[]): Promise<number> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const spans = names.map((name, at) =>
    makeSpan({
      traceId: trace.toString(16).padStart(32, '0'),
      spanId: (trace * 100 + at + 1).toString(16).padStart(16, '0'),
      name,
      start: now - 1n,
      end: now,
    }),
  );
  const response = await fetch(serve.http, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encodeRequest(spans) as Uint8Array<ArrayBuffer>,
  });
  await response.arrayBuffer();
  return response.status;
}

const occurrences = async (serve: ServeProcess) => {
  const response = await fetch(`${serve.api}/api/v1/signals`);
  const { signals } = (await response.json()) as { signals: { occurrences: number }[] };
  return signals.map((signal) => signal.occurrences);
};

describe('fluo serve', () => {
  it('loads edited rules, survives SIGKILL, refuses a second one, and stops in order', async () => {
    const first = await started();
    expect(await send(first, 1, 'payment.charge', 'payment.refund')).toBe(200);
    await until(async () => (await occurrences(first))[0] === 1);

    // A second server of the same folder.
    const { stderr, status } = spawnSync(
      process.execPath,
      [join(ROOT, 'bin/fluo.mjs'), 'serve', '--http', '127.0.0.1:0', '--grpc', 'off', '--api', '127.0.0.1:0'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toContain('FL803');
    expect(stderr).toContain(`process ${first.pid}`);

    // A broken edit, and a mended one, as an editor saves them.
    writeFileSync(join(rules, 'pay.yaml'), 'rules: [');
    await until(async () => (await metric(first.api, 'fluo_rule_file_errors')) > 0);
    expect(await metric(first.api, 'fluo_rules')).toBe(1);
    writeFileSync(join(rules, 'pay.yaml'), RULE('payment.chargeback'));
    await until(async () => (await metric(first.api, 'fluo_rule_file_errors')) === 0);
    expect(await send(first, 2, 'payment.charge', 'payment.chargeback')).toBe(200);
    await first.kill();

    const second = await started();
    await until(async () => (await occurrences(second)).reduce((sum, count) => sum + count, 0) === 2);
    expect(await second.stop()).toBe(0);
    expect(second.output()).toContain('stopped');
  });

  it('says what is wrong with a data folder, and ends with 2', () => {
    writeFileSync(join(folder, 'no-folder'), '');
    const { stderr, status } = spawnSync(
      process.execPath,
      [join(ROOT, 'bin/fluo.mjs'), 'serve', '--data', join(folder, 'no-folder', 'below')],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toContain('FL804');
  });
});
