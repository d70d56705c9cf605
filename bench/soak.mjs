/**
 * Whether memory stays flat: `fluo serve` with its windows and those of the rules shortened 50 times, so that half an hour is as a day, under steady load with
 * late and repeated spans, some violations, rules that change. Each 30 seconds garbage is collected and the memory written down. The first
 * fifth is the warm-up; of what follows, the medians of the first and of the last quarter are compared.
 *
 *     node bench/soak.mjs [--minutes 30] [--rate 20000]
 *
 * Needs dist/. Ends with exit code 1 where heap or resident memory grew by more than 5 %.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, option, root } from './bundle.mjs';
import { forbidden, probeRules } from './probe.mjs';
import { libraryFiles, rulesAbout } from './rules.mjs';

const MOST_GROWTH = 0.05;
const minutes = Number(option('--minutes', '30'));
const rate = Number(option('--rate', '20000'));
const EVERY_SECONDS = Math.min(30, Math.max(2, (minutes * 60) / 60));

const folder = mkdtempSync(join(tmpdir(), 'fluo-soak-'));
const memoryFile = join(folder, 'memory.jsonl');
mkdirSync(join(folder, 'rules'));
for (const { name, text } of [
  ...libraryFiles(),
  rulesAbout(20, (index) => `other-team.operation-${index}`, 'absent'),
  probeRules(20),
]) {
  writeFileSync(join(folder, 'rules', name.replaceAll('/', '-')), shortened(text));
}
writeFileSync(
  join(folder, 'fluo.yaml'),
  `version: 1
rules: [rules]
data: data
limits: { idle: 600ms, idle_after_root: 200ms, max_age: 6s, late_window: 12s, max_group_age: 72s }
archive: { retention: 1h }
log: { level: warn }
`,
);

const client = fork(join(root, 'bench', 'client.mjs'));
await once(client, 'message');
const server = spawn(
  process.execPath,
  [
    '--expose-gc',
    '--import',
    join(root, 'bench', 'gc-on-request.mjs'),
    join(root, 'bin', 'fluo.mjs'),
    'serve',
    '--config',
    join(folder, 'fluo.yaml'),
    ...['--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0', '--api', '127.0.0.1:0'],
  ],
  {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FLUO_BENCH_MEMORY: memoryFile },
  },
);
let output = '';
const { url, api } = await new Promise((resolve, reject) => {
  server.once('exit', () => reject(new Error(`fluo serve ended: ${output}`)));
  server.stdout.on('data', (piece) => {
    output += piece;
    const http = /OTLP\/HTTP\s+(http\S+)/.exec(output)?.[1];
    const operations = /API\s+(http:\S+?)\/?\s/.exec(output)?.[1];
    if (http !== undefined && operations !== undefined) resolve({ url: http, api: operations });
  });
});
while (!(await fetch(`${api}/readyz`).catch(() => null))?.ok) await pause(50);

const done = new Promise((resolve) => {
  client.on('message', (message) => message.kind === 'done' && resolve(message));
});
client.send({ kind: 'start', url, seconds: minutes * 60, rate });
let isOver = false;
done.then(() => {
  isOver = true;
});
let asked = 0;
for (let tick = 1; !isOver; tick++) {
  await Promise.race([pause(1_000), done]);
  if (isOver) break;
  // Each few seconds a violation, each few minutes a change of the rules.
  if (tick % 7 === 0) {
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: forbidden(tick % 20),
    }).catch(() => {});
  }
  if (tick % 150 === 0) {
    const { name, text } = rulesAbout(20 + (tick % 4), (index) => `other-team.operation-${index}`, 'absent');
    writeFileSync(join(folder, 'rules', name), text);
  }
  if (tick % EVERY_SECONDS === 0) {
    asked++;
    server.kill('SIGUSR2');
    if (asked % 5 === 0) say(`${Math.round(tick / 60)} min: ${last()}`);
  }
}
const load = await done;
const samples = readFileSync(memoryFile, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const [shed, closed, reopened, repeated] = await Promise.all(
  [
    'fluo_shed_total',
    'fluo_closed_traces_total',
    'fluo_reopened_traces_total',
    'fluo_repeated_spans_total',
  ].map(metricOf),
);
const ended = once(server, 'exit');
server.kill('SIGTERM');
const [code] = await ended;
client.disconnect();
rmSync(folder, { recursive: true, force: true });

say(
  `${minutes} minutes, ${load.acknowledged.toLocaleString('en')} spans (${Math.round(load.acknowledged / load.seconds).toLocaleString('en')} a second), ` +
    `${closed.toLocaleString('en')} traces closed, ${reopened.toLocaleString('en')} re-opened, ${repeated.toLocaleString('en')} spans repeated, ${shed} shed; exit code ${code}`,
);
const warm = samples.slice(Math.floor(samples.length / 5));
const quarter = Math.max(1, Math.floor(warm.length / 4));
for (const [name, of] of [
  ['heap after collection', ({ heapUsed, external }) => heapUsed + external],
  ['resident memory', ({ rss }) => rss],
]) {
  const first = median(warm.slice(0, quarter).map(of));
  const final = median(warm.slice(-quarter).map(of));
  const growth = final / first - 1;
  const isKept = growth <= MOST_GROWTH;
  say(
    `${name}: ${(first / 1e6).toFixed(1)} MB after the warm-up, ${(final / 1e6).toFixed(1)} MB at the end, ${(growth * 100).toFixed(1)} % (bound ${MOST_GROWTH * 100} %) ${isKept ? 'kept' : 'MISSED'}`,
  );
  if (!isKept) process.exitCode = 1;
}

function last() {
  const lines = readFileSync(memoryFile, 'utf8').trim().split('\n');
  const { rss, heapUsed, external } = JSON.parse(lines.at(-1) || '{}');
  return `heap and buffers ${((heapUsed + external) / 1e6).toFixed(1)} MB, resident ${(rss / 1e6).toFixed(1)} MB`;
}

/** `within 10m` as `within 12s`. */
function shortened(text) {
  return text.replaceAll(/within (\d+)(m|h)\b/g, (_, count, unit) => {
    const seconds = (Number(count) * (unit === 'm' ? 60 : 3600)) / 50;
    return `within ${Math.max(1, Math.round(seconds))}s`;
  });
}

async function metricOf(name) {
  const text = await (await fetch(`${api}/metrics`)).text();
  let sum = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
