import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import Ajv from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { VerdictCount } from '../../engine/streaming/stream.ts';
import { requestFor } from '../../notify/delivery.ts';
import { notificationOf } from '../../notify/notification.ts';
import { openSignalStore } from '../../signal/open-signal-store.ts';
import { MemoryRecordLog } from '../../signal/testing/memory-record-log.ts';
import { RULES, verdictEvent } from '../../signal/testing/violations.ts';
import { MINUTE, VerdictWindow } from '../../signal/verdict-window.ts';
import { answerApi, apiHandler } from './api-handler.ts';
import type { ApiRequest, ApiResponse } from './api-request.ts';
import { type ApiServices, apiRoutes } from './api-routes.ts';
import { describeViolation } from './describe-violation.ts';
import { API_SCHEMAS } from './schema/api-schemas.ts';

const NOW = Date.parse('2026-03-01T12:00:30Z');
const lookup = (id: string) => RULES.get(id);

function world() {
  const { store } = openSignalStore({
    log: new MemoryRecordLog(),
    snapshot: null,
    records: [],
    describe: describeViolation,
  });
  const verdicts = new VerdictWindow(NOW - 10 * MINUTE);
  const services: ApiServices = {
    signals: store,
    verdicts,
    now: () => NOW,
    onDecision: async () => {},
    rules: () => [...RULES.values()].map((rule) => ({ rule, version: 'r1' })),
    health: () => [
      {
        rule: 'payment-requires-inventory',
        ruleVersion: 'r1',
        unknownAttributes: [
          { rule: 'payment-requires-inventory', attribute: 'amount', missing: 3, otherType: 40 },
        ],
        applicable: 0,
        applicableInOneSpanTraces: 0,
        unseenNames: ['payment.charge'],
        inconclusiveReasons: { incomplete: 2 },
        exceptedScopes: {},
        violated: 0,
        memberSpans: 0,
        keylessSpans: 0,
      },
    ],
    traces: () => ({ closed: 12_000, oneSpan: 5 }),
    version: '0.1.0',
    startedAt: NOW - 1_000,
    listens: { grpc: '127.0.0.1:4317', http: null, api: '127.0.0.1:4319' },
    readiness: () => ({ ready: true, notes: [] }),
    engine: () => ({ openTraces: 3 }),
    receivers: () => [
      {
        receiver: 'team',
        type: 'slack',
        pending: 1,
        delivered: 2,
        failedAttempts: 3,
        dead: 0,
        problem: 'it answered 503',
        lastDeliveredAt: NOW,
      },
    ],
    refusals: () => [
      {
        at: NOW - 5_000,
        times: 3,
        transport: 'http',
        outcome: 'unsupported',
        status: 'HTTP 415',
        peer: '10.0.0.7',
        userAgent: 'curl/8',
        message: 'the Content-Type `text/xml` is not taken',
        spans: 0,
      },
    ],
  };
  const options = { routes: apiRoutes(services), listensAt: '127.0.0.1', hosts: [], onFailure: () => {} };
  const ask = (path: string, rest: Partial<ApiRequest> = {}): Promise<ApiResponse> => {
    const [plain = '', query = ''] = path.split('?', 2);
    const { headers, ...others } = rest;
    return answerApi(
      {
        method: 'GET',
        path: plain,
        query: new URLSearchParams(query),
        headers: { host: 'localhost:4319', ...headers },
        body: '',
        ...others,
      },
      options,
    );
  };
  const post = (path: string, body: unknown, headers: ApiRequest['headers'] = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return { store, verdicts, ask, post, options };
}

/** As published, and with every object closed. */
function schemaProblems(name: string, document: unknown): unknown[] {
  const schema = API_SCHEMAS[`${name}.schema.json`];
  if (schema === undefined) throw new Error(`no schema ${name}`);
  const plain = JSON.parse(JSON.stringify(document));
  return [schema, closed(schema)].flatMap((one) => {
    const validate = new Ajv.Ajv2020({ strict: true, allErrors: true }).compile(one);
    return validate(plain) ? [] : [...(validate.errors ?? [])];
  });
}

function closed<Value>(schema: Value): Value {
  if (Array.isArray(schema)) return schema.map(closed) as Value;
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  const isObject = 'properties' in schema && 'required' in schema;
  return Object.fromEntries([...entries, ...(isObject ? [['additionalProperties', false]] : [])]) as Value;
}

const RULE = 'payment-requires-inventory';

describe('signals', () => {
  it('take sixty decisions a minute, each for itself', async () => {
    const { store, post } = world();
    await store.apply([verdictEvent(RULE, 1), verdictEvent('mostly-checked', 2)], lookup);
    const [first = '', second = ''] = [...store.signals()].map(({ id }) => id);
    const statuses: number[] = [];
    for (let turn = 0; turn < 61; turn++) {
      const action = turn % 2 === 0 ? 'resolve' : 'reopen';
      statuses.push((await post(`/api/v1/signals/${first}/${action}`, { by: 'loop' })).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(60);
    const refused = await post(`/api/v1/signals/${first}/resolve`, { by: 'loop' });
    expect([refused.status, refused.headers]).toEqual([429, { 'retry-after': '60' }]);
    expect((await post(`/api/v1/signals/${second}/ack`, { by: 'ada' })).status).toBe(200);
  });

  it('are listed, shown, and decided on', async () => {
    const { store, ask, post } = world();
    await store.apply([verdictEvent(RULE, 1), verdictEvent('mostly-checked', 2)], lookup);
    const list = await ask('/api/v1/signals');
    expect(list.status).toBe(200);
    expect(schemaProblems('api-signals', list.body)).toEqual([]);
    const { signals } = list.body as { readonly signals: readonly { readonly id: string }[] };
    expect(signals).toMatchObject([{ state: 'open', rule: { id: RULE }, occurrences: 1 }]);
    const id = signals[0]?.id ?? '';

    expect((await ask(`/api/v1/signals/${id.slice(0, 1)}`)).body).toMatchObject({ signal: { id } });
    const shown = await ask(`/api/v1/signals/${id.slice(0, 6)}`);
    expect(schemaProblems('api-signal', shown.body)).toEqual([]);
    expect(shown.body).toMatchObject({
      examples: [{ finding: { rule: RULE, missing: [expect.any(String)] } }],
    });

    const acked = await post(`/api/v1/signals/${id}/ack`, { by: 'ada', reason: 'looking' });
    expect(schemaProblems('api-signal', acked.body)).toEqual([]);
    expect(acked.body).toMatchObject({
      signal: { state: 'acknowledged' },
      decisions: [{ by: 'ada', reason: 'looking', at: '2026-03-01T12:00:30.000Z', from: 'open' }],
    });
    expect(await post(`/api/v1/signals/${id}/ack`, { by: 'ada' })).toMatchObject({
      status: 409,
      body: { code: 'FL874' },
    });
    expect((await post(`/api/v1/signals/${id}/resolve`, { by: 'ada' })).status).toBe(200);
    expect((await post(`/api/v1/signals/${id}/reopen`, { by: 'ada' })).status).toBe(200);
    expect(await post(`/api/v1/signals/${id}/false-positive`, { by: 'ada' })).toMatchObject({ status: 400 });
    expect((await post(`/api/v1/signals/${id}/false-positive`, { by: 'ada', reason: 'gift' })).status).toBe(
      200,
    );
    expect((await ask('/api/v1/signals')).body).toMatchObject({ total: 0 });
    expect((await ask('/api/v1/signals?state=false-positive,pending')).body).toMatchObject({ total: 2 });
    expect((await ask('/api/v1/signals?state=all&severity=low')).body).toMatchObject({ total: 1 });
    expect((await ask('/api/v1/signals?state=all&rule=payment-*')).body).toMatchObject({ total: 1 });
  });

  it('come in pages', async () => {
    const { store, ask } = world();
    await store.apply(
      Array.from({ length: 5 }, (_, index) =>
        verdictEvent(RULE, index + 1, {
          service: `service-${index}`,
          trace: `shop/x @0ms+9ms\n  service-${index}/payment.charge @1ms+2ms`,
        }),
      ),
      lookup,
    );
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: ApiResponse = await ask(`/api/v1/signals?limit=2${next === '' ? '' : `&cursor=${next}`}`);
      const body = page.body as {
        readonly signals: readonly { readonly id: string }[];
        readonly next: string | null;
      };
      seen.push(...body.signals.map(({ id }) => id));
      next = body.next;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  it.each([
    ['/api/v1/signals?state=opne', 400, 'FL872', 'did you mean `open`?'],
    ['/api/v1/signals?stat=open', 400, 'FL872', 'did you mean `state`?'],
    ['/api/v1/signals?limit=0', 400, 'FL872', 'say `limit=100`'],
    ['/api/v1/signals?cursor=x', 400, 'FL872', 'leave it out to begin again'],
    ['/api/v1/signals/0123456789abcdef', 404, 'FL873', undefined],
    ['/api/v1/signals/zz', 404, 'FL873', undefined],
    ['/api/v1/signals/%E0%A4', 404, 'FL870', undefined],
    ['/api/v1/nothing', 404, 'FL870', undefined],
    ['/api/v1/verdicts?from=yesterday', 400, 'FL872', 'say `from=2026-01-31T12:00:00Z`'],
    ['/api/v1/verdicts?from=2030-01-01T00:00:00Z', 400, 'FL872', 'leave `to` out for all until now'],
    ['/api/v1/rules?x=1', 400, 'FL872', undefined],
  ])('%s is answered by %d %s', async (path, status, code, help) => {
    const response = await world().ask(path);
    expect(response).toMatchObject({ status, type: 'application/problem+json', body: { code, status } });
    if (help !== undefined) expect((response.body as { help: string }).help).toContain(help);
    expect(schemaProblems('api-problem', response.body)).toEqual([]);
  });

  it('are decided on by a body that says who', async () => {
    const { store, ask, post } = world();
    await store.apply([verdictEvent(RULE, 1)], lookup);
    const [signal] = store.signals();
    const path = `/api/v1/signals/${signal?.id}/ack`;
    for (const body of [
      {},
      { by: '' },
      { by: 1 },
      null,
      7,
      { by: 'ada', reason: 1 },
      { by: 'x'.repeat(201) },
    ]) {
      expect((await post(path, body)).status).toBe(400);
    }
    const json = { 'content-type': 'application/json' };
    expect((await ask(path, { method: 'POST', headers: json, body: '{' })).status).toBe(400);
    expect((await ask(path)).status).toBe(405);
    expect(signal?.state).toBe('open');
  });
});

describe('the guard', () => {
  it.each([
    [{ host: 'evil.example' }, 403],
    [{ host: 'evil.example:4319', origin: 'http://evil.example:4319', 'sec-fetch-site': 'same-origin' }, 403],
    [{ host: 'localhost:4319', origin: 'https://evil.example' }, 403],
    [{ host: 'localhost:4319', 'sec-fetch-site': 'cross-site' }, 403],
    [{ host: '127.0.0.1:4319', origin: 'null' }, 403],
    [{ host: '127.0.0.1:4319', origin: 'http://127.0.0.1:4319' }, 200],
    [{ host: '[::1]:4319' }, 200],
    [{ host: 'localhost' }, 200],
  ])('lets %j have %d', async (headers, status) => {
    const response = await world().ask('/api/v1/rules', { headers });
    expect(response.status).toBe(status);
  });

  it('takes changes as JSON only: a form cannot send it', async () => {
    const { post } = world();
    const response = await post('/api/v1/signals/0123/ack', {}, { 'content-type': 'text/plain' });
    expect(response).toMatchObject({ status: 415, body: { code: 'FL871' } });
  });
});

describe('verdicts', () => {
  it('are counted by minute, net of what was taken back', async () => {
    const { verdicts, ask } = world();
    const count = (verdict: VerdictCount['verdict'], number: number, version = '1'): VerdictCount => ({
      rule: RULE,
      ruleVersion: 'r1',
      verdict,
      service: 'payment',
      serviceVersion: version,
      count: number,
    });
    verdicts.add([count('satisfied', 7), count('violated', 2), count('not_applicable', 9)], NOW - 2 * MINUTE);
    verdicts.add([count('violated', 2, '2'), count('satisfied', -1)], NOW);
    const all = await ask('/api/v1/verdicts');
    expect(schemaProblems('api-verdicts', all.body)).toEqual([]);
    expect(all.body).toMatchObject({
      from: '2026-03-01T11:01:00.000Z',
      to: '2026-03-01T12:01:00.000Z',
      since: '2026-03-01T11:50:30.000Z',
      rows: [
        {
          rule: RULE,
          service: null,
          verdicts: { satisfied: 6, violated: 4, not_applicable: 9, inconclusive: 0 },
          violatedShare: 0.4,
          minutes: [{ at: '2026-03-01T11:58:00.000Z' }, { at: '2026-03-01T12:00:00.000Z' }],
        },
      ],
    });
    const byVersion = await ask('/api/v1/verdicts?by=version&from=2026-03-01T12:00:00Z');
    expect(byVersion.body).toMatchObject({
      rows: [{ version: '1' }, { version: '2', verdicts: { violated: 2 } }],
    });
    expect((await ask('/api/v1/verdicts?rule=other')).body).toMatchObject({ rows: [] });
  });
});

describe('the rest', () => {
  it('has schemas', async () => {
    const { ask } = world();
    expect(schemaProblems('api-rules', (await ask('/api/v1/rules')).body)).toEqual([]);
    expect(schemaProblems('api-status', (await ask('/api/v1/status')).body)).toEqual([]);
    expect((await ask('/api/v1')).body).toMatchObject({
      routes: expect.arrayContaining(['GET /api/v1/rules']),
    });
  });

  it('says in words how a rule fares', async () => {
    const { rules } = (await world().ask('/api/v1/rules')).body as {
      readonly rules: readonly {
        readonly concerns: readonly string[];
        readonly remedies: readonly string[];
      }[];
    };
    expect(rules[0]?.concerns).toEqual([
      'never applicable in 12,000 traces: is its trigger spelled as the spans are?',
      'no span was ever named `payment.charge`',
      '`amount` was of another type than the rule compares with, 40 times',
      '`amount` was missing where the rule compares it, 3 times',
      'not proved: incomplete 2 times',
    ]);
    expect(rules[0]?.remedies).toHaveLength(5);
  });

  it('sends webhooks as published', async () => {
    const { store } = world();
    await store.apply([verdictEvent(RULE, 1)], lookup);
    const [transition] = store.transitionsAfter(0);
    const [signal] = store.signals();
    if (transition === undefined || signal === undefined) throw new Error('no signal');
    const notification = notificationOf(transition, signal);
    if (notification === null) throw new Error('no notification');
    const bodyOf = (told: typeof notification) =>
      requestFor(
        {
          type: 'webhook',
          name: 'x',
          url: 'https://x.example',
          minSeverity: 'low',
          sendRetractions: true,
          sendResolved: true,
          sendAuditOnly: true,
          headers: {},
          secret: null,
        },
        told,
        NOW,
      ).body;
    const heldBack = { of: 'rule', count: 2, signals: [signal.id], since: NOW } as const;
    for (const told of [notification, { ...notification, heldBack }]) {
      expect(schemaProblems('webhook', JSON.parse(bodyOf(told) ?? ''))).toEqual([]);
    }
  });
});

describe('over HTTP', () => {
  it('answers, and refuses a long body', async () => {
    const { store, options } = world();
    await store.apply([verdictEvent(RULE, 1)], lookup);
    const [signal] = store.signals();
    const failures: unknown[] = [];
    const onFailure = (error: unknown) => failures.push(error);
    const broken = {
      method: 'GET',
      path: '/api/v1/broken',
      answer: () => {
        throw new Error('disk');
      },
    } as const;
    const server = createServer(apiHandler({ ...options, routes: [...options.routes, broken], onFailure }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (path: string, body: string | null = null) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const sent = httpRequest(
          {
            port,
            host: '127.0.0.1',
            path,
            method: body === null ? 'GET' : 'POST',
            headers: body === null ? {} : { 'content-type': 'application/json' },
          },
          (response) => {
            let text = '';
            response.on('data', (chunk) => {
              text += chunk;
            });
            response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
          },
        );
        sent.on('error', reject);
        sent.end(body ?? undefined);
      });
    try {
      expect((await ask('/api/v1/signals')).text).toContain(RULE);
      const acked = await ask(`/api/v1/signals/${signal?.id}/ack`, '{"by":"ada"}');
      expect(JSON.parse(acked.text)).toMatchObject({ signal: { state: 'acknowledged' } });
      expect((await ask(`/api/v1/signals/${signal?.id}/ack`, 'x'.repeat(70_000))).status).toBe(413);
      expect((await ask('/api/v1/broken')).status).toBe(503);
      expect(failures).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
