import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventLine, eventLineInPieces, readEventLines } from './event-lines.ts';

const nothing = async () => {};

describe('eventLineInPieces', () => {
  it('writes what eventLine writes', async () => {
    const values = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.oneof(fc.jsonValue(), fc.constant(undefined))),
      fc.record({ signals: fc.array(fc.oneof(fc.jsonValue(), fc.constant(undefined))), version: fc.nat() }),
    );
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const pieces = await eventLineInPieces(value, nothing);
        expect(Buffer.concat(pieces).toString()).toBe(Buffer.from(eventLine(value)).toString());
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('gives others their turn', async () => {
    let turns = 0;
    const value = { list: Array.from({ length: 2_000 }, (_, place) => `${place} ${'ä'.repeat(1_000)}`) };
    const pieces = await eventLineInPieces(value, async () => {
      turns++;
    });
    expect(turns).toBeGreaterThan(5);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(2 ** 20);
    expect(readEventLines(Buffer.concat(pieces)).events).toEqual([value]);
  });
});
