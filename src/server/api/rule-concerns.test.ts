import { describe, expect, it } from 'vitest';
import { concernsOf } from './rule-concerns.ts';

const NO_HEALTH = {
  unknownAttributes: [],
  applicable: 0,
  applicableInOneSpanTraces: 0,
  unseenNames: [],
  inconclusiveReasons: {},
  exceptedScopes: {},
  violated: 0,
  memberSpans: 0,
  keylessSpans: 0,
};
const TRIGGERED = { id: 'a', isTriggered: true, key: [] };
const PLAIN = { id: 'a', isTriggered: false, key: [] };
const ACROSS = { id: 'a', isTriggered: false, key: ['cart_id'] };

function textsOf(...given: Parameters<typeof concernsOf>): string[] {
  return concernsOf(...given).map(({ text }) => text);
}

describe('concerns', () => {
  it('tell of a service that loses the trace context', () => {
    const alone = { ...NO_HEALTH, applicable: 20, applicableInOneSpanTraces: 4 };
    expect(textsOf(alone, 10, TRIGGERED)).toEqual([
      "4 of 20 applicable scopes are traces of one span: the trigger's service loses the trace context",
    ]);
    expect(textsOf({ ...alone, applicable: 19 }, 10, TRIGGERED)).toEqual([]);
    // A rule without a trigger is asked of every trace.
    expect(textsOf(alone, 10, PLAIN)).toEqual([]);
  });

  it('tell of a rule that never applied, not too soon, and not of one without a trigger', () => {
    expect(textsOf(NO_HEALTH, 100, TRIGGERED)).toEqual([
      'never applicable in 100 traces: is its trigger spelled as the spans are?',
    ]);
    expect(textsOf(NO_HEALTH, 99, TRIGGERED)).toEqual([]);
    expect(textsOf(NO_HEALTH, 161, PLAIN)).toEqual([]);
  });

  it('tell of spans without the key of `across`, and that so it never applies', () => {
    const keyless = { ...NO_HEALTH, memberSpans: 120, keylessSpans: 120 };
    expect(concernsOf(keyless, 120, ACROSS)).toEqual([
      {
        text: 'never applicable yet, in 120 traces: no span that it names has its key',
        remedy: expect.stringContaining('fluo explain a'),
      },
      {
        text: '120 of 120 spans lack `cart_id`, and are in no group',
        remedy: expect.stringContaining('set `cart_id` on every span'),
      },
    ]);
    expect(textsOf(NO_HEALTH, 120, ACROSS)).toEqual([
      'never applicable yet, in 120 traces: none of the spans that it names came',
    ]);
    // Its groups have not closed yet.
    expect(textsOf({ ...NO_HEALTH, memberSpans: 9 }, 120, ACROSS)).toEqual([]);
    expect(textsOf({ ...keyless, keylessSpans: 11 }, 1, ACROSS)).toEqual([]);
    expect(textsOf({ ...keyless, keylessSpans: 12 }, 1, { ...ACROSS, key: ['a', 'b'] })).toEqual([
      '12 of 120 spans lack `a` or `b`, and are in no group',
    ]);
  });

  it('tell of a rule that is violated more often than not', () => {
    const broken = { ...NO_HEALTH, applicable: 20, violated: 11 };
    expect(textsOf(broken, 20, PLAIN)).toEqual([
      'violated in 11 of 20 scopes to which it applies: is the rule right?',
    ]);
    expect(textsOf({ ...broken, violated: 10 }, 20, PLAIN)).toEqual([]);
    expect(textsOf({ ...broken, applicable: 19 }, 20, PLAIN)).toEqual([]);
  });

  it('say what to do about the reason that is met most', () => {
    const open = { ...NO_HEALTH, inconclusiveReasons: { incomplete: 1, 'clock-skew': 3 } };
    expect(concernsOf(open, 1, PLAIN)).toEqual([
      {
        text: 'not proved: clock-skew 3 times, incomplete once',
        remedy: expect.stringContaining('synchronise the clocks'),
      },
    ]);
  });
});
