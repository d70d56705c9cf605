/**
 * The load of bench/serve.mjs and bench/soak.mjs, as a process of its own: sends the payload over and over, each round with trace ids, carts and
 * payments of its own and at its own time, and says each second how many spans were acknowledged. Started with a channel to the parent:
 *
 *     { kind: 'start', url, seconds, rate?, connections? }   `rate`: spans a second at most
 *     { kind: 'stop' }
 */
import { Agent, request } from 'node:http';
import { makePayload } from './payload.mjs';
import { placesIn } from './trace-ids.mjs';

const settings = JSON.parse(process.env.FLUO_BENCH ?? '{}');
const { requests } = makePayload({
  spans: 60_000,
  library: 0.3,
  repeated: 0.04,
  ...settings,
  start: (BigInt(Date.now()) - 5_000n) * 1_000_000n,
});
const prepared = requests.map((bytes) => {
  const places = placesIn(bytes);
  const words = places.times.map((at) => bytes.readUInt32LE(at));
  return { bytes, ...places, words, isOut: false };
});
const madeAt = Date.now();
/** Of the upper word of a time in nanoseconds. */
const UNIT_MS = 2 ** 32 / 1e6;

let running = null;
process.on('message', (message) => {
  if (message.kind === 'start') start(message);
  else running?.end();
});
process.on('disconnect', () => process.exit(0));
process.send({
  kind: 'prepared',
  spansARound: prepared.reduce((sum, { ids }) => sum + ids.length, 0),
  bytesARound: requests.reduce((sum, { length }) => sum + length, 0),
});

let round = Math.floor(Date.now() / 1000) & 0xffffff;

function start({ url, seconds, rate = Number.POSITIVE_INFINITY, connections = 24 }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const begun = performance.now();
  const state = { acknowledged: 0, requests: 0, refused: 0, failed: 0 };
  let isOver = false;
  let next = 0;
  let planned = 0;
  const second = setInterval(() => process.send({ kind: 'progress', ...state }), 1000);
  running = {
    end: () => {
      isOver = true;
    },
  };

  function take() {
    if (next === prepared.length) {
      next = 0;
      round++;
    }
    const request = prepared[next++];
    // The bytes of the round before may still be on their way: then a copy.
    const { ids, times, words, keys, isOut } = request;
    const body = isOut ? Buffer.from(request.bytes) : request.bytes;
    request.isOut = true;
    for (const at of ids) {
      body[at] = round;
      body[at + 1] = round >> 8;
      body[at + 2] = round >> 16;
    }
    const later = Math.floor((Date.now() - madeAt) / UNIT_MS);
    for (let index = 0; index < times.length; index++) body.writeUInt32LE(words[index] + later, times[index]);
    const digits = (round & 0xffffff).toString(16).padStart(6, '0');
    for (const at of keys) body.latin1Write(digits, at, 6);
    return { body, count: ids.length, request: isOut ? null : request };
  }

  async function run() {
    while (!isOver && performance.now() - begun < seconds * 1000) {
      const ahead = planned / rate - (performance.now() - begun) / 1000;
      if (ahead > 0.002) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(ahead * 1000, 50)));
        continue;
      }
      const { body, count, request } = take();
      planned += count;
      for (;;) {
        const { status, retryAfter } = await post(agent, url, body);
        state.requests++;
        if (status === 200) {
          state.acknowledged += count;
          break;
        }
        if (status !== 429 && status !== 503) {
          state.failed++;
          break;
        }
        state.refused++;
        if (isOver) break;
        await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000));
      }
      if (request !== null) request.isOut = false;
    }
  }
  Promise.all(Array.from({ length: connections }, run)).then(() => {
    clearInterval(second);
    agent.destroy();
    process.send({ kind: 'done', ...state, seconds: (performance.now() - begun) / 1000 });
  });
}

function post(agent, url, body) {
  return new Promise((resolve, reject) => {
    const sending = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length },
      },
      (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode, retryAfter: Number(response.headers['retry-after'] ?? 1) }),
        );
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}
