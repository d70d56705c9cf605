/** A record to spans: the generic way, which reads every accepted form and says what is wrong with the rest. */
import { formatPath, type JsonFault, type JsonPath, locateJson, readJson } from '../base/exact-json.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { readProtoRequest } from '../otlp/proto/trace-request.ts';
import { type SpanFault, SpanSink } from '../otlp/span-sink.ts';
import type { Span } from '../trace/span.ts';
import { helpFor } from './input-help.ts';
import { readJsonDocument } from './json-document.ts';
import type { TraceRecord } from './record.ts';

interface DecodedRecord {
  /** In the order of the record. */
  readonly spans: readonly Span[];
  /** Requests of logs, metrics or profiles: passed over. */
  readonly foreign: number;
  /** At most some twenty a record; the last one says how many more there were. */
  readonly diagnostics: readonly Diagnostic[];
  /** Spans that were lost or read without a part of theirs, and 1 for a record that could not be read as a whole. */
  readonly damaged: number;
  /** Spans whose end was missing or before their start, and was set to the start. */
  readonly mended: number;
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });
const LENIENT_UTF8 = new TextDecoder('utf-8');

/** Decodes a record of any format. Never throws, whatever the bytes. Cost: linear in the record. */
export function decodeRecord(record: TraceRecord): DecodedRecord {
  const sink = new SpanSink();
  const diagnostics: Diagnostic[] = [];
  if (record.format === 'otlp-proto') {
    readProtoRequest(sink, record.bytes);
    for (const fault of sink.faults) diagnostics.push(protoDiagnostic(record, fault));
  } else readText(record, sink, diagnostics);
  const shown = sink.faults.length;
  if (sink.faultCount > shown) diagnostics.push(furtherFaults(record, sink.faultCount - shown));
  const { spans, foreign, damaged, mended } = sink;
  return { spans, foreign, diagnostics, damaged, mended };
}

function readText(record: TraceRecord, sink: SpanSink, diagnostics: Diagnostic[]): void {
  let text: string;
  try {
    text = STRICT_UTF8.decode(record.bytes);
  } catch {
    text = LENIENT_UTF8.decode(record.bytes);
    sink.damaged++;
    diagnostics.push(utf8Diagnostic(record, text));
  }
  const { value, faults } = readJson(text);
  sink.damaged += faults.length;
  for (const fault of faults) diagnostics.push(jsonDiagnostic(record, text, fault));
  if (value === undefined) return;
  readJsonDocument(sink, value);
  // Elements that were left out shift the indices of the others: then only the record is named, not the place in it.
  const locate = (path: JsonPath) => (faults.length === 0 ? locateJson(text, path) : 0);
  for (const fault of sink.faults) diagnostics.push(fieldDiagnostic(record, text, fault, locate(fault.path)));
}

function utf8Diagnostic(record: TraceRecord, text: string): Diagnostic {
  const offset = Math.max(0, text.indexOf('\ufffd'));
  return {
    code: 'FL511',
    severity: 'error',
    message: 'the record holds bytes that are not UTF-8',
    file: record.file,
    line: lineOf(record, text, offset),
    notes: [`near ${excerpt(text, offset)}; the bytes are read as U+FFFD`],
    help: helpFor('FL511'),
  };
}

function jsonDiagnostic(record: TraceRecord, text: string, fault: JsonFault): Diagnostic {
  return {
    code: 'FL510',
    severity: 'error',
    message: `the record is not valid JSON: ${fault.message}`,
    file: record.file,
    line: lineOf(record, text, fault.offset),
    notes: [`near ${excerpt(text, fault.offset)}`],
    help: helpFor('FL510'),
  };
}

function fieldDiagnostic(record: TraceRecord, text: string, fault: SpanFault, offset: number): Diagnostic {
  return {
    code: fault.code,
    severity: 'error',
    message: sentence(fault),
    file: record.file,
    line: lineOf(record, text, offset),
    help: helpFor(fault.code),
  };
}

function protoDiagnostic(record: TraceRecord, fault: SpanFault): Diagnostic {
  return {
    code: fault.code,
    severity: 'error',
    message: sentence(fault),
    file: record.file,
    notes: [`in message ${record.line} of the file`],
    help: helpFor(fault.code),
  };
}

function furtherFaults(record: TraceRecord, count: number): Diagnostic {
  return {
    code: 'FL525',
    severity: 'error',
    message: `the record has ${count} more ${count === 1 ? 'fault' : 'faults'}`,
    file: record.file,
    ...(record.format === 'otlp-proto' ? {} : { line: record.line }),
    help: helpFor('FL525'),
  };
}

function sentence(fault: SpanFault): string {
  const path = formatPath(fault.path);
  return `${path === '' ? 'the record' : `\`${path}\``} ${fault.message}`;
}

/** The line in the file of an offset in the record's text. */
function lineOf(record: TraceRecord, text: string, offset: number): number {
  let line = record.line;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** The text around an offset, on one line, in backticks. */
function excerpt(text: string, offset: number): string {
  const from = Math.max(0, offset - 30);
  const to = Math.min(text.length, offset + 30);
  const cut = text.slice(from, to).replace(/\s+/g, ' ');
  return `\`${from > 0 ? '...' : ''}${cut}${to < text.length ? '...' : ''}\``;
}
