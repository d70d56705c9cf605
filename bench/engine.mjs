/**
 * What the live engine costs, on one thread: OTLP protobuf bytes to verdicts, against protobufjs that decodes the same bytes and does nothing
 * else; 1,000 rules against 10; and the memory of open traces. All take turns over the same requests in one process. An engine lives through
 * all runs, as in a server: a run begins with the traces of the one before forgotten, brings traces with ids of its own, and ends when all of
 * them have closed and are judged. Prints medians and ratios.
 *
 *     node bench/engine.mjs [--runs 9] [--spans 300000] [--share 0.3]
 *
 * `--share`: of the traces in which something happens that rules of library/ look at. Ends with exit code 1 where a bound is missed.
 */
import { load, median, option } from './bundle.mjs';
import { ExportTraceServiceRequest, spansIn } from './otlp-proto.mjs';
import { makePayload } from './payload.mjs';
import { libraryFiles, rulesAbout } from './rules.mjs';
import { traceIdsIn } from './trace-ids.mjs';

const LEAST_TIMES = 5;
const MOST_TIMES = 1.5;

const parts = await load({
  NameTable: 'otlp/name-table.ts',
  RequestScanner: 'otlp/proto/request-scanner.ts',
  ScannedRequest: 'otlp/proto/scanned-request.ts',
  createStreamEngine: 'engine/streaming/create-stream-engine.ts',
  DEFAULT_STREAM_LIMITS: 'engine/streaming/stream.ts',
  DEFAULT_JUDGE_SETTINGS: 'engine/verdict.ts',
  loadRules: 'invariant/catalogue.ts',
  judgedRule: 'invariant/catalogue.ts',
});

const { requests, bytes, spans, traces, flows } = makePayload({
  spans: Number(option('--spans', '300000')),
  library: Number(option('--share', '0.3')),
});
const byFrequency = namesOf(requests);
const seldom = (index) => byFrequency[byFrequency.length - 1 - (index % (byFrequency.length >> 1))];
const usual = (index) => byFrequency[(index * 7) % (byFrequency.length >> 1)];
const absent = (index) => `other-team.operation-${index}`;

const library = rulesOf(libraryFiles());
const fifty = [
  ...library,
  ...rulesOf([rulesAbout(12, usual, 'usual')]),
  ...rulesOf([rulesAbout(50 - library.length - 12, absent, 'absent')]),
];
const ten = library.filter((_, index) => index % 3 === 0).slice(0, 10);
const thousand = [
  ...ten,
  ...rulesOf([rulesAbout(99, seldom, 'seldom')]),
  ...rulesOf([rulesAbout(891, absent, 'absent')]),
];

const programs = [
  { name: 'protobufjs decodes', run: decode },
  { name: 'engine, 10 rules', run: judge(ten) },
  { name: 'engine, 50 rules', run: judge(fifty) },
  { name: 'engine, 1,000 rules', run: judge(thousand) },
].map((program) => ({ ...program, nanos: [] }));
const idsOf = requests.map(traceIdsIn);

// First, for what the other runs leave behind would be counted with it.
memory();

const runs = Number(option('--runs', '9'));
for (let run = -3; run < runs; run++) {
  for (const [index, ids] of idsOf.entries()) for (const at of ids) requests[index].writeInt32LE(run, at);
  for (const program of programs) {
    const begin = process.hrtime.bigint();
    program.said = program.run();
    const taken = Number(process.hrtime.bigint() - begin) / spans;
    if (run >= 0) program.nanos.push(taken);
  }
}

process.stdout.write(
  `${spans.toLocaleString('en')} spans of ${traces.toLocaleString('en')} traces, ${flows.toLocaleString('en')} of them with spans of library rules, in ${requests.length} requests; ` +
    `${(bytes / spans).toFixed(0)} bytes a span, ${byFrequency.length} names; medians of ${runs} runs, Node ${process.versions.node}\n\n`,
);
const [base, few, some, many] = programs.map(({ nanos }) => median(nanos));
for (const { name, nanos, said } of programs) {
  const taken = median(nanos);
  process.stdout.write(
    `${name.padEnd(22)}${taken.toFixed(0).padStart(7)} ns a span${(1000 / taken).toFixed(2).padStart(8)} M spans/s${(base / taken).toFixed(1).padStart(7)} times   ${said}\n`,
  );
}
process.stdout.write('\n');
bound(`50 rules: at least ${LEAST_TIMES} times protobufjs`, base / some, (times) => times >= LEAST_TIMES);
bound(`1,000 rules: at most ${MOST_TIMES} times the time of 10`, many / few, (times) => times <= MOST_TIMES);

function decode() {
  let count = 0;
  for (const request of requests) count += spansIn(ExportTraceServiceRequest.decode(request));
  return `${count.toLocaleString('en')} spans decoded`;
}

function start(rules, names, events) {
  const engine = parts.createStreamEngine({
    names,
    settings: parts.DEFAULT_JUDGE_SETTINGS,
    limits: parts.DEFAULT_STREAM_LIMITS,
    onVerdict: (event) => events.push(event.kind),
  });
  engine.load(rules, 0);
  return engine;
}

function judge(rules) {
  const names = new parts.NameTable();
  const scanner = new parts.RequestScanner(names);
  const scanned = new parts.ScannedRequest();
  const engine = start(rules, names, []);
  let at = 1_000;
  let position = 0;
  return () => {
    for (const request of requests) {
      if (scanner.scan(request, scanned) !== null) throw new Error('the payload is refused');
      engine.add(scanned, at, position++);
      // A request in so many milliseconds: some traces close while others come.
      at += 30;
    }
    // Past all windows: all is closed, and forgotten.
    at += 3 * 3_600_000;
    engine.tick(at);
    const verdicts = { satisfied: 0, violated: 0, inconclusive: 0, not_applicable: 0 };
    for (const { verdict, count } of engine.takeCounts()) verdicts[verdict] += count;
    const closed = engine.takeClosed().count;
    if (closed !== traces) throw new Error(`${closed} of ${traces} traces were judged`);
    const { satisfied, violated, inconclusive, not_applicable } = verdicts;
    return `${satisfied} satisfied, ${violated} violated, ${inconclusive} not proved, ${not_applicable} not applicable`;
  };
}

/** What all traces of the payload take while they are open: heap and typed arrays together, after collection. */
function memory() {
  if (global.gc === undefined) {
    process.stdout.write('memory of open traces: run with --expose-gc\n');
    return;
  }
  const names = new parts.NameTable();
  const scanner = new parts.RequestScanner(names);
  const scanned = new parts.ScannedRequest();
  const used = () => {
    global.gc();
    global.gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const engine = start(fifty, names, []);
  const feed = (from, to, at) => {
    for (let index = from; index < to; index++) {
      scanner.scan(requests[index], scanned);
      engine.add(scanned, at, index);
    }
  };
  const before = used();
  feed(0, requests.length, 1_000);
  const after = used();
  const { openTraces, heldSpans, bytes: own } = engine.stats();
  const each = (after - before) / openTraces;
  process.stdout.write(
    `memory, 50 rules: ${openTraces.toLocaleString('en')} open traces of ${(heldSpans / openTraces).toFixed(1)} spans: ${each.toFixed(0)} bytes a trace, ` +
      `${((after - before) / heldSpans).toFixed(0)} a span (the engine's own estimate: ${(own / openTraces).toFixed(0)} a trace; the spans as sent: ${(bytes / traces).toFixed(0)})\n`,
  );
}

function namesOf(all) {
  const names = new parts.NameTable();
  const scanner = new parts.RequestScanner(names);
  const scanned = new parts.ScannedRequest();
  const counts = [];
  for (const request of all) {
    scanner.scan(request, scanned);
    for (let row = 0; row < scanned.count; row++) {
      const name = scanned.rows.words[row * 16 + 12];
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return [...counts.keys()]
    .filter((name) => name > 0)
    .sort((a, b) => counts[b] - counts[a])
    .map((name) => names.textOf(name))
    .filter((name) => /[ /]/.test(name));
}

function rulesOf(files) {
  const { rules, diagnostics } = parts.loadRules(files, '2026-01-01');
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors[0]));
  return rules.map((rule) => ({
    rule: { ...parts.judgedRule(rule, '2026-01-01') },
    version: '1',
  }));
}

function bound(text, value, isKept) {
  process.stdout.write(`${text}: ${value.toFixed(2)} ${isKept(value) ? 'kept' : 'MISSED'}\n`);
  if (!isKept(value)) process.exitCode = 1;
}
