/**
 * One process of the shop: `node process.mjs SERVICE`, started by shop.mjs, which tells it over the channel of the parent where the
 * other services are, which switches are on, and when to stop.
 */
import { setTimeout as after } from 'node:timers/promises';
import { exporterFor } from '../../telemetry/exporters.mjs';
import { startTelemetry } from '../../telemetry/telemetry.mjs';
import { seededRandom } from '../chance.mjs';
import { accounts } from './services/accounts.mjs';
import { assistant } from './services/assistant.mjs';
import { checkout } from './services/checkout.mjs';
import { clinic } from './services/clinic.mjs';
import { frontend } from './services/frontend.mjs';
import { inventory } from './services/inventory.mjs';
import { payment } from './services/payment.mjs';
import { tracedService } from './traced-service.mjs';

const SERVICES = { frontend, checkout, inventory, payment, accounts, clinic, assistant };
/** All three ways of the SDK to send are used by somebody. */
const PROTOCOLS = { payment: 'grpc', assistant: 'http/json' };

const [name] = process.argv.slice(2);
const settings = JSON.parse(process.env.SHOP_SETTINGS);
const random = seededRandom(settings.seed);
const on = new Set();
let addresses = {};
let ids = 0;

const telemetry = startTelemetry({
  service: name,
  version: '1.4.0',
  exporter: await exporterFor(settings.protocol ?? PROTOCOLS[name] ?? 'http/protobuf', settings.otlp),
  batch: { scheduledDelayMillis: settings.exportEveryMs, maxQueueSize: 20_000, maxExportBatchSize: 512 },
});

const service = tracedService({
  tracer: telemetry.tracer,
  addressOf: (other) => addresses[other],
  routes: SERVICES[name]({
    isOn: (id) => on.has(id),
    random,
    newId: (prefix) => `${prefix}_${process.pid.toString(36)}_${(++ids).toString(36)}`,
    /** Takes some milliseconds of real time, as a query or a call would. */
    work: (low, high) => after(settings.slow * (low + random() * (high - low))),
  }),
});

// The parent sees to the end: Ctrl-C in a terminal reaches every process of the group at once.
process.on('SIGINT', () => {});
process.on('disconnect', stop);
process.on('message', (message) => {
  if (message.kind === 'addresses') addresses = message.addresses;
  else if (message.kind === 'switch') on[message.isOn ? 'add' : 'delete'](message.id);
  else if (message.kind === 'flush') telemetry.flush().then(() => process.send({ kind: 'flushed' }));
  else if (message.kind === 'stop') stop();
});
process.send({ kind: 'listening', port: await service.listen() });

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  await service.close();
  await telemetry.shutdown().catch(() => {});
  process.exit(0);
}
