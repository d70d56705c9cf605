/**
 * A day in a small web shop, recorded as OTLP/JSON lines: five instrumented services, mostly healthy traffic, and a handful of
 * the failures that the payment rules of the library are about.
 *
 *     node examples/shop/record.mjs OUT.jsonl [--seed 7] [--requests 400] [--json]
 *
 * The spans are made by the OpenTelemetry SDK and sent by its OTLP/HTTP exporter. Only time and chance are played: the same
 * seed writes the same bytes. `--json` prints which traces were broken how, for tests.
 */
import { parseArgs } from 'node:util';
import { startSink } from '../telemetry/sink.mjs';
import { startTelemetry } from '../telemetry/telemetry.mjs';
import { seededIds, seededRandom } from './chance.mjs';
import { openShop, SERVICES } from './services.mjs';

const DAY_START = Date.UTC(2026, 2, 14, 8);
const DAY_LENGTH = 12 * 3_600_000;

/** How often each failure happens in a recording, whatever its length. */
const FAILURES = [
  ['charged without a reservation', 'withoutReservation'],
  ['charged before the reservation', 'chargeFirst'],
  ['checkout clicked twice', 'doubleClick'],
  ['one intent charged by two workers', 'twoWorkers'],
  ['retried with a new intent', 'retryWithNewIntent'],
  ['high value without a fraud check', 'withoutFraudCheck'],
  ['refunded without looking the payment up', 'blindRefund'],
];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '7' },
    requests: { type: 'string', default: '400' },
    json: { type: 'boolean', default: false },
  },
});
const [file] = positionals;
if (file === undefined || positionals.length > 1) {
  process.stderr.write('Usage: node examples/shop/record.mjs OUT.jsonl [--seed N] [--requests N] [--json]\n');
  process.exit(2);
}

const random = seededRandom(Number(values.seed));
const sink = await startSink(file);
const telemetry = Object.fromEntries(
  SERVICES.map((service) => [
    service,
    // Sent by `flush` alone: a timer would cut the lines differently in each run.
    startTelemetry({
      service,
      url: sink.url,
      idGenerator: seededIds(random),
      batch: { scheduledDelayMillis: 2 ** 30, maxExportBatchSize: 2048 },
    }),
  ]),
);
const flush = async () => {
  for (const service of SERVICES) await telemetry[service].flush();
};

const shop = openShop(
  Object.fromEntries(SERVICES.map((service) => [service, telemetry[service].tracer])),
  random,
);
const requests = Number(values.requests);
const failureAt = new Map(
  FAILURES.map(([, request], index) => [Math.floor(((index + 0.5) * requests) / FAILURES.length), request]),
);
const recorded = {};
for (let number = 0; number < requests; number++) {
  const arrival = DAY_START + (number * DAY_LENGTH) / requests;
  const request = failureAt.get(number) ?? shop.ordinaryRequest();
  const traceIds = await shop[request](arrival);
  recorded[request] = [...(recorded[request] ?? []), ...traceIds];
  if (number % 40 === 39) await flush();
}
await flush();
for (const service of SERVICES) await telemetry[service].shutdown();
await sink.close();

if (values.json) {
  process.stdout.write(`${JSON.stringify(recorded)}\n`);
} else {
  const traces = Object.values(recorded).reduce((sum, ids) => sum + ids.length, 0);
  process.stdout.write(`${traces} traces of a shop with ${SERVICES.length} services in ${file}\n`);
  for (const [title, request] of FAILURES) {
    const count = recorded[request]?.length ?? 0;
    process.stdout.write(`  ${String(count).padStart(2)} ${count === 1 ? 'trace ' : 'traces'}  ${title}\n`);
  }
}
