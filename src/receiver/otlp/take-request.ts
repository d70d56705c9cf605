/** What happens to an export request behind its protocol: read, unpacked, brought to protobuf, handed to the intake. */
import type { Readable } from 'node:stream';
import { type JsonConversion, jsonToProto } from '../../otlp/json-to-proto.ts';
import type { SpanFault } from '../../otlp/span-sink.ts';
import type { IntakeRefusal, SpanIntake, Transport } from '../span-intake.ts';
import type { BodyPool } from './body-pool.ts';
import { type ByteBudget, Holding, type ReceiverLimits } from './receiver-limits.ts';
import type { Outcome, ReceiverStats } from './receiver-stats.ts';
import type { RefusedRequest } from './refused-request.ts';
import { type LengthIn, readBody } from './request-body.ts';
import { type Packing, unpack } from './unpack.ts';

/** How a request ended, in the terms of no protocol. */
export type RequestResult =
  | { readonly kind: 'accepted'; readonly rejectedSpans: number; readonly message: string }
  | { readonly kind: 'malformed'; readonly message: string }
  /** `unread` says that some of the body was left unread. */
  | { readonly kind: 'too-large'; readonly message: string; readonly unread: boolean }
  | (IntakeRefusal & { readonly unread: boolean })
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'failed'; readonly message: string };

/** What all requests of a receiver share. */
export interface TakingParts {
  readonly intake: SpanIntake;
  readonly limits: ReceiverLimits;
  readonly budget: ByteBudget;
  readonly pool: BodyPool;
  readonly stats: ReceiverStats;
  /** Is told of each request that was not taken, or not whole, unless its client went away. */
  readonly onRefused: (request: RefusedRequest) => void;
  /** Is told of errors that only a bug can cause. */
  readonly onBug: (error: unknown) => void;
}

/** How a body holds its message. */
export interface Framing {
  readonly lengthIn?: LengthIn;
  unframe(body: Uint8Array): FramedMessage;
}
export type FramedMessage =
  | { readonly kind: 'message'; readonly bytes: Uint8Array; readonly packing: Packing }
  | { readonly kind: 'malformed'; readonly message: string };

const SHED_RETRY_MS = 1000;

/**
 * Takes one request from a stream that is positioned at its body. `declared` is the length that the client named, or -1. Never rejects.
 * The outcome is counted, all but 'abandoned' and what the caller finds out on its own.
 */
export async function takeRequest(
  parts: TakingParts,
  body: Readable,
  declared: number,
  transport: Transport,
  framing: Framing,
): Promise<RequestResult> {
  const holding = new Holding(parts.budget);
  let result: RequestResult;
  try {
    result = await take(parts, body, declared, transport, framing, holding);
  } catch (error) {
    parts.onBug(error);
    result = {
      kind: 'failed',
      message: 'Fluo failed at this request, which is a bug of Fluo; its log tells more',
    };
  } finally {
    holding.release();
  }
  if (result.kind !== 'abandoned') parts.stats.ended(transport, outcomeOf(result));
  if (result.kind === 'accepted') parts.stats.rejected(transport, result.rejectedSpans);
  return result;
}

async function take(
  { intake, limits, budget, pool, stats }: TakingParts,
  body: Readable,
  declared: number,
  transport: Transport,
  framing: Framing,
  holding: Holding,
): Promise<RequestResult> {
  if (declared > limits.bodyBytes) return tooLarge('the request', 'body', declared, limits.bodyBytes, true);
  const refusal = intake.admit(Math.max(declared, 0));
  if (refusal !== null) return { ...refusal, unread: true };
  const read = await readBody(body, declared, limits.bodyBytes, holding, pool, framing.lengthIn);
  if (read.kind === 'gone') return { kind: 'abandoned' };
  if (read.kind === 'too-large') return tooLarge('the request', 'body', -1, limits.bodyBytes, true);
  if (read.kind === 'no-room') return shed(budget, true);

  const framed = framing.unframe(read.bytes);
  if (framed.kind === 'malformed') return framed;
  const limit = transport === 'http-json' ? limits.jsonBytes : limits.unpackedBytes;
  const unpacking = unpack(framed.bytes, framed.packing, limit);
  const unpacked = unpacking instanceof Promise ? await unpacking : unpacking;
  const isAsSent = unpacked.kind === 'unpacked' && unpacked.bytes === framed.bytes;
  const received = read.bytes.length;
  if (!isAsSent) pool.give(read.bytes);
  if (unpacked.kind === 'too-large') {
    return transport === 'http-json'
      ? tooLarge('the JSON request, unpacked,', 'json', -1, limit, false)
      : tooLarge('the request, unpacked,', 'unpacked', -1, limit, false);
  }
  if (unpacked.kind === 'damaged') {
    return {
      kind: 'malformed',
      message: `the body is not whole \`${framed.packing}\`: ${unpacked.message}`,
    };
  }
  let { bytes } = unpacked;
  stats.received(transport, received, bytes.length);
  if (!holding.raiseTo(bytes.length)) return shed(budget, false);

  let conversion: JsonConversion | null = null;
  if (transport === 'http-json') {
    conversion = jsonToProto(bytes);
    if (conversion.bytes === null) {
      return {
        kind: 'malformed',
        message: `this is no ExportTraceServiceRequest as JSON: ${faultText(conversion)}`,
      };
    }
    ({ bytes } = conversion);
  }
  // What was made of the body is memory of its own.
  const isBody = isAsSent && conversion === null;
  if (isAsSent && !isBody) pool.give(read.bytes);
  const outcome = await intake.export(bytes, transport, isBody ? () => pool.give(read.bytes) : undefined);
  if (outcome.kind === 'malformed') return outcome;
  if (outcome.kind !== 'accepted') return { ...outcome, unread: false };
  if (conversion === null || conversion.faultCount === 0) return outcome;
  return {
    kind: 'accepted',
    rejectedSpans: outcome.rejectedSpans + conversion.rejected,
    message: [faultText(conversion), outcome.message].filter((part) => part !== '').join('; '),
  };
}

export function outcomeOf(
  result: Exclude<RequestResult, { kind: 'abandoned' }>,
): Exclude<Outcome, 'abandoned'> {
  if (result.kind === 'accepted') return result.rejectedSpans > 0 ? 'partial' : 'accepted';
  return result.kind;
}

/** `setting` is the key under `serve.limits` of the configuration. */
function tooLarge(
  what: string,
  setting: string,
  size: number,
  limit: number,
  unread: boolean,
): RequestResult {
  const found = size < 0 ? `has more than ${mebibytes(limit)}` : `has ${mebibytes(size)}`;
  return {
    kind: 'too-large',
    unread,
    message:
      `${what} ${found}, where ${mebibytes(limit)} are taken: send fewer spans at a time ` +
      '(in the Collector `send_batch_max_size` of the `batch` processor, in an SDK `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`), or raise ' +
      `\`serve.limits.${setting}\` of Fluo`,
  };
}

function shed(budget: ByteBudget, unread: boolean): RequestResult {
  return {
    kind: 'overloaded',
    retryAfterMs: SHED_RETRY_MS,
    unread,
    message: `requests of ${mebibytes(budget.limit)} are in work already: send this one again later`,
  };
}

function mebibytes(bytes: number): string {
  const size = bytes / (1024 * 1024);
  return size < 0.1 ? `${bytes} bytes` : `${Number.isInteger(size) ? size : size.toFixed(1)} MiB`;
}

const MOST_FAULTS_TOLD = 3;

function faultText({ faults, faultCount }: JsonConversion): string {
  const told = faults.slice(0, MOST_FAULTS_TOLD).map(faultSentence);
  if (faultCount > told.length) told.push(`and ${faultCount - told.length} more`);
  return told.join('; ');
}

function faultSentence({ path, message }: SpanFault): string {
  if (path.length === 0) return `the body ${message}`;
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return `\`${text.startsWith('.') ? text.slice(1) : text}\` ${message}`;
}
