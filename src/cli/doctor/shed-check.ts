/** What the engine of a server could not judge for want of room or time, by reason. */

import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { SHED_REASONS, type ShedReason } from '../../engine/streaming/stream.ts';
import { counted } from '../../report/counted.ts';
import { type Finding, problem } from './finding.ts';
import type { Samples } from './samples.ts';

/** A share of late spans is usual. */
const LATE_SHARE = 0.01;

/** What is shed, what became of it, and what to do. */
const SHEDDING: Readonly<Record<ShedReason, readonly [one: string, what: string, help: string]>> = {
  'trace-memory': [
    'open trace',
    'dropped for want of memory, and not judged',
    'raise `limits.held_spans` in `fluo.yaml` and give the server more memory, or sample whole traces before Fluo',
  ],
  'remembered-memory': [
    'closed trace',
    'forgotten before its late window was over: spans that come late for it change nothing',
    'raise `limits.held_spans` in `fluo.yaml` and give the server more memory, or shorten `limits.late_window`',
  ],
  'late-span': [
    'span',
    'late, for a trace that was held no more, and not judged',
    'find the client that sends so late (a Collector with a long queue, a batch job), or raise `limits.late_window` in `fluo.yaml`',
  ],
  'trace-spans': [
    'span',
    'left out of a trace with more than `limits.max_spans`',
    'see why a trace grows so large (a loop, one trace for a whole process), or raise `limits.max_spans` in `fluo.yaml`',
  ],
  'group-memory': [
    'group member',
    'dropped for want of memory',
    'raise `limits.group_members` and `limits.groups` in `fluo.yaml`, or shorten `within` of the rules with `across`',
  ],
  'conflicting-span': [
    'span',
    'unlike the span with the same ids that came before, and not judged',
    'see which service makes span ids that come again: its generator of ids is seeded alike in several processes, or a copy of its spans is changed on the way',
  ],
  'mark-memory': [
    'trace mark',
    'removed before its late window was over: spans that still come for it make a trace of their own',
    'shorten `limits.late_window` in `fluo.yaml`, or sample whole traces before Fluo',
  ],
};

/** None where nothing was. */
export function checkShed(samples: Samples): Finding[] {
  const spans = samples.sum('fluo_spans_total');
  const counts = SHED_REASONS.map((reason) => ({
    reason,
    count: samples.value(`fluo_shed_total{reason="${reason}"}`) ?? 0,
  })).filter(({ count }) => count > 0);
  if (counts.length === 0) return [];
  const problems: Diagnostic[] = counts
    .filter(({ reason, count }) => reason !== 'late-span' || count > spans * LATE_SHARE)
    .map(({ reason, count }) => {
      const [one, what, help] = SHEDDING[reason];
      const message = `${counted(count, one)} ${count === 1 ? 'was' : 'were'} ${what}, since the server started`;
      return problem('FL817', 'warning', message, help);
    });
  const text = counts.map(({ reason, count }) => `${reason} ${count}`).join(', ');
  return [{ subject: 'not judged', text, problems }];
}
