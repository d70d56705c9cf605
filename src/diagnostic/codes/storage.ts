/** What can be wrong with what the live engine keeps on disk: its logs (FL820 to FL829) and the archive (FL830 to FL839). */
import type { CodeEntry } from '../codes.ts';

export const STORAGE_CODES = {
  FL820: {
    name: 'log-tail-cut',
    title: 'A log ends with a whole record',
    explanation:
      'The server was killed, or the machine lost power, while something was being written. The half-written end is cut off. Nothing that was ' +
      'acknowledged to a client is in it, for a client is answered only when its spans are synced; it will send them again.',
  },
  FL821: {
    name: 'log-damaged',
    title: 'What a log holds is what was written to it',
    explanation:
      'A record in the middle of a log does not have the checksum that it was written with: a fault of the disk or of memory, or somebody edited ' +
      'the file. The record is left out and everything else is used. A copy of the damaged file is kept in the folder `damaged` beside it.',
  },
  FL822: {
    name: 'log-unwritable',
    title: 'The log of the server can be written',
    explanation:
      'The disk is full, read-only, or does not work. Spans are refused with 503 (gRPC: UNAVAILABLE), so that clients keep them and send them ' +
      'again; what was acknowledged before is safe. The server tries again every second and goes on by itself when the disk takes it.',
  },
  FL823: {
    name: 'log-incomplete',
    title: 'Everything that was synced to a log is still there',
    explanation:
      'A file of the log is shorter than it was known to be, or cannot be read: a fault of the disk, a disk that says that it has synced and has ' +
      'not, or a file that was cut or restored from a copy. Spans that were acknowledged are missing from the archive.',
  },
  FL824: {
    name: 'log-too-large',
    title: 'What waits to be archived fits into `wal.max_bytes`',
    explanation:
      'So much of the write-ahead log is not archived yet that no more is taken: spans are refused until the archive has caught up. The archiver ' +
      'fails (the log of the server says why), or the disk is too slow for the traffic.',
  },
  FL825: {
    name: 'log-begins-late',
    title: 'The write-ahead log holds all open traces from their first span',
    explanation:
      'At a restart the open traces are rebuilt from the write-ahead log. It was cut to `wal.max_bytes` in the middle of some of them. These are ' +
      'not judged, and groups of rules with `across` that begin soon after are incomplete: a judgement of a part could be wrong. Give ' +
      '`wal.max_bytes` room for fifteen minutes of traffic.',
  },
  FL826: {
    name: 'data-removed',
    title: 'What lies in the data folder stays there while the server runs',
    explanation:
      'Somebody removed files or folders of the data folder under the running server. Signals, the journal and waiting notifications are written ' +
      'again from memory, and nothing of them is lost. The folder of the write-ahead log is made again, but its segments are gone: spans that the ' +
      'archive did not have yet are missing from it for good, and what was open is not judged after a crash. Stop the server first.',
  },
  FL827: {
    name: 'rule-version-unknown',
    title: 'What rules meant when open traces began is known',
    explanation:
      'A trace is judged by the rules that it began with. After a restart the log is read again with the rules of then, whose texts are kept in the ' +
      'data folder. Here they are not: the folder `rules` in it was damaged or removed, it was written by a version of Fluo that kept none, or a ' +
      'setting by which all rules are judged was changed (`limits`, `clock_skew`, `environment`, `sampling`). Traces that began before are not judged by these rules; nothing false is said of them.',
  },
  FL830: {
    name: 'archive-unwritable',
    title: 'The archive can be written',
    explanation:
      'The disk is full, read-only, or does not work. The spans in question are safe in the write-ahead log; they are archived as soon as the disk ' +
      'takes them: the server tries again by itself. While it cannot, the log grows, up to `wal.max_bytes`.',
  },
  FL831: {
    name: 'archiver-ended',
    title: 'The thread that writes the archive runs',
    explanation:
      'The thread ended without being asked to: mostly for want of memory. It is started again, and the segment that it was at is archived anew. ' +
      'Archiving the same segment twice gives the same files, so nothing is lost or doubled.',
  },
  FL832: {
    name: 'compaction-failed',
    title: 'Small files of the archive can be put together',
    explanation:
      'The program that makes one file of the many of an hour ended with an error, or its file did not hold the same number of spans. Nothing was ' +
      'changed: all spans are in the small files, which can be read as before, only more slowly. It is tried again later. Its memory is limited; ' +
      'it uses the folder `archive/tmp` of the disk instead, which must have room for the spans of an hour.',
  },
  FL833: {
    name: 'duckdb-missing',
    title: 'DuckDB is installed',
    explanation:
      'DuckDB is an optional dependency, `@duckdb/node-api`. Without it, as after `npm install --omit=optional` or on a machine that it does not run on, ' +
      'rules are judged and spans archived as ever. But the small files of an hour are not put together, so the archive is slower to read, and verdicts ' +
      'are answered only as far as the server remembers them: none while no server runs. Other programs can read the archive all the same.',
  },
} as const satisfies Record<string, CodeEntry>;
