/** The parts that assembly is made of: the index of traces, the clock, and what is remembered of closed traces. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClosedIdentities } from './closed-identities.ts';
import { StreamClock } from './stream-clock.ts';
import { FRESH, hex8, TraceIndex } from './trace-index.ts';

const word = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffffffff }));

describe('the index of traces', () => {
  it('is a map from ids to numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word, word), { maxLength: 3000, size: 'max' }), (ids) => {
        const index = new TraceIndex();
        const known = new Map<string, number>();
        for (const id of ids) {
          const text = id.map(hex8).join('');
          expect(index.find(...id)).toBe(known.get(text) ?? -1);
          const trace = index.findOrAdd(...id);
          if (!known.has(text)) {
            expect(trace).toBe(known.size);
            expect(index.state[trace]).toBe(FRESH);
            known.set(text, trace);
          }
          expect(trace).toBe(known.get(text));
          expect(index.idOf(trace)).toBe(text);
        }
        expect(index.count).toBe(known.size);
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it('writes words as hex', () => {
    expect([0, 1, 0x80000000, 0xffffffff, 0x0badcafe].map(hex8)).toEqual([
      '00000000',
      '00000001',
      '80000000',
      'ffffffff',
      '0badcafe',
    ]);
  });
});

describe('the clock of a stream', () => {
  const progressAfter = (...seconds: number[]): number => {
    const clock = new StreamClock();
    for (const at of seconds) clock.observe(at);
    return clock.progress;
  };

  it('goes with the latest end', () => {
    expect(progressAfter(1000, 1003, 1010)).toBe(10);
  });

  it('stands where records are a little out of order, and counts no second twice', () => {
    expect(progressAfter(1000, 1010, 1005, 1008, 1012)).toBe(12);
  });

  it('begins again behind a jump in either direction', () => {
    expect(progressAfter(5000, 5010, 1000, 1005)).toBe(10 + 1 + 5);
    expect(progressAfter(1000, 9000, 9005)).toBe(1 + 5);
  });

  it('neither stands nor runs where two times are mixed', () => {
    expect(progressAfter(1000, 9000, 1001, 9001, 1002)).toBe(4);
  });
});

describe('what is remembered of closed traces', () => {
  it('knows a span by its id and digest, among those of its trace', () => {
    const identities = new ClosedIdentities(1000);
    identities.add(1, 2, 77);
    const from = identities.position;
    identities.add(3, 4, 5);
    identities.add(3, 6, 7);
    expect(identities.has(from, 2, 3, 6, 7)).toBe(true);
    expect(identities.has(from, 2, 3, 6, 8)).toBe(false);
    expect(identities.has(from, 2, 1, 2, 77)).toBe(false);
    expect(identities.has(from, 1, 3, 6, 7)).toBe(false);
  });

  it('never knows a span without a digest', () => {
    const identities = new ClosedIdentities(1000);
    const from = identities.position;
    identities.add(3, 4, 0);
    expect(identities.has(from, 1, 3, 4, 0)).toBe(false);
  });

  it('grows up to its limit and forgets the oldest from there', () => {
    const most = 1 << 16;
    const identities = new ClosedIdentities(most);
    const first = identities.position;
    identities.add(9, 0, 1);
    const second = identities.position;
    for (let span = 1; span < most; span++) identities.add(9, span, 1);
    expect(identities.has(first, 1, 9, 0, 1)).toBe(true);
    expect(identities.has(second, 1500, 9, 1500, 1)).toBe(true);
    identities.add(9, most, 1);
    expect(identities.has(first, 1, 9, 0, 1)).toBe(false);
    expect(identities.has(second, 1, 9, 1, 1)).toBe(true);
  });
});
