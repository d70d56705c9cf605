/** What is said of signals that were rebuilt at a start. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { RebuiltSignals } from '../signal/open-signal-store.ts';

/** Whether a problem of a log means that something that was in it is not used. */
export function losesLines({ code, severity }: Diagnostic): boolean {
  return code === 'FL821' && severity === 'error';
}

export function tellRebuilt(path: string, rebuilt: RebuiltSignals): Diagnostic[] {
  const { fromDecisions, fromOccurrences, replayed, affected } = rebuilt;
  if (affected === 0 && replayed === 0) return [];
  const made = fromDecisions + fromOccurrences;
  const notes = [
    ...(fromDecisions === 0 ? [] : [`${fromDecisions} of them from what people decided`]),
    ...(fromOccurrences === 0 ? [] : [`${fromOccurrences} of them from later occurrences`]),
    ...(replayed === 0 ? [] : [`${counted(replayed, 'decision')} that the log of signals did not have`]),
    ...(made === 0
      ? []
      : [
          'their counts and examples may lack what was lost; signals that nobody had decided about may be missing',
        ]),
  ];
  return [
    {
      code: 'FL867',
      // A decision alone that only one of the two logs has is what a loss of power leaves.
      severity: made > 0 ? 'warning' : 'info',
      message: `the log of signals does not hold all: ${counted(made, 'signal')} rebuilt, ${affected} affected in all`,
      file: path,
      notes,
      help:
        made > 0
          ? `to have back what was lost, stop the server and put the files of a copy in the place of all files \`${path}/0000*\`; decisions made since are applied again`
          : 'nothing has to be done: decisions are applied once',
    },
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
