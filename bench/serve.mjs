/**
 * What a running server takes. Over loopback, on this machine, with the load in a process of its own:
 *
 * - spans a second over HTTP into `fluo serve` with 50 rules, every request answered when its spans are synced to the log, against a server
 *   on node:http that decodes with protobufjs and throws away; the two take turns, and each has run for some seconds before it is measured;
 * - the same with the load held at what that server took, for minutes, and how far the archive was behind;
 * - the time from the export of a span that decides a violation to the signal, as a webhook is told of it, at half of full load.
 *
 *     node bench/serve.mjs [--turns 3] [--burst 10] [--sustain 300] [--probes 200]
 *
 * `--sustain 0` and `--probes 0` leave parts out. Needs dist/ (`node scripts/build.mjs`). Ends with exit code 1 where a bound is missed.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, option, root } from './bundle.mjs';
import { forbidden, probeRules } from './probe.mjs';
import { libraryFiles, rulesAbout } from './rules.mjs';

const LEAST_BURST = 2;
const LEAST_SUSTAINED = 1;
const MOST_LAG_SECONDS = 5;
/** Most of what the compiler of V8 does is done then. */
const WARM_UP_SECONDS = 3;

const turns = Number(option('--turns', '3'));
const burst = Number(option('--burst', '10'));
const sustain = Number(option('--sustain', '300'));
const probes = Number(option('--probes', '200'));

const folder = mkdtempSync(join(tmpdir(), 'fluo-bench-'));
writeRules();
const client = fork(join(root, 'bench', 'client.mjs'));
const [{ spansARound, bytesARound }] = await once(client, 'message');
say(
  `Node ${process.versions.node}; ${(bytesARound / spansARound).toFixed(0)} bytes a span, uncompressed protobuf, 24 connections, 50 rules, default windows\n`,
);

try {
  const rates = { peer: [], fluo: [] };
  for (let turn = 0; turn < turns; turn++) {
    const peer = await startPeer();
    await load(peer.url, WARM_UP_SECONDS);
    rates.peer.push((await load(peer.url, burst)).rate);
    await peer.stop();
    const fluo = await startFluo();
    await load(fluo.url, WARM_UP_SECONDS);
    const taken = await load(fluo.url, burst);
    rates.fluo.push(taken.rate);
    say(
      `turn ${turn + 1}: protobufjs ${thousands(rates.peer.at(-1))}, fluo ${thousands(rates.fluo.at(-1))} spans/s (${taken.refused} requests asked to wait, archive ${(await metricOf(fluo, 'fluo_archive_lag_seconds')).toFixed(1)} s behind at the end)`,
    );
    await fluo.stop();
  }
  const [base, full] = [median(rates.peer), median(rates.fluo)];
  bound(
    `burst of ${burst} s, log synced: times protobufjs`,
    full / base,
    (times) => times >= LEAST_BURST,
    LEAST_BURST,
  );
  if (sustain > 0) await sustained(base);
  if (probes > 0) await latency(full / 2);
} finally {
  client.disconnect();
  rmSync(folder, { recursive: true, force: true });
}

async function sustained(rate) {
  const fluo = await startFluo();
  let lag = 0;
  let resident = 0;
  const watch = setInterval(async () => {
    lag = Math.max(lag, await metricOf(fluo, 'fluo_archive_lag_seconds').catch(() => 0));
    resident = Math.max(resident, await metricOf(fluo, 'process_resident_memory_bytes').catch(() => 0));
  }, 500);
  const taken = await load(fluo.url, sustain, rate * 1.02);
  clearInterval(watch);
  const shed = await metricOf(fluo, 'fluo_shed_total');
  await fluo.stop();
  say(
    `\nsustained ${sustain} s: ${thousands(taken.rate)} spans/s taken of ${thousands(rate * 1.02)} sent, ${taken.refused} requests asked to wait, memory ${(resident / 1e6).toFixed(0)} MB, shed ${shed}`,
  );
  bound(
    'sustained: times protobufjs',
    taken.rate / rate,
    (times) => times >= LEAST_SUSTAINED,
    LEAST_SUSTAINED,
  );
  bound(
    'sustained: archive behind, seconds',
    lag,
    (seconds) => seconds <= MOST_LAG_SECONDS,
    MOST_LAG_SECONDS,
  );
}

/** Each probe breaks a rule of its own, so that each is a new signal. */
async function latency(rate) {
  const told = new Map();
  const hook = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    response.end();
    const text = Buffer.concat(pieces).toString('utf8');
    const at = performance.now();
    for (const [, id] of text.matchAll(/probe-(\d+)/g)) if (!told.has(id)) told.set(id, at);
  });
  await new Promise((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const fluo = await startFluo(
    `notify: [{ name: bench, type: webhook, url: "http://127.0.0.1:${hook.address().port}/" }]\n`,
  );
  const loading = load(fluo.url, probes / 10 + 6, rate);
  await pause(4_000);
  const sent = new Map();
  for (let probe = 0; probe < probes; probe++) {
    const body = forbidden(probe);
    sent.set(String(probe), performance.now());
    fetch(fluo.url, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body });
    await pause(100);
  }
  const taken = await loading;
  for (let waited = 0; told.size < probes && waited < 100; waited++) await pause(100);
  await fluo.stop();
  hook.close();
  const times = [...sent].filter(([id]) => told.has(id)).map(([id, at]) => told.get(id) - at);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  say(
    `\nfrom the export of the deciding span to the webhook of the signal, beside ${thousands(taken.rate)} spans/s: ` +
      `p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, most ${at(1).toFixed(0)} ms (${times.length} of ${probes} told)`,
  );
  if (times.length < probes) process.exitCode = 1;
}

function load(url, seconds, rate) {
  return new Promise((resolve) => {
    const listen = (message) => {
      if (message.kind !== 'done') return;
      client.off('message', listen);
      if (message.failed > 0) throw new Error(`${message.failed} requests were refused for good`);
      resolve({ ...message, rate: message.acknowledged / message.seconds });
    };
    client.on('message', listen);
    client.send({ kind: 'start', url, seconds, rate });
  });
}

async function startPeer() {
  const peer = fork(join(root, 'bench', 'peers', 'protobufjs-server.mjs'));
  const [{ port }] = await once(peer, 'message');
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    stop: async () => {
      peer.disconnect();
      await once(peer, 'exit');
    },
  };
}

async function startFluo(configuration = '') {
  rmSync(join(folder, 'data'), { recursive: true, force: true });
  writeFileSync(
    join(folder, 'fluo.yaml'),
    `version: 1\nrules: [rules]\ndata: data\nlog: { level: warn }\n${configuration}`,
  );
  const args = [join(root, 'bin', 'fluo.mjs'), 'serve', '--config', join(folder, 'fluo.yaml')];
  for (const name of ['http', 'grpc', 'api']) args.push(`--${name}`, '127.0.0.1:0');
  const server = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const found = await new Promise((resolve, reject) => {
    server.once('exit', () => reject(new Error(`fluo serve ended: ${output}`)));
    server.stdout.on('data', (piece) => {
      output += piece;
      const url = /OTLP\/HTTP\s+(http\S+)/.exec(output)?.[1];
      const api = /API\s+(http:\S+?)\/?\s/.exec(output)?.[1];
      if (url !== undefined && api !== undefined) resolve({ url, api });
    });
  });
  for (;;) {
    const answer = await fetch(`${found.api}/readyz`).catch(() => null);
    if (answer?.ok) break;
    await pause(50);
  }
  return {
    ...found,
    stop: async () => {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    },
  };
}

function writeRules() {
  const rules = join(folder, 'rules');
  const files = libraryFiles();
  const count = files.reduce((sum, { text }) => sum + (text.match(/^ {2}- id:/gm)?.length ?? 0), 0);
  files.push(rulesAbout(50 - count, (index) => `other-team.operation-${index}`, 'absent'));
  files.push(probeRules(probes));
  for (const { name, text } of files) {
    const path = join(rules, name.replaceAll('/', '-'));
    writeFile(path, text);
  }
}

function writeFile(path, text) {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

async function metricOf({ api }, name) {
  const text = await (await fetch(`${api}/metrics`)).text();
  let sum = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) {
      sum += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
  }
  return sum;
}

function bound(text, value, isKept, limit) {
  say(`${text}: ${value.toFixed(2)} (bound ${limit}) ${isKept(value) ? 'kept' : 'MISSED'}`);
  if (!isKept(value)) process.exitCode = 1;
}

function thousands(value) {
  return Math.round(value).toLocaleString('en');
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
