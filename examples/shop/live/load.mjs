/** The shop's customers: `node load.mjs`, a process without tracing, as a browser is to most teams. Started by shop.mjs. */
import { seededRandom } from '../chance.mjs';

const settings = JSON.parse(process.env.SHOP_SETTINGS);
const random = seededRandom(settings.seed + 1);
const TENANTS = ['acme', 'globex', 'initech', 'umbrella'];

let addresses = {};
let carts = 0;
let visits = 0;
let failed = 0;
let busy = 0;
let timer = null;

const between = (low, high) => low + random() * (high - low);
const oneOf = (list) => list[Math.floor(random() * list.length)];

function newCart() {
  const total = random() < 0.05 ? between(1_100, 4_000) : between(5, 400);
  return {
    id: `cart-${process.pid.toString(36)}-${(++carts).toString(36)}`,
    items: 1 + Math.floor(random() * 5),
    total: Math.round(total * 100) / 100,
  };
}

const VISITS = [
  [0.3, () => post('frontend', '/products', { product: `sku-${Math.floor(random() * 4_000)}` })],
  [0.25, () => post('frontend', '/checkout', { cart: newCart(), card: 'good' })],
  [0.05, () => post('frontend', '/checkout', { cart: newCart(), card: 'declined once' })],
  [
    0.08,
    // A customer who is not sure that the first click was taken.
    async () => {
      const body = { cart: newCart(), card: 'good' };
      await Promise.all([post('frontend', '/checkout', body), post('frontend', '/checkout', body)]);
    },
  ],
  [0.12, () => post('accounts', '/customers', { tenant: oneOf(TENANTS) })],
  [
    0.04,
    () => {
      const accounts = Array.from(
        { length: 2 + Math.floor(random() * 4) },
        () => `a${Math.floor(random() * 1e6)}`,
      );
      return post('accounts', '/accounts/deactivate', { user: 'u-admin', accounts });
    },
  ],
  [
    0.08,
    () =>
      post('clinic', '/patients', {
        user: `u${Math.floor(random() * 20)}`,
        patient: `p${Math.floor(random() * 500)}`,
      }),
  ],
  [
    0.08,
    () => post('assistant', '/chat', { prompt: `q-${process.pid.toString(36)}-${visits.toString(36)}` }),
  ],
];

/** The shares, added up: a visit is the first whose limit chance is below. */
const UP_TO = VISITS.map((_, index) => VISITS.slice(0, index + 1).reduce((sum, [share]) => sum + share, 0));

async function post(service, path, body) {
  const response = await fetch(`${addresses[service]}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
}

function visit() {
  visits++;
  const chance = random();
  const [, make] = VISITS[UP_TO.findIndex((limit) => chance < limit)] ?? VISITS[0];
  busy++;
  return Promise.resolve(make())
    .catch(() => failed++)
    .finally(() => busy--);
}

/** Visits at a rate; when the shop cannot keep up they wait, as customers do. */
function openDoors(perSecond) {
  clearInterval(timer);
  if (perSecond <= 0) return;
  timer = setInterval(() => {
    if (busy < 200) visit();
  }, 1_000 / perSecond);
}

/** So many visits, a few at a time, as fast as the shop answers. */
async function run(count) {
  const before = { visits, failed };
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (visits - before.visits < count) await visit();
    }),
  );
  process.send({ kind: 'ran', visits: visits - before.visits, failed: failed - before.failed });
}

process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  if (message.kind === 'addresses') addresses = message.addresses;
  else if (message.kind === 'rate') openDoors(message.perSecond);
  else if (message.kind === 'run') run(message.count);
  else if (message.kind === 'stop') process.exit(0);
});
process.send({ kind: 'listening', port: 0 });
