/** What the spans of a finding tell about how they were recorded: that the finding may be none. */
import type { OrderViolation, Witness } from '../engine/verdict.ts';
import type { ReportedHint } from './check-report.ts';

const MILLISECOND = 1_000_000n;

/** Cost: linear in the pairs that are out of order. */
export function reportedHints(witness: Pick<Witness, 'order'>): ReportedHint[] {
  return witness.order.some(isOfCutStart) ? [CUT_STARTS] : [];
}

const CUT_STARTS: ReportedHint = {
  kind: 'whole-millisecond-starts',
  help: 'starts are whole milliseconds here, as the OpenTelemetry SDK for Node cuts them: set `clock_resolution: 1ms` in `fluo.yaml` (or `--clock-resolution 1ms`), or give exact start times (`fluo instrument`)',
};

/** An overlap of less than a millisecond, with a start that was cut by that much at most. */
function isOfCutStart({ problem, relation, left, right }: OrderViolation): boolean {
  if (problem !== 'overlap') return false;
  const [earlier, later] = relation === 'before' ? [left, right] : [right, left];
  return earlier.end - later.start < MILLISECOND && later.start % MILLISECOND === 0n;
}
