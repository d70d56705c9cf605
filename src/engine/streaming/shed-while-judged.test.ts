import { expect, test } from 'vitest';
import { compileRule } from '../../language/compile.ts';
import type { Span } from '../../trace/span.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { createStreamEngine } from './create-stream-engine.ts';
import { StreamDriver } from './testing/stream-driver.ts';

const START = 1_800_000_000_000_000_000n;

function spanOf(trace: number, span: number, seconds: number): Span {
  return {
    traceId: `${trace}`.padStart(32, '0'),
    spanId: `${trace}${span}`.padStart(16, '0'),
    parentSpanId: '',
    name: 'a',
    kind: 'internal',
    start: START + BigInt(seconds) * 1_000_000_000n,
    end: START + BigInt(seconds) * 1_000_000_000n,
    status: 'unset',
    attributes: new Map(),
    resource: { attributes: new Map(), service: '' },
    scope: '',
    events: [],
    traceState: '',
  };
}

test('a trace that is dropped in the request that would have it judged early is not judged with the spans of another', () => {
  const { rule } = compileRule({ name: 'short', text: 'trace.duration <= 30s' });
  if (rule === null) throw new Error('no rule');
  const short: JudgedRule = {
    id: 'short',
    condition: rule,
    onIncomplete: 'inconclusive',
    environments: null,
    exceptions: [],
  };
  const driver = new StreamDriver(createStreamEngine, { limits: { heldSpans: 2 } });
  driver.load([short]);
  driver.add([spanOf(1, 1, 0)], 0);
  // The second span of the first trace makes it worth a look; the second trace takes its rows before that.
  driver.add([spanOf(1, 2, 30), spanOf(2, 1, 90)], 1);
  driver.tick(10_000_000);
  expect(driver.events).toEqual([]);
});
