/** What `fluo.yaml` says of the live engine, over the defaults. */
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import { type Address, parseAddress } from '../server/address.ts';
import type { LogFormat, LogLevel } from '../server/log.ts';
import { DEFAULT_SERVER_SETTINGS, type ServerSettings, type TelemetrySettings } from '../server/settings.ts';
import type { YamlSettings } from './yaml-settings.ts';

/** All but the folder, and but what `fluo check` has as well. */
export type ServeConfiguration = Omit<ServerSettings, 'folder' | 'judge'>;

const { judge: _ofCheck, ...ENGINE_SETTINGS } = DEFAULT_SERVER_SETTINGS;
export const DEFAULT_SERVE_CONFIGURATION: ServeConfiguration = ENGINE_SETTINGS;

/** `root` has passed its shape. */
export function serveConfigurationOf(root: YamlSettings): ServeConfiguration {
  const fallback = DEFAULT_SERVER_SETTINGS;
  const serve = root.section('serve');
  const http = serve.section('http');
  const wal = root.section('wal');
  const archive = root.section('archive');
  const log = root.section('log');
  return {
    grpc: listenOf(serve.section('grpc'), fallback.grpc),
    http: listenOf(http, fallback.http),
    cors: corsOf(http.section('cors')),
    api: listenOf(serve.section('api'), fallback.api) ?? fallback.api,
    apiHosts:
      serve
        .section('api')
        .texts('hosts')
        ?.map((name) => name.toLowerCase()) ?? fallback.apiHosts,
    ...limitsOf(serve.section('limits')),
    drain: serve.milliseconds('drain') ?? fallback.drain,
    engine: engineLimitsOf(root.section('limits')),
    wal: {
      maxBytes: wal.bytes('max_bytes') ?? fallback.wal.maxBytes,
      segmentBytes: wal.bytes('segment') ?? fallback.wal.segmentBytes,
      segmentAge: wal.milliseconds('segment_age') ?? fallback.wal.segmentAge,
    },
    archive: {
      retention: archive.milliseconds('retention') ?? fallback.archive.retention,
      maxBytes: archive.bytes('max_bytes') ?? fallback.archive.maxBytes,
      compaction: archive.boolean('compaction') ?? fallback.archive.compaction,
    },
    telemetry: telemetryOf(root.section('telemetry')),
    log: {
      level: (log.text('level') ?? fallback.log.level) as LogLevel,
      format: (log.text('format') ?? fallback.log.format) as LogFormat,
    },
  };
}

/** What the shape cannot see: ports that do not exist, and spans of Fluo that would come back to it. */
export function serveConfigurationProblems(source: SourceText, root: YamlSettings): Diagnostic[] {
  const serve = root.section('serve');
  const problems: Diagnostic[] = [];
  for (const name of ['grpc', 'http', 'api']) {
    const section = serve.section(name);
    const text = section.text('listen');
    const node = section.node('listen');
    if (text === null || text === 'off' || node === null || parseAddress(text) !== null) continue;
    problems.push({
      code: 'FL800',
      severity: 'error',
      message: `\`${text}\` is not an address: a port is a number from 0 to 65535`,
      source,
      range: node.range,
      help: 'write a host and a port, such as `127.0.0.1:4318`',
    });
  }
  const telemetry = root.section('telemetry');
  const endpoint = telemetry.text('endpoint');
  const node = telemetry.node('endpoint');
  const { http } = serveConfigurationOf(root);
  if (endpoint !== null && node !== null && http !== null && isAt(endpoint, http)) {
    problems.push({
      code: 'FL802',
      severity: 'error',
      message: `\`${endpoint}\` is the server itself: each span of it would make another`,
      source,
      range: node.range,
      help: 'name the endpoint of another server or of a Collector',
    });
  }
  return problems;
}

const OWN_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '0.0.0.0', '[::1]', '[::]'];

/** Whether the URL leads to what listens at the address on this machine. */
export function isAt(url: string, address: Address): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, port, protocol } = new URL(url);
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return number === address.port && (OWN_HOSTS.includes(hostname) || hostname === address.host);
}

function listenOf(section: YamlSettings, fallback: Address | null): Address | null {
  const text = section.text('listen');
  if (text === null) return fallback;
  return text === 'off' ? null : parseAddress(text);
}

function corsOf(section: YamlSettings): ServeConfiguration['cors'] {
  const allowedOrigins = section.texts('origins');
  if (allowedOrigins === null) return null;
  return {
    allowedOrigins,
    allowedHeaders: section.texts('headers') ?? [],
    maxAgeSeconds: Math.floor((section.milliseconds('max_age') ?? 7_200_000) / 1000),
  };
}

function limitsOf(section: YamlSettings): Pick<ServeConfiguration, 'receiverLimits' | 'scanLimits'> {
  const { receiverLimits, scanLimits } = DEFAULT_SERVER_SETTINGS;
  return {
    receiverLimits: {
      ...receiverLimits,
      bodyBytes: section.bytes('body') ?? receiverLimits.bodyBytes,
      unpackedBytes: section.bytes('unpacked') ?? receiverLimits.unpackedBytes,
      jsonBytes: section.bytes('json') ?? receiverLimits.jsonBytes,
      bytesInFlight: section.bytes('in_flight') ?? receiverLimits.bytesInFlight,
      connections: section.number('connections') ?? receiverLimits.connections,
      requestTimeoutMs: section.milliseconds('request_timeout') ?? receiverLimits.requestTimeoutMs,
    },
    scanLimits: {
      ...scanLimits,
      spans: section.number('spans') ?? scanLimits.spans,
      attributesPerSpan: section.number('attributes') ?? scanLimits.attributesPerSpan,
      attributeBytes: section.bytes('attribute') ?? scanLimits.attributeBytes,
      eventsPerSpan: section.number('events') ?? scanLimits.eventsPerSpan,
    },
  };
}

function engineLimitsOf(section: YamlSettings): ServeConfiguration['engine'] {
  const { engine } = DEFAULT_SERVER_SETTINGS;
  return {
    idle: section.milliseconds('idle') ?? engine.idle,
    idleAfterRoot: section.milliseconds('idle_after_root') ?? engine.idleAfterRoot,
    maxAge: section.milliseconds('max_age') ?? engine.maxAge,
    lateWindow: section.milliseconds('late_window') ?? engine.lateWindow,
    maxSpans: section.number('max_spans') ?? engine.maxSpans,
    heldSpans: section.number('held_spans') ?? engine.heldSpans,
    openTraces: section.number('open_traces') ?? engine.openTraces,
    groupMembers: section.number('group_members') ?? engine.groupMembers,
    groups: section.number('groups') ?? engine.groups,
  };
}

function telemetryOf(section: YamlSettings): TelemetrySettings | null {
  const endpoint = section.text('endpoint');
  if (endpoint === null) return null;
  return {
    endpoint,
    headers: section.record('headers'),
    ratio: Math.min(1, section.number('ratio') ?? 0.01),
  };
}
