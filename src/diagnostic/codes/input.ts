/** Traces that come in. FL500 to FL509 a file as a whole, FL510 to FL519 a record, FL520 to FL529 a span, FL550 on the pipeline behind. */
import type { CodeEntry } from '../codes.ts';

export const INPUT_CODES = {
  FL501: {
    name: 'unreadable-input',
    title: 'A file of traces can be read',
    explanation:
      'The path does not exist, may not be read by this user, or the disk refused. Nothing of it was judged, so the answer of the whole run ' +
      'cannot be trusted. Check the path, and that a pattern such as `*.json` was expanded by the shell.',
    bad: 'fluo check tracse.json',
    good: 'fluo check traces.json',
  },
  FL502: {
    name: 'unrecognised-input',
    title: 'A file of traces holds a format that Fluo knows',
    explanation:
      'The format is recognised by what is in the file, never by its name. Known are: OTLP/JSON (a request with `resourceSpans`, an array of ' +
      'requests, or one on each line, as the Collector writes them), OTLP protobuf (one message, or many with their lengths before them), Jaeger ' +
      'JSON (`{"data":[...]}`, or traces with `traceID` and `spans`) and Zipkin v2 JSON (arrays of spans with `traceId` and `id`). Each may be ' +
      'gzipped. A file that was found in a folder and is something else is passed over with a warning.',
    bad: '{"events":[{"id":1}]}',
    good: '{"resourceSpans":[]}',
  },
  FL503: {
    name: 'unsupported-encoding',
    title: 'A file of traces is plain or gzipped, and its text is UTF-8',
    explanation:
      'The first bytes are those of another compression, of an archive or of another encoding of text. Unpack or convert the file first: ' +
      "`zstd -dc traces.json.zst | fluo check -`. The Collector's file exporter with `compression: zstd` compresses each message on its own, " +
      'which no tool unpacks as a whole: leave the option out. PowerShell writes UTF-16 with `>`: use `| Out-File -Encoding utf8`.',
  },
  FL504: {
    name: 'damaged-gzip',
    title: 'A gzipped file is whole',
    explanation:
      'The compressed stream ends early or does not fit its checksum: a copy that was broken off, or a file that is still being written. What ' +
      'could be unpacked before the damage was read and judged. Traces may be cut by it, so expect some that are incomplete.',
  },
  FL505: {
    name: 'empty-input',
    title: 'A file of traces has something in it',
    explanation:
      'The file, or standard input, has no bytes but blanks: there was nothing to judge. An exporter that did not flush, or a pipe whose first ' +
      'command failed, looks like this.',
  },
  FL506: {
    name: 'empty-folder',
    title: 'A folder of traces has files in it',
    explanation:
      'A folder stands for all files in it and below, in the order of their names; files and folders whose names begin with a dot are passed over.',
  },
  FL510: {
    name: 'damaged-json',
    title: 'A record is valid JSON',
    explanation:
      'The text breaks the rules of JSON at the place named. If it is inside of an array, the element that cannot be read is left out, and the ' +
      'others are read: a bad attribute costs the attribute, a bad span the span. Otherwise the whole record is lost.',
    bad: '{"resourceSpans":[}',
    good: '{"resourceSpans":[]}',
  },
  FL511: {
    name: 'invalid-utf8',
    title: 'Texts are UTF-8',
    explanation:
      'Some bytes are no character in UTF-8; they are read as U+FFFD, and the rest as it is. A program that cuts texts by bytes, or writes them in ' +
      'Latin-1, does this. A name or value with such bytes matches no rule that names it.',
  },
  FL512: {
    name: 'cut-off-record',
    title: 'A record is whole',
    explanation:
      'The file ends, or another record begins, in the middle of one. The writer was stopped, the disk was full, or the file is still being ' +
      'written. The elements that were whole are read.',
  },
  FL513: {
    name: 'oversized-record',
    title: 'A record fits in memory',
    explanation:
      'Large documents are read piece by piece, but one piece (a span, or a whole Jaeger trace, whose processes stand behind its spans) must be ' +
      'held at once: 64 MiB at most, 256 MiB for a Jaeger trace. The piece was passed over, and what stands behind it was read.',
  },
  FL514: {
    name: 'unknown-record',
    title: 'A record is a request, a trace or a span',
    explanation:
      'The record is valid JSON, but none of the shapes that hold spans. Records of logs, metrics and profiles in OTLP are known, passed over and ' +
      'counted; this is something else.',
    bad: '{"message":"started"}',
    good: '{"resourceSpans":[]}',
  },
  FL515: {
    name: 'damaged-protobuf',
    title: 'A message follows the wire format of protobuf',
    explanation:
      "A length passes the end of its message, a value is cut off, or a field is not of the type that OTLP's definition gives it. The part that is damaged is " +
      'left out (a span, or all that follows in its list); what encloses it is read.',
  },
  FL516: {
    name: 'broken-framing',
    title: 'The lengths between protobuf messages are right',
    explanation:
      'In a file of many messages each has its length before it: four bytes as the Collector writes them, or a varint as protobuf libraries do. Once a ' +
      'length is wrong, nobody can tell where the next message begins: the rest of the file is not read.',
  },
  FL517: {
    name: 'late-header',
    title: 'In a large document a resource stands before its spans',
    explanation:
      'The spans of one resource were too many to be held at once, so they were read before the resource, or the scope, was known; then it came behind ' +
      'them. Those spans have no attributes of the resource, and no `span.service`. Writers of OTLP put the resource first.',
  },
  FL518: {
    name: 'not-a-record',
    title: 'Between records there is nothing else',
    explanation:
      "Lines that begin with neither a brace nor a bracket stand between the records: a program's log that went to the same file, or the rest of a record " +
      'whose beginning is damaged. They are passed over.',
  },
  FL520: {
    name: 'invalid-trace-id',
    title: 'A span has a trace id',
    explanation:
      'A trace id has 16 bytes that are not all zero: 32 hex digits in JSON, of either case (base64 of 16 bytes is read too; Jaeger and Zipkin may leave ' +
      'leading zeros out). A span without one belongs to no trace, and is left out.',
    bad: '{"traceId":"abc"}',
    good: '{"traceId":"5b8efff798038103d269b633813fc60c"}',
  },
  FL521: {
    name: 'invalid-span-id',
    title: 'A span has an id, and its parent too',
    explanation:
      'A span id has 8 bytes that are not all zero: 16 hex digits in JSON. The id of a parent may be empty or zeros, and the span is then a root. With a ' +
      'damaged one nobody knows where the span belongs: it is left out.',
    bad: '{"spanId":"xyz"}',
    good: '{"spanId":"eee19b7ec3c1b174"}',
  },
  FL522: {
    name: 'invalid-time',
    title: 'A span has a time',
    explanation:
      'Order is judged by start and end. OTLP has nanoseconds since 1970, Jaeger and Zipkin microseconds, as whole numbers (in OTLP/JSON as text too). A span ' +
      'without a start is left out. An end that is missing or before the start is set to the start, and counted.',
    bad: '{"startTimeUnixNano":"yesterday"}',
    good: '{"startTimeUnixNano":"1544712660000000000"}',
  },
  FL523: {
    name: 'wrong-field-type',
    title: "A field has the type that the format's definition gives it",
    explanation:
      'A text stands where a list belongs, or a number where a text does. Without a name or an id a span is left out; without another field it is read, and ' +
      'counted as damaged.',
    bad: '{"name":5}',
    good: '{"name":"payment.charge"}',
  },
  FL524: {
    name: 'unreadable-attribute',
    title: 'An attribute has a key and a value of a known kind',
    explanation:
      'The attribute is left out, so that rules find it missing, and the span is read and counted as damaged. In OTLP/JSON a value is an object that names ' +
      'its kind; in Jaeger JSON a tag has `key`, `type` and `value`; in Zipkin all values are texts.',
    bad: '{"key":"amount","value":{"intValue":"ten"}}',
    good: '{"key":"amount","value":{"intValue":"10"}}',
  },
  FL525: {
    name: 'further-faults',
    title: 'A record has few faults',
    explanation: 'The record has more faults than are shown one by one. All were counted.',
  },
  FL526: {
    name: 'unknown-process',
    title: 'A span of Jaeger names a process of its trace',
    explanation:
      'The `processID` is not among the `processes` of the trace, so the span has no service and no attributes of its process. It is read, and counted as ' +
      'damaged.',
  },
  FL527: {
    name: 'span-over-limits',
    title: 'A span that is received keeps to the limits',
    explanation:
      'The span has more attributes or events than are taken, an attribute that is too large, or a value that nests too deep: by default 1,024 attributes, ' +
      '4,096 events, 1 MiB an attribute and 32 levels. It is left out, and the sender is told so in the partial success. Such spans mostly carry a whole ' +
      'document or table in an attribute: set the limits of the SDK (`OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`).',
  },
} as const satisfies Record<string, CodeEntry>;
