import { describe, expect, it } from 'vitest';
import { ENFORCEMENTS } from '../invariant/rule.ts';
import { compareFindings, FAIL_ON, type FailOn, isFailing, levelOf } from './finding-level.ts';

const EVERY = [
  ...ENFORCEMENTS.map((enforcement) => ({ verdict: 'violated', enforcement }) as const),
  ...ENFORCEMENTS.map((enforcement) => ({ verdict: 'inconclusive', enforcement }) as const),
];
const failing = (failOn?: FailOn) =>
  EVERY.filter((finding) => isFailing(finding, failOn)).map(
    ({ verdict, enforcement }) => `${verdict} ${enforcement}`,
  );

describe('what makes a run fail', () => {
  it('is by default every violation that is not only audited', () => {
    expect(failing()).toEqual(['violated hard-block', 'violated soft-warning']);
  });

  it('grows from level to level', () => {
    const counts = FAIL_ON.map((level) => failing(level).length);
    expect(counts).toEqual([0, 1, 2, 3, 6]);
    for (const [place, level] of FAIL_ON.slice(1).entries()) {
      const before = FAIL_ON[place];
      expect(failing(level)).toEqual(expect.arrayContaining(failing(before)));
    }
  });
});

describe('the level of a finding', () => {
  it('follows the enforcement, and nothing that is not proved is more than a note', () => {
    expect(EVERY.map(levelOf)).toEqual(['error', 'warning', 'note', 'note', 'note', 'note']);
  });
});

describe('the order of findings', () => {
  it('is violated first, then by severity, then by enforcement', () => {
    const sorted = EVERY.flatMap((finding) =>
      (['low', 'critical'] as const).map((severity) => ({ ...finding, severity })),
    ).sort(compareFindings);
    expect(
      sorted.map(({ verdict, severity, enforcement }) => `${verdict} ${severity} ${enforcement}`),
    ).toEqual(
      ['violated', 'inconclusive'].flatMap((verdict) =>
        ['critical', 'low'].flatMap((severity) =>
          ENFORCEMENTS.map((enforcement) => `${verdict} ${severity} ${enforcement}`),
        ),
      ),
    );
  });
});
