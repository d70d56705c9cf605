/**
 * What a check costs: `fluo check` with one rule and with ten over a day of real traces, against a program that unpacks and
 * JSON.parses the same lines and does nothing else. The programs run in turns, so that all meet the same machine. Prints medians of
 * wall time and of processor time, and the peak of memory.
 *
 *     node bench/check.mjs [--runs 7] [--file TRACES.jsonl.gz]
 *
 * and what memory a large file takes, in time order and shuffled (made by a seed; 160 MB, with --large 1 GB):
 *
 *     node bench/check.mjs --memory [--large]
 *
 * Needs dist/ (`node scripts/build.mjs`). Ends with exit code 1 where a bound is missed.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MOST_TIMES = 1.5;
const MOST_MEGABYTES = 400;

const root = fileURLToPath(new URL('..', import.meta.url));
const fluo = join(root, 'bin', 'fluo.mjs');
const folder = mkdtempSync(join(tmpdir(), 'fluo-bench-'));
// Reports what the process took when it ends; loaded before the program.
const meter = join(folder, 'meter.mjs');
writeFileSync(
  meter,
  `import { writeSync } from 'node:fs';
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(3, JSON.stringify({ megabytes: maxRSS / 1024, cpu: (userCPUTime + systemCPUTime) / 1000 }));
});
`,
);

function time() {
  const file = option(
    '--file',
    join(root, '..', 'shared', 'data', 'nezha', 'faults-2022-08-22.otlp.jsonl.gz'),
  );
  if (!existsSync(file)) {
    process.stdout.write(
      `skipped: ${file} is not there (a day of traces; any OTLP/JSON lines with --file will do)\n`,
    );
    return;
  }
  const runs = Number(option('--runs', '7'));
  const [base, readline, whole] = [BASELINE, BY_READLINE, AT_ONCE].map((program, number) => {
    const path = join(folder, `baseline-${number}.mjs`);
    writeFileSync(path, program);
    return path;
  });
  const one = writeRules('one.yaml', [ORDER]);
  const ten = writeRules('ten.yaml', [ORDER, ...OTHERS]);
  const programs = [
    { name: 'gunzip and JSON.parse', args: [base, file] },
    { name: '  the same by readline', args: [readline, file], isOther: true },
    { name: '  the same, all at once', args: [whole, file], isOther: true },
    { name: 'fluo check, 1 rule', args: [fluo, 'check', '--rules', one, file] },
    { name: 'fluo check, 10 rules', args: [fluo, 'check', '--rules', ten, file] },
  ].map((program) => ({ ...program, measured: [] }));
  // The first round fills the caches of the disk.
  for (let round = -1; round < runs; round++) {
    for (const program of programs) {
      const measured = run(program.args);
      if (round >= 0) program.measured.push(measured);
    }
  }
  process.stdout.write(`medians of ${runs} runs, Node ${process.versions.node}\n`);
  process.stdout.write(
    `${''.padEnd(24)}${['wall', 'times', 'processor', 'times', 'memory'].map((title) => title.padStart(11)).join('')}\n`,
  );
  const first = programs[0];
  let missed = false;
  for (const program of programs) {
    const wall = median(program, 'wall');
    const cpu = median(program, 'cpu');
    const times = wall / median(first, 'wall');
    const megabytes = Math.max(...program.measured.map((measured) => measured.megabytes));
    const isMissed = times > MOST_TIMES || megabytes > MOST_MEGABYTES;
    if (isMissed && program.isOther !== true) missed = true;
    const columns = [
      `${wall.toFixed(0)} ms`,
      times.toFixed(2),
      `${cpu.toFixed(0)} ms`,
      (cpu / median(first, 'cpu')).toFixed(2),
      `${megabytes.toFixed(0)} MB`,
    ];
    process.stdout.write(
      `${program.name.padEnd(24)}${columns.map((column) => column.padStart(11)).join('')}\n`,
    );
  }
  process.stdout.write(
    `bounds: ${MOST_TIMES} times the wall time, ${MOST_MEGABYTES} MB: ${missed ? 'MISSED' : 'kept'}\n`,
  );
  if (missed) process.exitCode = 1;
}

function memory() {
  const megabytes = process.argv.includes('--large') ? 1024 : 160;
  const rules = writeRules('memory.yaml', MADE_RULES);
  let missed = false;
  let before = '';
  for (const order of ['in time order', 'shuffled']) {
    const file = join(folder, `${order.replaceAll(' ', '-')}.jsonl`);
    const spans = writeTraces(file, megabytes * 1024 * 1024, order === 'shuffled');
    const {
      wall,
      megabytes: peak,
      output,
    } = run([fluo, 'check', '--format', 'json', '--rules', rules, file]);
    const { rules: results, traces } = JSON.parse(output);
    const verdicts = JSON.stringify(results.map(({ id, verdicts: counts }) => [id, counts]));
    if (peak > MOST_MEGABYTES || (before !== '' && verdicts !== before)) missed = true;
    before = verdicts;
    process.stdout.write(
      `${megabytes} MB ${order.padEnd(14)} ${spans} spans, ${traces} traces: ${(wall / 1000).toFixed(1)} s, peak ${peak.toFixed(0)} MB, ${verdicts}\n`,
    );
    rmSync(file);
  }
  process.stdout.write(`bounds: ${MOST_MEGABYTES} MB, and equal verdicts: ${missed ? 'MISSED' : 'kept'}\n`);
  if (missed) process.exitCode = 1;
}

function run(args) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr, output } = spawnSync(process.execPath, ['--import', meter, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const wall = Number(process.hrtime.bigint() - started) / 1e6;
  // 1 says that there are findings.
  if (status !== 0 && status !== 1) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { wall, output: stdout, ...JSON.parse(output[3]) };
}

function writeRules(name, rules) {
  const path = join(folder, name);
  const entries = rules.map(
    (condition, index) =>
      `  - id: rule-${index + 1}\n    name: Rule ${index + 1}\n    condition: |\n      ${condition}\n`,
  );
  writeFileSync(path, `version: 1\nrules:\n${entries.join('')}`);
  return path;
}

/**
 * OTLP/JSON lines of traces with eleven spans each: from several services, ended within some seconds, 100 traces a second. Shuffled: the
 * lines, each of which has spans of several traces, in an order drawn from the whole file.
 */
function writeTraces(path, bytes, shuffled) {
  const random = generator(20260807);
  const lineBytes = 11 * 590;
  const lines = Math.ceil(bytes / lineBytes);
  // Line n holds one span of each of eleven traces: traces n - 10 to n, each a line later with its next span.
  const order = Array.from({ length: lines }, (_, index) => index);
  if (shuffled) {
    for (let index = lines - 1; index > 0; index--) {
      const other = Math.floor(random() * (index + 1));
      [order[index], order[other]] = [order[other], order[index]];
    }
  }
  const file = openSync(path, 'w');
  let spans = 0;
  let text = '';
  for (const line of order) {
    const parts = [];
    for (let trace = Math.max(0, line - 10); trace <= Math.min(line, lines - 11); trace++) {
      parts.push(madeSpan(trace, line - trace));
      spans++;
    }
    text += `{"resourceSpans":[${parts.join(',')}]}\n`;
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
  return spans;
}

function madeSpan(trace, nth) {
  const draw = generator(trace * 31 + nth);
  const start = 1_760_000_000_000_000_000n + BigInt(trace) * 10_000_000n + BigInt(nth) * 5_000_000n;
  const names = ['order.place', 'payment.charge', 'stock.reserve', 'GET /cart', 'sql.query', 'cache.get'];
  // One trace of two hundred lacks its reservation.
  const name =
    nth === 0
      ? names[0]
      : nth % names.length === 2 && trace % 200 === 7
        ? 'cache.miss'
        : names[nth % names.length];
  const traceId = hex(trace + 1, 32);
  const parent = nth === 0 ? '' : `"parentSpanId":"${hex(trace * 16 + 1, 16)}",`;
  const words = Array.from({ length: 12 }, () => Math.floor(draw() * 2 ** 32).toString(36)).join(' ');
  return (
    `{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"service-${nth % 4}"}}]},"scopeSpans":[{"scope":{"name":"made"},"spans":[` +
    `{"traceId":"${traceId}","spanId":"${hex(trace * 16 + nth + 1, 16)}",${parent}"name":"${name}","kind":${nth === 0 ? 2 : 3},` +
    `"startTimeUnixNano":"${start}","endTimeUnixNano":"${start + 4_000_000n}","attributes":[` +
    `{"key":"amount","value":{"intValue":"${Math.floor(draw() * 2000)}"}},{"key":"http.route","value":{"stringValue":"${words}"}}],"status":{}}]}]}`
  );
}

function hex(number, digits) {
  // Mixed, so that ids that follow each other do not look alike.
  const mixed = (BigInt(number) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
  return (mixed.toString(16) + number.toString(16).padStart(12, '0')).padStart(digits, '1').slice(-digits);
}

/** Mulberry32. */
function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function median({ measured }, what) {
  const sorted = measured.map((one) => one[what]).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function option(name, otherwise) {
  const at = process.argv.indexOf(name);
  return at === -1 ? otherwise : process.argv[at + 1];
}

const BASELINE = `import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
const file = createReadStream(process.argv[2], { highWaterMark: 1 << 18 });
const text = process.argv[2].endsWith('.gz') ? file.pipe(createGunzip({ chunkSize: 1 << 18 })) : file;
let rest = Buffer.alloc(0);
for await (const chunk of text) {
  const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  let from = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
    JSON.parse(bytes.toString('utf8', from, end));
    from = end + 1;
  }
  rest = bytes.subarray(from);
}
if (rest.length > 0) JSON.parse(rest.toString('utf8'));
`;

/** As one would write it without a thought of speed. Shown for comparison; the bounds are against the leanest. */
const BY_READLINE = `import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
const file = createReadStream(process.argv[2]);
const input = process.argv[2].endsWith('.gz') ? file.pipe(createGunzip()) : file;
for await (const line of createInterface({ input })) JSON.parse(line);
`;

const AT_ONCE = `import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
const bytes = readFileSync(process.argv[2]);
const text = (process.argv[2].endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
for (const line of text.split('\\n')) if (line !== '') JSON.parse(line);
`;

const ORDER =
  'when { "hipstershop.CheckoutService/PlaceOrder" } always { "hipstershop.PaymentService/Charge" and "hipstershop.ShippingService/ShipOrder" and "hipstershop.CartService/EmptyCart" and "hipstershop.EmailService/SendOrderConfirmation" }';

const OTHERS = [
  'when { each "hipstershop.ShippingService/ShipOrder" as ship } always { "hipstershop.PaymentService/Charge".before(ship) }',
  'when { "hipstershop.CheckoutService/PlaceOrder" } always { count("hipstershop.PaymentService/Charge") == 1 }',
  'when { "hipstershop.PaymentService/Charge" } always { "hipstershop.PaymentService/Charge".inside("hipstershop.CheckoutService/PlaceOrder") }',
  'never { "hipstershop.PaymentService/Refund" }',
  'when { "hipstershop.EmailService/SendOrderConfirmation" } always { "hipstershop.EmailService/SendOrderConfirmation".after("hipstershop.PaymentService/Charge") }',
  'when { "hipstershop.CartService/EmptyCart" } always { "hipstershop.CartService/GetCart" }',
  'when { each "hipstershop.CheckoutService/PlaceOrder" as order } always { all("hipstershop.PaymentService/Charge", span.duration <= 2s) }',
  'when { "hipstershop.CartService/AddItem" } always { "hipstershop.ProductCatalogService/GetProduct" }',
  'count("hipstershop.EmailService/SendOrderConfirmation") <= 2',
];

const MADE_RULES = [
  'when { order.place } always { payment.charge and stock.reserve }',
  'when { each payment.charge.where(amount > 1990) as charge } always { stock.reserve.after(charge) }',
  // Groups of which no span has the key, and of very many spans for each of a few keys.
  'across cart.id within 10m { count(sql.query.where(span.status == error)) <= 1 }',
  'across span.service within 10s { count(sql.query.where(span.status == error)) <= 1 }',
];

try {
  if (process.argv.includes('--memory')) memory();
  else time();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
