/** Rules over the inputs that a person named, with progress on the terminal. */
import type { CheckResult } from '../history/check/check-result.ts';
import { checkTraces } from '../history/check/check-traces.ts';
import { judgedRule } from '../invariant/catalogue.ts';
import type { Rule } from '../invariant/rule.ts';
import { decodeRecord } from '../receiver/decode-record.ts';
import type { RecordBatch } from '../receiver/record.ts';
import { type Invocation, isOn } from './arguments.ts';
import type { Configuration } from './configuration.ts';
import type { Io } from './io.ts';
import { closingLimits, judgeSettings } from './judge-settings.ts';
import { Progress } from './progress.ts';
import { todayOf } from './rule-files.ts';
import { recordsOf, type TraceInputs } from './trace-inputs.ts';

/** `onBatch` sees each batch of records once, also where the input is read twice. */
export async function judgeTraces(
  invocation: Invocation,
  io: Io,
  rules: readonly Rule[],
  inputs: TraceInputs,
  configuration: Configuration,
  signal: AbortSignal,
  onBatch: (batch: RecordBatch) => void = () => {},
): Promise<CheckResult> {
  const today = todayOf(io.clock);
  const progress = new Progress(io, inputs.bytes);
  let file = '';
  const records = recordsOf(io, inputs.files, (name) => {
    file = name;
  });
  try {
    return await checkTraces({
      rules: rules.map((rule) => judgedRule(rule, today)),
      inputs: seenOnce(records, onBatch),
      isRepeatable: inputs.isRepeatable,
      decode: decodeRecord,
      temp: io.files.temporaryStorage(),
      settings: judgeSettings(invocation, configuration),
      limits: closingLimits(configuration),
      strict: isOn(invocation, 'strict'),
      signal,
      onProgress: ({ pass, bytesRead, spans }) =>
        progress.update({ file: pass === 1 ? file : `${file} again`, bytes: bytesRead, spans }),
    });
  } finally {
    progress.end();
  }
}

function seenOnce(
  batches: AsyncIterable<RecordBatch>,
  see: (batch: RecordBatch) => void,
): AsyncIterable<RecordBatch> {
  let walks = 0;
  return {
    async *[Symbol.asyncIterator]() {
      const isFirst = walks++ === 0;
      for await (const batch of batches) {
        if (isFirst) see(batch);
        yield batch;
      }
    },
  };
}
