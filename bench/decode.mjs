/**
 * How fast OTLP protobuf is decoded: the scanner, and the scanner with one span in ten projected to the attributes that rules ask for, against
 * protobufjs (code generated from the definition), and against its verification of nothing but the bytes. The decoders take turns over
 * the same requests in one process. Prints medians of spans a second on one thread, and ratios.
 *
 *     node bench/decode.mjs [--runs 15] [--spans 40000]
 *
 * Ends with exit code 1 where the scanner is not ten times as fast as protobufjs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ExportTraceServiceRequest, spansIn } from './otlp-proto.mjs';
import { makePayload } from './payload.mjs';

const LEAST_TIMES = 10;
const root = fileURLToPath(new URL('..', import.meta.url));

const { NameTable, RequestScanner, ScannedRequest, SpanProjector } = await loadDecoder();
const { requests, bytes, spans, traces } = makePayload({
  spans: Number(option('--spans', '40000')),
  library: 0.2,
});

const names = new NameTable();
const scanner = new RequestScanner(names);
const scanned = new ScannedRequest();
const projector = new SpanProjector(
  {
    attributes: new Set([
      'cart.id',
      'tenant_id',
      'amount',
      'user.id',
      'http.route',
      'entity.id',
      'enduser.id',
    ]),
    resource: new Set(['service.version']),
    events: false,
    traceState: true,
  },
  names,
);

const decoders = [
  {
    name: 'protobufjs',
    run(request) {
      return spansIn(ExportTraceServiceRequest.decode(request));
    },
  },
  {
    name: 'scanner',
    run(request) {
      if (scanner.scan(request, scanned) !== null) throw new Error('the payload is refused');
      return scanned.count;
    },
  },
  {
    name: 'scanner, a tenth projected',
    run(request) {
      if (scanner.scan(request, scanned) !== null) throw new Error('the payload is refused');
      for (let row = 0; row < scanned.count; row += 10) held = projector.project(scanned, row);
      return scanned.count;
    },
  },
].map((decoder) => ({ ...decoder, rates: [] }));
let held = null;

const runs = Number(option('--runs', '15'));
for (let run = -3; run < runs; run++) {
  for (const decoder of decoders) {
    const begin = process.hrtime.bigint();
    let count = 0;
    for (const request of requests) count += decoder.run(request);
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    if (count < spans) throw new Error(`${decoder.name} found ${count} of ${spans} spans`);
    if (run >= 0) decoder.rates.push(count / seconds);
  }
}

const base = median(decoders[0].rates);
process.stdout.write(
  `${spans} spans of ${traces} traces in ${requests.length} requests, ${(bytes / spans).toFixed(0)} bytes a span, ${names.size - 1} names; medians of ${runs} runs, Node ${process.versions.node}\n`,
);
for (const { name, rates } of decoders) {
  const rate = median(rates);
  process.stdout.write(
    `${name.padEnd(28)}${(rate / 1e6).toFixed(2).padStart(8)} M spans/s${(1e9 / rate).toFixed(0).padStart(8)} ns a span${(rate / base).toFixed(1).padStart(8)} times\n`,
  );
}
const times = median(decoders[1].rates) / base;
const isKept = times >= LEAST_TIMES;
process.stdout.write(
  `bound: ${LEAST_TIMES} times protobufjs: ${isKept ? 'kept' : 'MISSED'}${held === null ? '?' : ''}\n`,
);
if (!isKept) process.exitCode = 1;

/** The decoder as the program has it, built from its sources. */
async function loadDecoder() {
  const folder = mkdtempSync(join(tmpdir(), 'fluo-bench-'));
  const outfile = join(folder, 'decoder.mjs');
  const proto = join(root, 'src', 'otlp', 'proto');
  const contents = [
    ['NameTable', join(root, 'src', 'otlp', 'name-table.ts')],
    ['RequestScanner', join(proto, 'request-scanner.ts')],
    ['ScannedRequest', join(proto, 'scanned-request.ts')],
    ['SpanProjector', join(proto, 'span-projector.ts')],
  ]
    .map(([name, file]) => `export { ${name} } from ${JSON.stringify(file)};`)
    .join('\n');
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function option(name, fallback) {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : process.argv[at + 1];
}
