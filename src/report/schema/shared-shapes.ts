/** Shapes that several outputs share: spans, values, diagnostics. */
import { VERDICTS, type Verdict } from '../../engine/verdict.ts';
import { SPAN_KINDS, SPAN_STATUSES } from '../../trace/span.ts';
import type { ReportedDiagnostic, ReportedFix, ReportedSpan, ReportedValue } from '../check-report.ts';
import {
  anyOf,
  boolean,
  choice,
  count,
  define,
  list,
  number,
  type OutputShape,
  object,
  orNull,
  record,
  text,
} from './output-shape.ts';

export const NANOS: OutputShape<string> = define(
  'nanos',
  'Nanoseconds since 1970-01-01T00:00:00Z, as decimal digits: they do not fit a JSON number.',
  () => text(/^\d+$/),
);

export const LINE: OutputShape<number> = define('line', 'A line of a file, from 1.', count);
export const COLUMN: OutputShape<number> = define('column', 'A column, from 1, in UTF-16 code units.', count);

export const VALUE: OutputShape<ReportedValue> = define(
  'value',
  "An attribute's value. What JSON cannot say, or what is too long, is an object with known keys.",
  () =>
    anyOf<ReportedValue>(
      text(),
      number(),
      boolean(),
      list(VALUE),
      object<{ readonly bigint: string }>({ bigint: [text(/^-?\d+$/), 'A whole number beyond 2^53.'] }),
      object<{ readonly double: 'NaN' | 'Infinity' | '-Infinity' | '-0' }>({
        double: [choice(['NaN', 'Infinity', '-Infinity', '-0']), 'A number that JSON does not have.'],
      }),
      object<{ readonly bytes: string; readonly length: number }>({
        bytes: [text(), 'The first 1024 bytes, base64.'],
        length: [count(), 'How many there are.'],
      }),
      object<{ readonly text: string; readonly length: number }>({
        text: [text(), 'The first 1024 UTF-16 code units of a longer text.'],
        length: [count(), 'How many there are.'],
      }),
      object<{ readonly array: readonly ReportedValue[]; readonly length: number }>({
        array: [list(VALUE), 'The first 100 elements of a longer array; none below the fourth level.'],
        length: [count(), 'How many there are.'],
      }),
      object<{ readonly map: { readonly [name: string]: ReportedValue }; readonly length: number }>({
        map: [record(VALUE), 'The first 64 entries of a key-value list; none below the fourth level.'],
        length: [count(), 'How many there are.'],
      }),
    ),
);

export const SPAN: OutputShape<ReportedSpan> = define('span', 'A span of a trace.', () =>
  object<ReportedSpan>({
    traceId: [text(), "The trace's id, 32 hexadecimal digits."],
    spanId: [text(), "The span's id, 16 hexadecimal digits."],
    parentSpanId: [text(), 'The id of its parent; empty for a root.'],
    name: [text(), "The span's name, at most 512 UTF-16 code units of it."],
    service: [text(), 'The resource attribute `service.name`; empty where it is missing.'],
    kind: [choice(SPAN_KINDS), "The span's kind."],
    status: [choice(SPAN_STATUSES), "The span's status."],
    start: [NANOS, 'When it started.'],
    end: [NANOS, 'When it ended.'],
    attributes: [record(VALUE), 'Its attributes, at most 64, in the order of their names.'],
    attributesOmitted: [count(), 'How many attributes are left out.'],
  }),
);

export const VERDICT_COUNTS: OutputShape<{ readonly [verdict in Verdict]: number }> = define(
  'verdictCounts',
  'How often each verdict was given.',
  () =>
    object<{ readonly [verdict in Verdict]: number }>({
      satisfied: [count(), 'The trigger occurred, and what must hold held.'],
      violated: [count(), 'The trigger occurred, and what must hold did not.'],
      not_applicable: [count(), 'The trigger did not occur.'],
      inconclusive: [count(), 'The answer is not proved.'],
    }),
);

export const VERDICT: OutputShape<Verdict> = define('verdict', 'What a rule says of a scope.', () =>
  choice(VERDICTS),
);

const FIX: OutputShape<ReportedFix> = define(
  'fix',
  'A mechanical repair: replace what stands between two places.',
  () =>
    object<ReportedFix>({
      line: [LINE, 'Where the old text begins.'],
      column: [COLUMN, 'Where the old text begins.'],
      endLine: [LINE, 'Where the old text ends.'],
      endColumn: [COLUMN, 'The first column behind the old text.'],
      text: [text(), 'The new text.'],
    }),
);

export const DIAGNOSTIC: OutputShape<ReportedDiagnostic> = define(
  'diagnostic',
  'Something that is wrong with an input, with its place.',
  () =>
    object<ReportedDiagnostic>({
      code: [text(/^FL\d{3}$/), 'The code, such as `FL203`; `fluo explain FL203` says more.'],
      name: [text(), "The code's name, kebab-case."],
      severity: [choice(['error', 'warning', 'info']), 'How bad it is.'],
      message: [text(), 'One sentence.'],
      file: [orNull(text()), 'The file concerned.'],
      line: [orNull(LINE), 'Where it begins.'],
      column: [orNull(COLUMN), 'Where it begins.'],
      endLine: [orNull(LINE), 'Where it ends.'],
      endColumn: [orNull(COLUMN), 'The first column behind it.'],
      frame: [orNull(text()), 'The lines of the file with carets below, plain text.'],
      notes: [list(text()), 'Further facts.'],
      help: [text(), 'What to do next.'],
      fix: [orNull(FIX), 'A repair, where one is certain.'],
    }),
);
