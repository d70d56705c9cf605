/**
 * The live engine with a shop whose bugs can be switched on: starts `fluo serve` with the rules of the library and the shop of
 * examples/shop/live, prints where to look, and tells of every signal as it is raised.
 *
 *     npm start                          until Ctrl-C
 *     npm start -- --for 60              ends by itself after so many seconds
 *     npm start -- --show                switches one failure on after the other, and ends when all were caught
 *     npm start -- --rate 50             visits a second
 *
 * The data is in tmp/demo/live and begins empty each time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startShop } from '../examples/shop/live/shop.mjs';
import { startSwitchPage } from '../examples/shop/live/switch-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'tmp', 'demo', 'live');
const { values } = parseArgs({
  options: {
    for: { type: 'string' },
    rate: { type: 'string', default: '15' },
    show: { type: 'boolean', default: false },
  },
});

// A demonstration should not wait as long as production does for spans that may still come.
const CONFIGURATION = `version: 1
rules: [${JSON.stringify(join(root, 'library'))}]
data: data
limits:
  idle: 6s
  idle_after_root: 2s
log: { level: warn }
`;

/** When each switch was last turned on, by the rule that must catch it. */
const turnedOn = new Map();
const caught = new Set();

let stopping = null;
let server = null;
let shop = null;
let page = null;
process.exitCode = 1;
const interrupted = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal));
  // Nobody reads any more: `npm start | head`, or the terminal is gone.
  process.stdout.on('error', resolve);
  process.stderr.on('error', resolve);
  // The server is a process of its own group: even after a bug in here nothing is left running.
  process.on('uncaughtException', (error) => {
    process.stderr.write(`demo: ${error.stack}\n`);
    resolve('failed');
  });
});

try {
  await begin();
  const ends = [interrupted, once(server, 'exit').then(() => 'ended')];
  if (values.for !== undefined) {
    ends.push(new Promise((resolve) => setTimeout(resolve, Number(values.for) * 1000)));
  }
  if (values.show) ends.push(showAll());
  const how = await Promise.race(ends);
  if (how === 'ended') throw new Error('fluo serve ended; its messages are above');
  if (how !== 'missed' && how !== 'failed') process.exitCode = 0;
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
} finally {
  await end();
}

async function begin() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'fluo.yaml'), CONFIGURATION);
  const ports = { grpc: await freePort(4317), http: await freePort(4318), api: await freePort(4319) };
  const [grpc, http, api] = ['grpc', 'http', 'api'].map((name) => `127.0.0.1:${ports[name]}`);
  const args = ['bin/fluo.mjs', 'serve', '--config', join(folder, 'fluo.yaml')];
  server = spawn(process.execPath, [...args, '--grpc', grpc, '--http', http, '--api', api], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    // Ctrl-C is for this program, which stops the shop first, so that its last spans are taken.
    detached: true,
  });
  await ready(`http://${api}`);
  shop = await startShop({
    otlp: { http: `http://${http}/v1/traces`, grpc: `http://${grpc}` },
    onTrouble: (text) => stopping ?? process.stderr.write(`${text}\n`),
  });
  page = await startSwitchPage(
    { switches: shop.switches, set: turn },
    { port: await freePort(4330), api: `http://${api}` },
  );
  say(`
A shop of seven services is open, each a process of its own with the OpenTelemetry SDK; its customers come ${values.rate} times a second.
Fluo judges every trace by the 28 rules of library/. All of it is healthy, until you switch a bug on:

${shop.switches().map(bug).join('\n')}

  switches     ${page.url}   or  curl -X POST ${page.url}switches/double-click/on
  signals      node bin/fluo.mjs signals list --server http://${api}
  verdicts     node bin/fluo.mjs verdicts --server http://${api}
  rules        node bin/fluo.mjs rules --server http://${api}
  metrics      http://${api}/metrics
  OTLP         ${http} (HTTP), ${grpc} (gRPC): your own services may send here too
  the data     tmp/demo/live/data
  the file tour (fluo check on recorded traces):  npm run tour

${process.stdin.isTTY ? 'Keys 1 to 8 switch a bug on and off; ' : ''}Ctrl-C ends all of it.
`);
  listenToKeys();
  shop.open(Number(values.rate));
  tellSignals(`http://${api}`);
}

function bug({ id, title, rule }, index) {
  return `  ${index + 1}  ${id.padEnd(32)} ${title}\n     ${''.padEnd(32)} caught by ${rule}`;
}

/** Whether there is such a switch. */
function turn(id, isOn) {
  if (!shop.set(id, isOn)) return false;
  const { rule } = shop.switches().find((one) => one.id === id);
  if (isOn) turnedOn.set(rule, Date.now());
  say(`${time()}  ${isOn ? 'on ' : 'off'}  ${id}`);
  return true;
}

function listenToKeys() {
  if (!process.stdin.isTTY) return;
  process.stdin.setRawMode(true);
  process.stdin.resume();
  process.stdin.on('data', (keys) => {
    for (const key of String(keys)) {
      // In raw mode Ctrl-C is a key like any other.
      if (key === '\u0003' || key === 'q') process.emit('SIGINT');
      const one = shop.switches()[Number(key) - 1];
      if (one !== undefined) turn(one.id, !one.isOn);
    }
  });
}

/** Says what is new among the signals, and once for each time that a bug was switched on, what came again. */
async function tellSignals(api) {
  const told = new Map();
  while (stopping === null) {
    const answer = await fetch(`${api}/api/v1/signals?limit=100`).catch(() => null);
    const { signals = [] } = answer?.ok ? await answer.json() : {};
    for (const signal of [...signals].reverse()) {
      const before = told.get(signal.id);
      const since = turnedOn.get(signal.rule.id);
      const isNews =
        before === undefined || (signal.occurrences > before.occurrences && before.since !== since);
      told.set(signal.id, { occurrences: signal.occurrences, since: isNews ? since : before.since });
      if (!isNews) continue;
      caught.add(signal.rule.id);
      const after =
        since === undefined ? '' : `  ${((Date.now() - since) / 1000).toFixed(1)} s after it was switched on`;
      say(
        `${time()}  ✗ ${signal.rule.id}  ${signal.rule.severity}${after}${before === undefined ? '' : `  (${signal.occurrences} occurrences)`}\n          ${signal.summary}\n          trace ${signal.traceIds[0] ?? ''}   node bin/fluo.mjs signals show ${signal.id.slice(0, 8)} --server ${api}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** One failure after the other, each until it is caught. */
async function showAll() {
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  if (caught.size > 0) {
    say(`signals without a bug: ${[...caught].join(', ')}`);
    return 'missed';
  }
  for (const { id, rule } of shop.switches()) {
    turn(id, true);
    const limit = Date.now() + 30_000;
    while (!caught.has(rule)) {
      if (Date.now() > limit) {
        say(`${rule} did not catch ${id} within 30 s`);
        return 'missed';
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    turn(id, false);
  }
  say(`\nall ${shop.switches().length} failures were caught`);
  return 'shown';
}

async function end() {
  stopping = true;
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
  process.stdin.pause();
  page?.close();
  await shop?.stop();
  if (server !== null && server.exitCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  }
  process.exit(process.exitCode);
}

async function ready(api) {
  for (;;) {
    if (server.exitCode !== null) throw new Error('fluo serve could not start; its messages are above');
    const answer = await fetch(`${api}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The port if nobody has it, else any that is free: a Collector may run here already. */
function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (wanted === 0) reject(error);
      else freePort(0).then(resolve, reject);
    });
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function time() {
  return new Date().toTimeString().slice(0, 8);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
