/**
 * Spans about Fluo itself, if somebody asks for them (`telemetry:`): a small exporter to OTLP over HTTP. It drops what it cannot send, for
 * what it observes matters more than the observation.
 */
import { encodeRequest } from '../otlp/proto/encode-request.ts';
import type { Attributes, AttributeValue } from '../trace/attribute-value.ts';
import type { Resource, Span, SpanKind } from '../trace/span.ts';
import type { ServerClock } from './clock.ts';
import type { TelemetrySettings } from './settings.ts';

export interface OwnTelemetry {
  /** Begins a trace; null for the share of operations that is not observed, which costs nothing more. */
  begin(name: string, kind?: SpanKind): OwnSpan | null;
  /** Sends what waits, as far as it can be sent within a second or two. */
  stop(): Promise<void>;
}

export interface OwnSpan {
  set(attribute: string, value: AttributeValue): void;
  child(name: string): OwnSpan;
  /** Ends it now. `failed`: its status is error. */
  end(failed?: boolean): void;
}

export interface OwnTelemetryOptions {
  readonly settings: TelemetrySettings;
  readonly clock: ServerClock;
  readonly version: string;
  /** From 0 to 1, for the share. */
  readonly random: () => number;
  /** Bytes for ids. */
  readonly bytes: (count: number) => Uint8Array;
  /** Sends a request; false if it was not taken. Never rejects. */
  readonly post: (body: Uint8Array) => Promise<boolean>;
  readonly onOutcome: (outcome: 'exported' | 'dropped', spans: number) => void;
}

export const NO_TELEMETRY: OwnTelemetry = { begin: () => null, stop: async () => {} };

const MOST_WAITING = 2_048;
const SENT_TOGETHER = 512;
const SENT_EVERY_MS = 5_000;
const TIMEOUT_MS = 2_000;
const SCOPE = 'fluo';

export function ownTelemetry(options: OwnTelemetryOptions): OwnTelemetry {
  return new Exporter(options);
}

class Exporter implements OwnTelemetry {
  readonly #options: OwnTelemetryOptions;
  readonly #resource: Resource;
  readonly #post: (body: Uint8Array) => Promise<boolean>;
  #waiting: Span[] = [];
  #sending: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(options: OwnTelemetryOptions) {
    this.#options = options;
    this.#post = options.post;
    const attributes = new Map<string, AttributeValue>([
      ['service.name', 'fluo'],
      ['service.version', options.version],
      ['telemetry.sdk.name', 'fluo'],
      ['telemetry.sdk.language', 'nodejs'],
    ]);
    this.#resource = { attributes, service: 'fluo' };
  }

  begin(name: string, kind: SpanKind = 'internal'): OwnSpan | null {
    if (this.#options.random() >= this.#options.settings.ratio) return null;
    return this.#span(this.#id(16), '', name, kind);
  }

  async stop(): Promise<void> {
    this.#cancelTimer?.();
    await this.#sending;
    await this.#send();
  }

  #span(traceId: string, parentSpanId: string, name: string, kind: SpanKind): OwnSpan {
    const spanId = this.#id(8);
    const attributes = new Map<string, AttributeValue>();
    const start = this.#now();
    return {
      set: (attribute, value) => {
        attributes.set(attribute, value);
      },
      child: (childName) => this.#span(traceId, spanId, childName, 'internal'),
      end: (failed = false) => {
        const end = this.#now();
        this.#add(
          traceId,
          spanId,
          parentSpanId,
          name,
          kind,
          start,
          end > start ? end : start,
          failed,
          attributes,
        );
      },
    };
  }

  #add(
    traceId: string,
    spanId: string,
    parentSpanId: string,
    name: string,
    kind: SpanKind,
    start: bigint,
    end: bigint,
    failed: boolean,
    attributes: Attributes,
  ): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#options.onOutcome('dropped', 1);
      return;
    }
    this.#waiting.push({
      traceId,
      spanId,
      parentSpanId,
      name,
      kind,
      start,
      end,
      status: failed ? 'error' : 'unset',
      attributes,
      resource: this.#resource,
      scope: SCOPE,
      events: [],
      traceState: '',
    });
    if (this.#waiting.length >= SENT_TOGETHER) void this.#send();
    else this.#sendLater();
  }

  #sendLater(): void {
    this.#cancelTimer ??= this.#options.clock.after(SENT_EVERY_MS, () => {
      this.#cancelTimer = null;
      void this.#send();
    });
  }

  #send(): Promise<void> {
    if (this.#sending !== null || this.#waiting.length === 0) return this.#sending ?? Promise.resolve();
    const spans = this.#waiting;
    this.#waiting = [];
    this.#sending = this.#post(encodeRequest(spans)).then((taken) => {
      this.#sending = null;
      this.#options.onOutcome(taken ? 'exported' : 'dropped', spans.length);
    });
    return this.#sending;
  }

  /** Nanoseconds since 1970, steady within the process: ends are never before starts. */
  #now(): bigint {
    const { clock } = this.#options;
    this.#anchor ??= clock.wall() - clock.monotonic();
    return BigInt(Math.round((this.#anchor + clock.monotonic()) * 1000)) * 1000n;
  }
  #anchor: number | null = null;

  #id(bytes: number): string {
    return Buffer.from(this.#options.bytes(bytes)).toString('hex');
  }
}

/** Sends to a receiver of OTLP over HTTP. */
export function httpPost({ endpoint, headers }: TelemetrySettings): (body: Uint8Array) => Promise<boolean> {
  return async (body) => {
    try {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-protobuf' },
        body: body as Uint8Array<ArrayBuffer>,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  };
}
