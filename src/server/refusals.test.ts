import { describe, expect, it } from 'vitest';
import type { RefusedRequest } from '../receiver/otlp/refused-request.ts';
import { type LogFields, SILENT_LOG } from './log.ts';
import { Refusals } from './refusals.ts';

const REFUSED: RefusedRequest = {
  transport: 'http',
  outcome: 'unsupported',
  status: 'HTTP 415',
  peer: '10.0.0.7',
  userAgent: 'otelcol/0.120',
  message: 'the Content-Type `text/xml` is not taken',
  spans: 0,
};

function world() {
  const lines: [string, LogFields | undefined][] = [];
  const time = { now: 1_000 };
  const log = { ...SILENT_LOG, warn: (message: string, fields?: LogFields) => lines.push([message, fields]) };
  return { refusals: new Refusals(log, () => time.now), lines, time };
}

describe('refused requests', () => {
  it('are told with the client and what it was told', () => {
    const { refusals, lines } = world();
    refusals.add(REFUSED);
    refusals.add({ ...REFUSED, outcome: 'partial', status: 'HTTP 200', message: 'a span was', spans: 2 });
    expect(lines).toEqual([
      [
        'a request was refused (unsupported)',
        {
          transport: 'http',
          status: 'HTTP 415',
          peer: '10.0.0.7',
          userAgent: 'otelcol/0.120',
          problem: 'the Content-Type `text/xml` is not taken',
        },
      ],
      ['spans were left out', expect.objectContaining({ spans: 2, problem: 'a span was' })],
    ]);
  });

  it('are a line in ten seconds for a reason and a client, with how many were left out', () => {
    const { refusals, lines, time } = world();
    for (let nth = 0; nth < 5; nth++) refusals.add({ ...REFUSED, message: `of body ${nth}` });
    refusals.add({ ...REFUSED, peer: '10.0.0.8' });
    expect(lines).toHaveLength(2);
    time.now += 10_000;
    refusals.add(REFUSED);
    expect(lines[2]?.[1]).toMatchObject({ peer: '10.0.0.7', before: 4 });
  });

  it('are kept, the latest first, what is alike as one, and ten at most', () => {
    const { refusals, time } = world();
    refusals.add(REFUSED);
    refusals.add({ ...REFUSED, peer: '10.0.0.8' });
    time.now = 2_000;
    refusals.add({ ...REFUSED, message: 'another' });
    expect(refusals.latest()).toMatchObject([
      { peer: '10.0.0.7', message: 'another', times: 2, at: 2_000 },
      { peer: '10.0.0.8', times: 1, at: 1_000 },
    ]);
    for (let nth = 0; nth < 20; nth++) refusals.add({ ...REFUSED, peer: `10.0.1.${nth}` });
    expect(refusals.latest()).toHaveLength(10);
    expect(refusals.latest()[0]).toMatchObject({ peer: '10.0.1.19' });
  });
});
