/**
 * OTLP protobuf export requests as a busy system sends them, made from a seed: traces of 5 to 500 spans over several services, interleaved over the
 * requests; many names; about ten attributes a span, most of them with values that hardly come twice; events and links on some; some
 * spans late, some requests sent twice. With `library`, so many of the traces also do what the rules of library/ speak of, and keep to them.
 *
 * The encoder is its own, so that what is measured does not make what it is measured with.
 */

const DEFAULTS = {
  seed: 1,
  /** Spans that are made; requests that come twice bring more. */
  spans: 100_000,
  /** Distinct names, some much more frequent than others. */
  names: 2000,
  services: 12,
  /** Traces that are open at a time. */
  concurrent: 200,
  /** Spans a request, from and to. */
  batch: [100, 500],
  /** Share of the spans that come some thousand spans later than their neighbours. */
  late: 0.005,
  /** Share of the requests that are sent again a little later. */
  repeated: 0.01,
  /** Share of the traces in which something happens that rules of library/ look at. */
  library: 0,
  /** Nanoseconds since 1970 at which the first trace begins. */
  start: 1_767_600_000_000_000_000n,
};

/** All requests of a payload at once. Counts are without repetitions. */
export function makePayload(options = {}) {
  const requests = [];
  const counts = { spans: 0, traces: 0, flows: 0 };
  let bytes = 0;
  for (const request of payload(options, counts)) {
    requests.push(request);
    bytes += request.length;
  }
  return { requests, bytes, ...counts };
}

/** The requests one after another, in little memory. `counts` grows as they come. */
export function* payload(options = {}, counts = { spans: 0, traces: 0, flows: 0 }) {
  const settings = { ...DEFAULTS, ...options };
  const random = generator(settings.seed);
  const world = makeWorld(settings, random);
  const sender = new Sender(settings, random);
  const open = [];
  for (let index = 0; counts.spans < settings.spans || open.length > 0; ) {
    while (open.length < settings.concurrent && counts.spans < settings.spans) {
      const spans = makeTrace(world, settings, random, index++, counts);
      counts.traces++;
      counts.spans += spans.length;
      open.push({ spans, next: 0 });
    }
    const at = Math.floor(random() * open.length);
    const trace = open[at];
    // A process ends a few spans of a trace in a row, then others have their turn.
    for (let run = 1 + Math.floor(random() * 6); run > 0 && trace.next < trace.spans.length; run--) {
      yield* sender.send(trace.spans[trace.next++]);
    }
    if (trace.next === trace.spans.length) {
      open[at] = open.at(-1);
      open.pop();
    }
  }
  yield* sender.rest();
}

/** Batches of spans in the order of their ends, as a Collector makes them. */
class Sender {
  #settings;
  #random;
  #batch = [];
  #size;
  #late = [];
  #again = [];

  constructor(settings, random) {
    this.#settings = settings;
    this.#random = random;
    this.#size = this.#nextSize();
  }

  *send(span) {
    if (this.#random() < this.#settings.late) {
      this.#late.push({ span, wait: 2000 + Math.floor(this.#random() * 8000) });
      return;
    }
    this.#batch.push(span);
    for (const late of this.#late) late.wait--;
    while (this.#late.length > 0 && this.#late[0].wait <= 0) this.#batch.push(this.#late.shift().span);
    if (this.#batch.length >= this.#size) yield* this.#flush();
  }

  *rest() {
    for (const { span } of this.#late) this.#batch.push(span);
    if (this.#batch.length > 0) yield* this.#flush();
    yield* this.#again;
  }

  *#flush() {
    const request = encode(this.#batch);
    this.#batch = [];
    this.#size = this.#nextSize();
    yield request;
    if (this.#random() < this.#settings.repeated) this.#again.push(request);
    else if (this.#again.length > 0 && this.#random() < 0.3) yield this.#again.shift();
  }

  #nextSize() {
    const [from, to] = this.#settings.batch;
    return from + Math.floor(this.#random() * (to - from + 1));
  }
}

const WORDS = [
  'order',
  'cart',
  'stock',
  'price',
  'user',
  'session',
  'invoice',
  'search',
  'review',
  'shipment',
  'coupon',
  'return',
  'basket',
  'catalog',
  'profile',
  'address',
];
const VERBS = [
  'find',
  'load',
  'save',
  'update',
  'validate',
  'merge',
  'publish',
  'render',
  'resolve',
  'index',
  'export',
  'archive',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];

/** Services with their instances, and what their spans are called. */
function makeWorld({ names, services }, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const world = [];
  const each = Math.ceil(names / services);
  for (let index = 0; index < services; index++) {
    const service = `${WORDS[index % WORDS.length]}-service`;
    const operations = [];
    for (let number = 0; number < each; number++) {
      const word = pick(WORDS);
      const sort = number % 4;
      const version = `v${1 + (number % 7)}`;
      if (sort === 0)
        operations.push({
          kind: 2,
          sort: 'http',
          name: `${pick(METHODS)} /api/${version}/${service}/${word}s/{id}/${pick(VERBS)}${number}`,
        });
      else if (sort === 1)
        operations.push({
          kind: 3,
          sort: 'db',
          name: `SELECT ${service.replace('-', '_')}.${word}_${number}`,
        });
      else if (sort === 2)
        operations.push({
          kind: 1,
          sort: 'code',
          name: `${word}.${pick(VERBS)}${word[0].toUpperCase()}${word.slice(1)}${number}`,
        });
      else
        operations.push({
          kind: 4 + (number % 2),
          sort: 'queue',
          name: `${pick(VERBS)} ${word}-events-${number}`,
        });
    }
    const instances = Array.from({ length: 3 }, (_, instance) => {
      const host = `${service}-${hexOf(random, 8)}-${instance}`;
      return { service, host, resource: resourceOf(service, host, random) };
    });
    world.push({
      service,
      instances,
      operations,
      scope: `@shop/instrumentation-${WORDS[index % WORDS.length]}`,
    });
  }
  return world;
}

function resourceOf(service, host, random) {
  return [
    ['service.name', service],
    ['service.version', `2.${Math.floor(random() * 20)}.${Math.floor(random() * 9)}`],
    ['service.instance.id', uuid(random)],
    ['deployment.environment.name', 'production'],
    ['host.name', host],
    ['k8s.pod.name', host],
    ['process.pid', 1 + Math.floor(random() * 60000)],
    ['telemetry.sdk.language', 'nodejs'],
    ['telemetry.sdk.version', '2.1.0'],
  ];
}

/** The spans of one trace in the order of their ends. */
function makeTrace(world, { library, start }, random, index, counts) {
  const size = Math.min(500, Math.max(5, Math.floor(5 * 100 ** (random() ** 3))));
  const traceId = bytesOf(random, 16);
  const user = `user-${Math.floor(random() * 1e7)}`;
  const context = { random, traceId, user, session: uuid(random), request: uuid(random), index };
  const spans = [];
  const began = start + BigInt(index) * 1_700_003n;
  const root = pickSkewed(world, random);
  grow(spans, world, context, root, null, began, size);
  if (random() < library) {
    counts.flows++;
    const flow = FLOWS[index % FLOWS.length];
    const parent = spans[0];
    let at = parent.start + 2_000_000n;
    const ids = new Map();
    for (const step of flow(context)) {
      const under = step.under === undefined ? parent : ids.get(step.under);
      const span = makeSpan(context, parent.instance, parent.scope, step, under, at, at + 5_000_000n);
      if (step.under === undefined && step.holds === true) span.end = at + 400_000_000n;
      span.attributes.push(...step.attributes);
      ids.set(step.name, span);
      spans.push(span);
      at += 9_000_000n;
    }
    if (parent.end < at) parent.end = at + 1_000_000n;
  }
  return spans.sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
}

/** Adds `size` spans below a parent, the first of them a span of the service. */
function grow(spans, world, context, service, parent, start, size) {
  const { random } = context;
  let at = start;
  const { operations, instances, scope } = service;
  const instance = instances[Math.floor(random() * instances.length)];
  const operation = operations[Math.floor(random() ** 3 * operations.length)];
  const first = makeSpan(context, instance, scope, operation, parent, at, at);
  spans.push(first);
  describe(first, operation, context);
  let left = size - 1;
  while (left > 0) {
    at += BigInt(50_000 + Math.floor(random() * 3_000_000));
    const share = Math.min(left, random() < 0.5 ? 1 : 1 + Math.floor(random() * left));
    const next = random() < 0.35 ? pickSkewed(world, random) : service;
    at = grow(spans, world, context, next, first, at, share);
    left -= share;
  }
  first.end = at + BigInt(20_000 + Math.floor(random() * 2_000_000));
  return first.end;
}

function makeSpan({ random, traceId }, instance, scope, { name, kind }, parent, start, end) {
  return {
    traceId,
    spanId: bytesOf(random, 8),
    parentId: parent === null ? null : parent.spanId,
    name,
    kind: parent === null ? 2 : (kind ?? 1),
    start,
    end,
    attributes: [],
    events: [],
    link: null,
    status: 0,
    instance,
    scope,
    traceState: '',
  };
}

function describe(span, { sort, name }, { random, user, session, request }) {
  const { attributes } = span;
  attributes.push(['thread.id', Math.floor(random() * 64)], ['session.id', session], ['enduser.id', user]);
  const id = Math.floor(random() * 1e9);
  if (sort === 'http') {
    const status = random() < 0.03 ? 500 : 200;
    attributes.push(
      ['http.request.method', name.slice(0, name.indexOf(' '))],
      ['http.route', name.slice(name.indexOf(' ') + 1)],
      ['url.path', `/api/${id}/${Math.floor(random() * 1e6)}`],
      ['http.response.status_code', status],
      ['client.address', address(random)],
      ['user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0'],
      ['http.request.id', request],
      ['http.response.body.size', Math.floor(random() * 1e5)],
    );
    if (status === 500) span.status = 2;
  } else if (sort === 'db') {
    attributes.push(
      ['db.system.name', 'postgresql'],
      ['db.namespace', 'shop'],
      ['db.query.text', `SELECT id, name, total FROM orders WHERE customer = $1 AND id > ${id} LIMIT 50`],
      ['db.response.returned_rows', Math.floor(random() * 50)],
      ['server.address', address(random)],
      ['server.port', 5432],
      ['db.client.connection.wait', random() * 4],
    );
  } else if (sort === 'queue') {
    attributes.push(
      ['messaging.system', 'kafka'],
      ['messaging.destination.name', `events-${id % 40}`],
      ['messaging.message.id', uuid(random)],
      ['messaging.kafka.offset', id],
      ['messaging.message.body.size', Math.floor(random() * 9000)],
      ['messaging.destination.partition.id', String(id % 32)],
      ['messaging.batch', random() < 0.5],
    );
  } else {
    attributes.push(
      ['code.function.name', name],
      ['code.line.number', Math.floor(random() * 900)],
      ['entity.id', `e-${id}`],
      ['entity.version', Math.floor(random() * 300)],
      ['cache.hit', random() < 0.8],
      ['work.units', random() * 100],
      ['feature.flags', ['new-cart', `variant-${id % 9}`]],
    );
  }
  const chance = random();
  if (chance < 0.04) {
    span.status = 2;
    const trace = Array.from(
      { length: 6 },
      (_, line) => `    at step${line} (/srv/app/src/${name.length}.js:${id % 999}:${line})`,
    );
    span.events.push([
      'exception',
      span.start + 10_000n,
      [
        ['exception.type', 'TimeoutError'],
        ['exception.message', `gave up after ${id % 5000} ms`],
        ['exception.stacktrace', trace.join('\n')],
      ],
    ]);
  } else if (chance < 0.1) span.events.push(['cache.miss', span.start + 5_000n, [['cache.key', `k:${id}`]]]);
  if (sort === 'queue' && chance > 0.8)
    span.link = { traceId: bytesOf(random, 16), spanId: bytesOf(random, 8) };
  if (chance > 0.97) span.traceState = `vendor=${id.toString(36)}`;
}

/** What rules of library/ look at, done as they ask for, one step after the other in one process. */
const FLOWS = [
  ({ index, random, user }) => {
    const cart = ['cart.id', `cart-${index}-${hexOf(random, 6)}`];
    const amount = 5 + Math.floor(random() * 2000);
    return [
      { name: 'inventory.reserve', attributes: [cart, ['items', 3]] },
      { name: 'payment.fraud_check', attributes: [cart, ['score', random()]] },
      {
        name: 'payment.charge',
        kind: 3,
        attributes: [
          cart,
          ['amount', amount],
          ['currency', 'EUR'],
          ['payment_intent_id', `pi-${index}-${hexOf(random, 6)}`],
          ['attempt', 1],
          ['user.id', user],
        ],
      },
    ];
  },
  ({ index }) => {
    const tenant = ['tenant_id', `tenant-${index % 400}`];
    const query = { name: 'database.query', under: 'api.request', kind: 3 };
    return [
      { name: 'api.request', holds: true, kind: 2, attributes: [tenant] },
      { ...query, attributes: [tenant, ['table', 'customers'], ['tenant_filter', true]] },
      { ...query, attributes: [tenant, ['table', 'tenant_data_orders'], ['tenant_filter', true]] },
    ];
  },
  ({ index, random }) => {
    const prompt = ['prompt_id', `prompt-${index}-${hexOf(random, 6)}`];
    return [
      { name: 'prompt.injection_check', attributes: [prompt, ['detected', false]] },
      {
        name: 'llm.generate',
        kind: 3,
        attributes: [prompt, ['rag_enabled', true], ['tokens', Math.floor(random() * 4000)]],
      },
      { name: 'rag.cite_sources', attributes: [prompt, ['source_count', 3]] },
      { name: 'content.moderate', attributes: [prompt, ['flagged', false]] },
      { name: 'response.send', attributes: [prompt] },
    ];
  },
  ({ index, user }) => {
    const who = ['user.id', user];
    const resource = ['resource', `customer/${index}`];
    return [
      { name: 'pii.access', attributes: [who, resource] },
      { name: 'audit.log', attributes: [who, resource, ['action', 'pii.read']] },
    ];
  },
  ({ index, user }) => {
    const who = ['user.id', user];
    const patient = ['patient.id', `p-${index}`];
    return [
      { name: 'auth.user_authenticated', attributes: [who] },
      { name: 'phi.access', attributes: [who, patient] },
      { name: 'audit.log', attributes: [who, patient, ['action', 'phi.read']] },
    ];
  },
];

function pickSkewed(list, random) {
  return list[Math.floor(random() ** 2 * list.length)];
}

/** A number from 0 to 1, from the seed on. */
function generator(seed) {
  let state = (seed * 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function bytesOf(random, count) {
  const bytes = Buffer.allocUnsafe(count);
  for (let at = 0; at < count; at += 4) bytes.writeUInt32LE(Math.floor(random() * 4294967295) + 1, at);
  return bytes;
}

function hexOf(random, digits) {
  let text = '';
  while (text.length < digits) text += Math.floor(random() * 16).toString(16);
  return text;
}

function uuid(random) {
  return `${hexOf(random, 8)}-${hexOf(random, 4)}-4${hexOf(random, 3)}-a${hexOf(random, 3)}-${hexOf(random, 12)}`;
}

function address(random) {
  return `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`;
}

/** One ExportTraceServiceRequest: a ResourceSpans for each process, a ScopeSpans in it. */
function encode(spans) {
  const byInstance = new Map();
  for (const span of spans) {
    const list = byInstance.get(span.instance);
    if (list === undefined) byInstance.set(span.instance, [span]);
    else list.push(span);
  }
  const out = new Out();
  for (const [{ resource }, list] of byInstance) {
    out.message(1, () => {
      out.message(1, () => writeAttributes(out, 1, resource));
      out.message(2, () => {
        out.message(1, () => {
          out.text(1, list[0].scope);
          out.text(2, '0.57.1');
        });
        for (const span of list) out.message(2, () => writeSpan(out, span));
      });
    });
  }
  return out.finish();
}

function writeSpan(out, span) {
  out.bytes(1, span.traceId);
  out.bytes(2, span.spanId);
  if (span.traceState !== '') out.text(3, span.traceState);
  if (span.parentId !== null) out.bytes(4, span.parentId);
  out.text(5, span.name);
  out.number(6, span.kind);
  out.fixed64(7, span.start);
  out.fixed64(8, span.end);
  writeAttributes(out, 9, span.attributes);
  for (const [name, time, attributes] of span.events) {
    out.message(11, () => {
      out.fixed64(1, time);
      out.text(2, name);
      writeAttributes(out, 3, attributes);
    });
  }
  const { link } = span;
  if (link !== null) {
    out.message(13, () => {
      out.bytes(1, link.traceId);
      out.bytes(2, link.spanId);
    });
  }
  out.message(15, () => {
    if (span.status !== 0) out.number(3, span.status);
  });
  out.fixed32(16, 0x101);
}

function writeAttributes(out, field, attributes) {
  for (const [key, value] of attributes) {
    out.message(field, () => {
      out.text(1, key);
      out.message(2, () => writeValue(out, value));
    });
  }
}

function writeValue(out, value) {
  if (typeof value === 'string') out.text(1, value);
  else if (typeof value === 'boolean') out.number(2, value ? 1 : 0);
  else if (Array.isArray(value)) {
    out.message(5, () => {
      for (const element of value) out.message(1, () => writeValue(out, element));
    });
  } else if (Number.isInteger(value)) out.number(3, value);
  else out.double(4, value);
}

/** Protobuf, written into one piece of memory that is used again. */
class Out {
  static #memory = Buffer.allocUnsafe(1 << 20);
  #at = 0;

  finish() {
    return Buffer.from(Out.#memory.subarray(0, this.#at));
  }

  message(field, write) {
    this.#head(field, 2);
    const start = ++this.#at;
    write();
    const length = this.#at - start;
    let size = 1;
    while (length >= 128 ** size) size++;
    if (size > 1) {
      this.#room(size);
      Out.#memory.copyWithin(start + size - 1, start, this.#at);
    }
    this.#at = start - 1;
    this.#varint(length);
    this.#at += length;
  }

  text(field, text) {
    this.bytes(field, Buffer.from(text));
  }

  bytes(field, bytes) {
    this.#head(field, 2);
    this.#room(bytes.length + 16);
    this.#varint(bytes.length);
    bytes.copy(Out.#memory, this.#at);
    this.#at += bytes.length;
  }

  number(field, value) {
    this.#head(field, 0);
    this.#varint(value);
  }

  fixed64(field, value) {
    this.#head(field, 1);
    this.#at = Out.#memory.writeBigUInt64LE(value, this.#at);
  }

  fixed32(field, value) {
    this.#head(field, 5);
    this.#at = Out.#memory.writeUInt32LE(value, this.#at);
  }

  double(field, value) {
    this.#head(field, 1);
    this.#at = Out.#memory.writeDoubleLE(value, this.#at);
  }

  #head(field, wire) {
    this.#room(32);
    this.#varint(field * 8 + wire);
  }

  #varint(value) {
    let rest = value;
    while (rest > 127) {
      Out.#memory[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    Out.#memory[this.#at++] = rest;
  }

  #room(count) {
    if (this.#at + count <= Out.#memory.length) return;
    const memory = Buffer.allocUnsafe((this.#at + count) * 2);
    Out.#memory.copy(memory, 0, 0, this.#at);
    Out.#memory = memory;
  }
}
