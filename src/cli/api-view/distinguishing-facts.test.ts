import { describe, expect, it } from 'vitest';
import type { SignalSummary } from '../../server/api/api-documents.ts';
import { distinguishingFacts } from './distinguishing-facts.ts';

const RULE = { id: 'r' } as SignalSummary['rule'];
const ONE = {
  id: '1',
  rule: RULE,
  clause: 'a.before(b)',
  pair: { trigger: 'shop', other: 'stock' },
  attributes: [
    { name: 'amount', value: '*' },
    { name: 'state', value: 'declined' },
  ],
  fingerprintVersion: 2,
};

function of(...signals: readonly Partial<typeof ONE>[]) {
  const told = distinguishingFacts(signals.map((signal, at) => ({ ...ONE, id: `${at}`, ...signal })));
  return [...told.values()];
}

describe('what distinguishes signals', () => {
  it('is said of the signals of one rule only, and only where they differ', () => {
    expect(of({}, { rule: { ...RULE, id: 'other' } })).toEqual([[], []]);
    const onHold = {
      attributes: [
        { name: 'amount', value: '*' },
        { name: 'state', value: '*' },
      ],
    };
    expect(of({}, onHold)).toEqual([['state = declined'], ['state (any)']]);
  });

  it('are the services, the clause and the version too', () => {
    expect(of({}, { pair: { trigger: 'shop', other: '' } })).toEqual([['shop and stock'], ['shop alone']]);
    expect(of({}, { clause: 'c' })).toEqual([['clause a.before(b)'], ['clause c']]);
    const older = of({}, { fingerprintVersion: 1 });
    expect(older).toEqual([['fingerprint of version 2'], ['fingerprint of version 1']]);
  });

  it('says which is the rest of a clause', () => {
    const rest = { pair: { trigger: '', other: '' }, attributes: [] };
    expect(of({}, rest)[1]).toEqual(['all the others of this clause']);
  });
});
