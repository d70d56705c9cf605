/** Requests that a server refused or took in part, with what their clients were told. */
import { humanDuration } from '../../base/nanos.ts';
import { counted } from '../../report/counted.ts';
import type { RefusalDocument, StatusDocument } from '../../server/api/api-documents.ts';
import { type Finding, problem } from './finding.ts';

/** Older ones are no problem of now. */
const RECENT_MS = 3_600_000;
const MOST_TOLD = 5;

/** None where nothing was refused lately. `now`: milliseconds since 1970. */
export function checkRefusals({ refusals }: Partial<StatusDocument>, now: number): Finding[] {
  // A server of an earlier version does not tell.
  const recent = (refusals ?? []).filter(({ at }) => now - Date.parse(at) <= RECENT_MS);
  if (recent.length === 0) return [];
  const text = counted(
    recent.reduce((sum, { times }) => sum + times, 0),
    'request',
  );
  const notes = recent.slice(0, MOST_TOLD).map((refusal) => noteOf(refusal, now));
  return [
    {
      subject: 'refusals',
      text: `${text} refused or taken in part`,
      problems: [
        problem(
          'FL818',
          'warning',
          `${text} of the last hour were refused or taken in part`,
          'the message says what to change in the client that it names; the log of the server has a line for each kind',
          notes,
        ),
      ],
    },
  ];
}

function noteOf(
  { at, times, status, peer, userAgent, message, spans }: RefusalDocument,
  now: number,
): string {
  const ago = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  const when = ago === 0 ? 'just now' : `${humanDuration(BigInt(ago) * 1_000_000_000n)} ago`;
  const who = [peer === '' ? 'a client' : peer, userAgent === '' ? '' : `(${userAgent})`];
  const left = spans === 0 ? '' : `, ${counted(spans, 'span')} left out`;
  const often = times === 1 ? '' : `, ${counted(times, 'time')}`;
  return `${who.filter((part) => part !== '').join(' ')}, ${when}${often}: ${status}${left}: ${message}`;
}
