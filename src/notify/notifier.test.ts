import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../signal/signal.ts';
import { MemoryRecordLog } from '../signal/testing/memory-record-log.ts';
import type { NotifierAttempt } from './notifier-options.ts';
import type { WebhookReceiver } from './receiver.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { answered, MemoryHttp } from './testing/memory-http.ts';
import { SIGNAL, SLACK, start, texts, transition, WEBHOOK } from './testing/notifier-world.ts';

describe('a notifier', () => {
  it('sends what a webhook can verify', async () => {
    const { http, notifier, take, clock } = await start();
    await take(transition(1));
    await notifier.idle();
    const [request] = http.requests;
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer abc',
      'idempotency-key': '0123456789abcdef-1',
      'content-type': 'application/json; charset=utf-8',
    });
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      schemaVersion: 1,
      id: '0123456789abcdef-1',
      event: 'opened',
      signal: { state: 'open', firstSeen: '1970-01-01T00:00:01.000Z', rule: { severity: 'critical' } },
      decision: null,
    });
    const seconds = clock.now() / 1000;
    const digest = createHmac('sha256', 'shared').update(`${seconds}.${request?.body}`).digest('hex');
    expect(request?.headers['fluo-signature']).toBe(`t=${seconds},v1=${digest}`);
    expect(notifier.status()).toMatchObject([{ receiver: 'hook', pending: 0, delivered: 1, dead: 0 }]);
  });

  it('writes to Slack what cannot mention, link or format', async () => {
    const { http, notifier, take } = await start({ receivers: [SLACK] });
    await take(transition(1));
    await notifier.idle();
    const [message] = texts(http);
    expect(message).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "fields": [
              {
                "text": "*Severity*
      critical, hard-block, INVARIANT-44",
                "type": "mrkdwn",
                "verbatim": true,
              },
              {
                "text": "*Occurrences*
      1 occurrence",
                "type": "mrkdwn",
                "verbatim": true,
              },
              {
                "text": "*Services*
      \`payment\`, \`aˋb\`",
                "type": "mrkdwn",
                "verbatim": true,
              },
              {
                "text": "*Versions*
      \`payment 1.2.0\`",
                "type": "mrkdwn",
                "verbatim": true,
              },
              {
                "text": "*Environments*
      \`production\`",
                "type": "mrkdwn",
                "verbatim": true,
              },
              {
                "text": "*Owner*
      team-payments",
                "type": "mrkdwn",
                "verbatim": true,
              },
              {
                "text": "*Trace*
      \`4bf92f3577b34da6a3ce929d0e0e4736\`",
                "type": "mrkdwn",
                "verbatim": true,
              },
              {
                "text": "*Runbook*
      <https://runbooks.example/44?a=1&amp;b=2|https://runbooks.example/44?a=1&amp;b=2>",
                "type": "mrkdwn",
                "verbatim": true,
              },
            ],
            "text": {
              "text": ":red_circle: *Invariant broken:* \`payment-requires-inventory\`
      Payment requires &lt;inventory&gt; &amp; reservation
      Nothing matches \`inventory.reserve\`. &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;",
              "type": "mrkdwn",
              "verbatim": true,
            },
            "type": "section",
          },
          {
            "elements": [
              {
                "text": "fluo signals show 0123456789abcdef · clause \`inventory.reserve.before(payment.charge)\`",
                "type": "mrkdwn",
                "verbatim": true,
              },
            ],
            "type": "context",
          },
        ],
        "text": "Invariant broken: payment-requires-inventory. Nothing matches \`inventory.reserve\`. &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;",
      }
    `);
  });

  it('tells each receiver what it asked for', async () => {
    const quiet: WebhookReceiver = { ...WEBHOOK, name: 'quiet', sendRetractions: false, sendResolved: false };
    const { http, notifier } = await start({ receivers: [WEBHOOK, quiet, { ...SLACK, name: 'low' }] });
    const low: Signal<unknown> = { ...SIGNAL, rule: { ...SIGNAL.rule, severity: 'medium' } };
    const decision = {
      at: 1,
      action: 'resolve',
      by: 'ada',
      reason: 'fixed',
      from: 'open',
      to: 'resolved',
    } as const;
    const decided = { ...transition(3, 'decided'), to: 'resolved', decision } as const;
    const acked = { ...transition(4, 'decided'), decision: { ...decision, action: 'ack' } } as const;
    await notifier.take([transition(1), transition(2, 'retracted'), decided, acked], () => low);
    for (let turn = 0; turn < 4; turn++) await notifier.idle();
    const sent = http.requests.map(({ headers, body }) => [
      headers['fluo-signature'] !== undefined,
      JSON.parse(body ?? '').event,
    ]);
    expect(sent.map(([, event]) => event).sort()).toEqual(['opened', 'opened', 'resolved', 'retracted']);
    expect(notifier.status().map(({ delivered }) => delivered)).toEqual([3, 1, 0]);
  });

  it('tries again later and later, and as late as it is asked to', async () => {
    const http = new MemoryHttp();
    http.answers.push(
      answered(500),
      { kind: 'failed', problem: 'the connection failed: ECONNREFUSED' },
      answered(429, 'slow down', { 'retry-after': '120' }),
    );
    const { notifier, clock, take } = await start({ http });
    await take(transition(1));
    const waits: (number | null)[] = [];
    for (let turn = 0; turn < 3; turn++) {
      await notifier.idle();
      waits.push(clock.nextIn());
      clock.advance(clock.nextIn() ?? 0);
    }
    await notifier.idle();
    expect(waits).toEqual([1_000, 2_000, 120_000]);
    expect(http.requests).toHaveLength(4);
    expect(new Set(http.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(notifier.status()).toMatchObject([{ delivered: 1, failedAttempts: 3, pending: 0, problem: null }]);
  });

  it('is not kept waiting by a clock that was set back', async () => {
    const log = new MemoryRecordLog();
    const http = new MemoryHttp();
    http.answers.push(answered(503));
    const ahead = new ManualClock();
    ahead.advance(60 * 86_400_000);
    const first = await start({ log, http, clock: ahead });
    await first.take(transition(1));
    await first.notifier.stop();
    const second = await start({ log });
    await second.notifier.idle();
    expect(second.http.requests).toHaveLength(1);
    expect(second.clock.nextIn()).toBeNull();
  });

  it('is not kept waiting by a clock that is set back while it runs', async () => {
    const clock = new ManualClock();
    const { http, notifier, take } = await start({ receivers: [SLACK], clock });
    await take(transition(1));
    await notifier.idle();
    clock.advance(-60 * 86_400_000);
    await take(transition(2));
    await notifier.idle();
    expect(http.requests).toHaveLength(2);
  });

  it('tells of each attempt', async () => {
    const http = new MemoryHttp();
    http.answers.push(answered(503), answered(200), answered(404));
    const attempts: NotifierAttempt[] = [];
    const { notifier, clock, take } = await start({ http, onAttempt: (attempt) => attempts.push(attempt) });
    await take(transition(1), transition(2));
    await notifier.idle();
    clock.advance(1_000);
    for (let turn = 0; turn < 3; turn++) await notifier.idle();
    expect(attempts).toEqual([
      { receiver: 'hook', problem: 'it answered 503', isLost: false },
      { receiver: 'hook', problem: null, isLost: false },
      { receiver: 'hook', problem: 'it answered 404', isLost: true },
    ]);
  });

  it('gives up what is refused, says so, and goes on', async () => {
    const http = new MemoryHttp();
    http.answers.push(answered(404, 'no_service'));
    const { notifier, problems, take } = await start({ http });
    await take(transition(1), transition(2));
    for (let turn = 0; turn < 3; turn++) await notifier.idle();
    expect(http.requests).toHaveLength(2);
    expect(problems).toEqual([
      {
        kind: 'dead-letter',
        receiver: 'hook',
        message: 'the message about signal 0123456789abcdef is given up: it answered 404: no_service',
      },
    ]);
    expect(notifier.deadLetters()).toMatchObject([{ receiver: 'hook', id: '0123456789abcdef-1' }]);
    expect(notifier.status()).toMatchObject([{ delivered: 1, dead: 1, pending: 0 }]);
  });

  it('gives up after a day', async () => {
    const http = new MemoryHttp();
    for (let count = 0; count < 1_000; count++) http.answers.push(answered(503));
    const { notifier, clock, problems, take } = await start({ http });
    await take(transition(1));
    await notifier.idle();
    while (clock.nextIn() !== null) {
      clock.advance(clock.nextIn() ?? 0);
      await notifier.idle();
    }
    expect(problems).toHaveLength(1);
    expect(http.requests.length).toBeGreaterThan(200);
    expect(http.requests.length).toBeLessThan(400);
  });

  it('sends after a restart what it had not sent, and nothing twice that was', async () => {
    const log = new MemoryRecordLog();
    const down = new MemoryHttp();
    for (let count = 0; count < 5; count++) down.answers.push(answered(503));
    const first = await start({ log, http: down });
    await first.take(transition(1), transition(2));
    await first.notifier.stop();
    const second = await start({ log });
    // What the store tells again is known.
    await second.take(transition(1), transition(2), transition(3));
    second.clock.advance(10_000);
    for (let turn = 0; turn < 5; turn++) await second.notifier.idle();
    expect(texts(second.http).map(({ id }) => id)).toEqual(
      [1, 2, 3].map((sequence) => `0123456789abcdef-${sequence}`),
    );
    const third = await start({ log });
    await third.take(transition(3));
    await third.notifier.idle();
    expect(third.http.requests).toEqual([]);
  });

  it('loses nothing to a snapshot', async () => {
    const log = new MemoryRecordLog();
    const down = new MemoryHttp();
    for (let count = 0; count < 50; count++) down.answers.push(answered(503));
    const first = await start({ log, http: down, limits: { snapshotEvery: 2 } });
    await Promise.all(Array.from({ length: 6 }, (_, index) => first.take(transition(index + 1))));
    await first.notifier.stop();
    const second = await start({ log });
    second.clock.advance(100_000);
    for (let turn = 0; turn < 10; turn++) await second.notifier.idle();
    expect(texts(second.http)).toHaveLength(6);
  });

  it('takes a transition once, also when it is given twice at the same time', async () => {
    const { http, notifier, take } = await start();
    await Promise.all([take(transition(1)), take(transition(1), transition(2)), take(transition(2))]);
    for (let turn = 0; turn < 5; turn++) await notifier.idle();
    expect(texts(http).map(({ id }) => id)).toEqual(['0123456789abcdef-1', '0123456789abcdef-2']);
  });

  it('keeps to the pace of Slack', async () => {
    const { http, notifier, clock, take } = await start({ receivers: [SLACK] });
    await take(transition(1), transition(2));
    await notifier.idle();
    expect(http.requests).toHaveLength(1);
    expect(clock.nextIn()).toBe(1_100);
    clock.advance(1_100);
    await notifier.idle();
    expect(http.requests).toHaveLength(2);
  });

  it('tells at most once an hour that a signal grows', async () => {
    const { http, notifier, clock, take } = await start();
    await take(transition(1, 'grew'), transition(2, 'grew'), transition(3, 'grew', 'fedcba9876543210'));
    for (let turn = 0; turn < 4; turn++) await notifier.idle();
    expect(http.requests).toHaveLength(2);
    clock.advance(3_600_000);
    await take(transition(4, 'grew'));
    await notifier.idle();
    expect(http.requests).toHaveLength(3);
  });

  it('has room for so many, and says what it leaves out', async () => {
    const http = new MemoryHttp();
    for (let count = 0; count < 50; count++) http.answers.push(answered(503));
    const { problems, take, notifier } = await start({ http, limits: { pending: 2 } });
    await take(transition(1));
    await take(transition(2));
    await take(transition(3));
    await notifier.idle();
    expect(problems).toMatchObject([{ kind: 'queue-full', receiver: 'hook' }]);
    expect(notifier.status()).toMatchObject([{ pending: 2, dead: 1 }]);
  });

  it('refuses to take what it cannot keep', async () => {
    const { log, take, http, notifier } = await start();
    log.failure = new Error('no space left on device');
    await expect(take(transition(1))).rejects.toThrow('no space left');
    log.failure = null;
    await take(transition(1));
    await notifier.idle();
    expect(http.requests).toHaveLength(1);
  });

  it('survives a message of another version, of which nothing can be made', async () => {
    const log = new MemoryRecordLog();
    const item = {
      receiver: 'hook',
      notification: { id: 'x', event: 'opened', at: 1, signal: { rule: { id: 'r' } } },
    };
    log.records = [{ kind: 'queued', through: 1, items: [item] }];
    const { notifier, problems } = await start({ log });
    await notifier.idle();
    expect(problems).toMatchObject([{ kind: 'dead-letter', receiver: 'hook' }]);
    expect(notifier.status()).toMatchObject([{ pending: 0, dead: 1 }]);
  });

  it('gives up messages to receivers that are gone', async () => {
    const log = new MemoryRecordLog();
    const http = new MemoryHttp();
    http.answers.push(answered(503));
    const first = await start({ log, http });
    await first.take(transition(1));
    await first.notifier.stop();
    const second = await start({ log, receivers: [SLACK] });
    expect(second.notifier.deadLetters()).toMatchObject([
      { receiver: 'hook', problem: 'the receiver is configured no more' },
    ]);
  });
});
