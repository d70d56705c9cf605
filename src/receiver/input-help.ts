/** What to do next, for each objection to input. */
import type { DiagnosticCode } from '../diagnostic/codes.ts';

const HELP: Partial<Record<DiagnosticCode, string>> = {
  FL502:
    'give OTLP/JSON, OTLP protobuf, Jaeger JSON or Zipkin v2 JSON, plain or gzipped; `fluo explain FL502` shows each',
  FL504:
    'copy or export the file again; what could be unpacked before the damage was read, of a small file that may be nothing',
  FL505: 'check that the exporter flushed, or that the command before the pipe wrote something',
  FL506: 'give the folder that the exporter writes to, or a file',
  FL510: 'export the record again, or mend the place named; the records around it were read',
  FL511: 'write texts as UTF-8 where the spans are made; the rest of the record was read',
  FL512: 'export the record again, or wait until its writer has finished; what was whole was read',
  FL513: 'export such a piece in smaller parts, one trace or request on each line',
  FL514: 'remove the record, or convert it to OTLP/JSON; the others were read',
  FL515: 'export the message again; what was whole was read',
  FL516: 'export the file again; what stood before the damage was read',
  FL517: 'write `resource` and `scope` before the spans, or fewer spans in a request',
  FL518: 'write traces to a file of their own; the records around were read',
  FL520: 'see to it that the program that made the span sends a trace id; the span was left out',
  FL521: 'see to it that the program that made the span sends its ids whole; the span was left out',
  FL522: 'see to it that the program that made the span sends its times',
  FL523: 'compare the program that wrote the record with the definition of its format',
  FL524:
    'see to it that the program that made the span sends the attribute with a kind; rules find it missing',
  FL525: 'mend the faults above first: the others are probably of the same kind',
  FL526: 'export the whole trace, with its `processes`',
  FL527: 'set the limits of the SDK, or put less into attributes; the span was left out',
};

/** The next step for a code of this area. */
export function helpFor(code: DiagnosticCode): string {
  return HELP[code] ?? `see \`fluo explain ${code}\``;
}
