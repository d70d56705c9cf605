/** What a server is told: the configuration with everything that it left open. */
import { DEFAULT_STREAM_LIMITS, type Millis, type StreamLimits } from '../engine/streaming/stream.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings } from '../engine/verdict.ts';
import { DEFAULT_SCAN_LIMITS, type ScanLimits } from '../otlp/proto/scan-limits.ts';
import type { CorsPolicy } from '../receiver/otlp/cors.ts';
import { DEFAULT_LIMITS, type ReceiverLimits } from '../receiver/otlp/receiver-limits.ts';
import type { Address } from './address.ts';
import type { LogFormat, LogLevel } from './log.ts';

export interface ServerSettings {
  /** Absolute path of the folder that everything is kept in. */
  readonly folder: string;
  /** Null: not served. */
  readonly grpc: Address | null;
  readonly http: Address | null;
  readonly cors: CorsPolicy | null;
  readonly api: Address;
  /** Names by which the API may be asked besides `localhost` and addresses: in lower case, without ports. */
  readonly apiHosts: readonly string[];
  readonly receiverLimits: ReceiverLimits;
  readonly scanLimits: ScanLimits;
  /** Longest time that a graceful stop may take. */
  readonly drain: Millis;
  readonly judge: JudgeSettings;
  readonly engine: StreamLimits;
  readonly wal: WalSettings;
  readonly archive: ArchiveSettings;
  readonly telemetry: TelemetrySettings | null;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}

export interface WalSettings {
  /** Beyond it, archived segments go even if a restart could use them; unarchived ones never do: then spans are refused. */
  readonly maxBytes: number;
  /** A segment is sealed when it has so many bytes, or is so old. */
  readonly segmentBytes: number;
  readonly segmentAge: Millis;
}

export interface ArchiveSettings {
  readonly retention: Millis;
  /** Beyond it the oldest hours go; null: only age counts. */
  readonly maxBytes: number | null;
  readonly compaction: boolean;
}

/** Fluo's own spans, to an OTLP/HTTP endpoint. */
export interface TelemetrySettings {
  /** `http://localhost:4318/v1/traces`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Share of its own operations that become traces, 0 to 1. */
  readonly ratio: number;
}

const MIB = 1024 * 1024;
const DAY = 86_400_000;

/** All but the folder. */
export const DEFAULT_SERVER_SETTINGS: Omit<ServerSettings, 'folder'> = {
  grpc: { host: '127.0.0.1', port: 4317 },
  http: { host: '127.0.0.1', port: 4318 },
  cors: null,
  api: { host: '127.0.0.1', port: 4319 },
  apiHosts: [],
  receiverLimits: DEFAULT_LIMITS,
  scanLimits: DEFAULT_SCAN_LIMITS,
  drain: 20_000,
  judge: DEFAULT_JUDGE_SETTINGS,
  engine: DEFAULT_STREAM_LIMITS,
  wal: { maxBytes: 8 * 1024 * MIB, segmentBytes: 64 * MIB, segmentAge: 2_000 },
  archive: { retention: 35 * DAY, maxBytes: null, compaction: true },
  telemetry: null,
  log: { level: 'info', format: 'auto' },
};

/** The folder's name beside `fluo.yaml`, where nothing else is said. */
export const DEFAULT_FOLDER = '.fluo';
