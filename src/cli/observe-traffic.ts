/** What real traces hold, and what the rules say of them: what `fluo lint --against` holds the rules against. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { CheckResult } from '../history/check/check-result.ts';
import type { Rule } from '../invariant/rule.ts';
import {
  type ObservedTraffic,
  type ObservedVerdicts,
  observeSpan,
  TrafficObservation,
} from '../language/lint-observed.ts';
import { decodeRecord } from '../receiver/decode-record.ts';
import type { Invocation } from './arguments.ts';
import type { Configuration } from './configuration.ts';
import type { Io } from './io.ts';
import { judgeTraces } from './judge-traces.ts';
import type { TraceInputs } from './trace-inputs.ts';

interface TrafficReading {
  readonly observed: ObservedTraffic;
  /** What was wrong with the input. */
  readonly problems: readonly Diagnostic[];
}

/** Reads the inputs once, judging and observing at the same time. Cost: every attribute of every span is looked at. */
export async function observeTraffic(
  invocation: Invocation,
  io: Io,
  rules: readonly Rule[],
  inputs: TraceInputs,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<TrafficReading> {
  const traffic = new TrafficObservation();
  const result = await judgeTraces(invocation, io, rules, inputs, configuration, signal, ({ records }) => {
    for (const record of records) {
      for (const span of decodeRecord(record).spans) observeSpan(traffic, span);
    }
  });
  return { observed: { ...traffic, rules: verdictsOf(result) }, problems: result.diagnostics };
}

function verdictsOf(result: CheckResult): Map<string, ObservedVerdicts> {
  const fired = new Map<string, Set<string>>(result.rules.map(({ id }) => [id, new Set()]));
  for (const { rule, scope, judgment } of result.findings) {
    if (judgment.verdict !== 'violated') continue;
    fired.get(rule)?.add(`${scope.kind} ${scope.key ?? ''} ${scope.traceIds.join(' ')}`);
  }
  return new Map(
    result.rules.map(({ id, verdicts }): [string, ObservedVerdicts] => {
      const scopes = fired.get(id) ?? new Set();
      return [
        id,
        {
          satisfied: verdicts.satisfied,
          violated: verdicts.violated,
          notApplicable: verdicts.not_applicable,
          inconclusive: verdicts.inconclusive,
          // Findings that were too many to list leave it open where the rule fired.
          fired: scopes.size === verdicts.violated ? scopes : null,
        },
      ];
    }),
  );
}
