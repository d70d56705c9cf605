/** The part of `fluo.yaml` that `fluo serve` goes by. */
import { DEFAULT_STREAM_LIMITS, type Millis } from '../engine/streaming/stream.ts';
import { type MapShape, NOT_EMPTY, type TextShape } from '../invariant/shape/shape.ts';
import { NOTIFY_SHAPE } from '../notify/configuration-shape.ts';
import { ADDRESS, ADDRESS_OR_OFF, type Address, addressText } from '../server/address.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../server/log.ts';
import { DEFAULT_FOLDER, DEFAULT_SERVER_SETTINGS } from '../server/settings.ts';
import { count, duration, size } from './setting-shapes.ts';

type Keys = MapShape['keys'];

const SETTINGS = DEFAULT_SERVER_SETTINGS;
const { receiverLimits, scanLimits, wal, archive } = SETTINGS;

/** Of a host, without a port. */
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** Keys of `limits` that only the live engine has. */
export const ENGINE_LIMIT_KEYS: Keys = {
  late_window: {
    shape: duration(
      nanos(DEFAULT_STREAM_LIMITS.lateWindow),
      'How long `fluo serve` holds a closed trace for spans that come late: they change its verdicts. A later span is not judged: it is counted as late (`fluo_shed_total`), as long as the server runs and for the last million of traces. Beyond, spans make a trace of their own.',
    ),
  },
  held_spans: {
    shape: count(
      DEFAULT_STREAM_LIMITS.heldSpans,
      'Most spans of open and remembered traces that `fluo serve` holds. Beyond it closed traces are forgotten early, then open ones are left without a verdict.',
    ),
  },
  open_traces: {
    shape: count(DEFAULT_STREAM_LIMITS.openTraces, 'Most open traces that `fluo serve` holds.'),
  },
  group_members: {
    shape: count(
      DEFAULT_STREAM_LIMITS.groupMembers,
      'Most spans in groups across traces that `fluo serve` holds.',
    ),
  },
  groups: {
    shape: count(DEFAULT_STREAM_LIMITS.groups, 'Most groups across traces that `fluo serve` holds.'),
  },
};

/** Keys at the top of the file. */
export const SERVE_KEYS: Keys = {
  data: {
    shape: {
      kind: 'text',
      pattern: NOT_EMPTY,
      default: DEFAULT_FOLDER,
      description:
        'The folder in which `fluo serve` keeps its log, the archive and the signals. The environment variable `FLUO_DATA` comes before it.',
    },
  },
  serve: {
    shape: {
      kind: 'map',
      description: 'Where `fluo serve` listens, and what it takes.',
      keys: {
        grpc: {
          shape: {
            kind: 'map',
            description: 'The receiver of OTLP over gRPC.',
            keys: { listen: { shape: listen(SETTINGS.grpc) } },
          },
        },
        http: {
          shape: {
            kind: 'map',
            description: 'The receiver of OTLP over HTTP.',
            keys: {
              listen: { shape: listen(SETTINGS.http) },
              cors: {
                shape: {
                  kind: 'map',
                  description: 'Web pages that may send spans. Absent: none.',
                  keys: {
                    origins: {
                      required: true,
                      shape: {
                        kind: 'list',
                        atLeast: 1,
                        description: 'Origins of the pages.',
                        items: {
                          kind: 'text',
                          pattern: NOT_EMPTY,
                          description:
                            'An origin such as `https://shop.example.com`; `*` stands for any characters.',
                        },
                      },
                    },
                    headers: {
                      shape: {
                        kind: 'list',
                        atLeast: 1,
                        description: 'Headers that a page may set besides Content-Type and Content-Encoding.',
                        items: { kind: 'text', pattern: NOT_EMPTY, description: 'The name of a header.' },
                      },
                    },
                    max_age: {
                      shape: duration(7_200_000_000_000n, 'How long a browser may remember the answer.'),
                    },
                  },
                },
              },
            },
          },
        },
        api: {
          shape: {
            kind: 'map',
            description:
              'The API with `/metrics`, `/healthz` and `/readyz`. It asks for no password: keep it inside.',
            keys: {
              listen: { shape: listen(SETTINGS.api, false) },
              hosts: {
                shape: {
                  kind: 'list',
                  atLeast: 1,
                  description:
                    'Names by which the API may be asked besides `localhost` and addresses: of a proxy, or of a container in its network.',
                  items: {
                    kind: 'text',
                    pattern: HOST_NAME,
                    what: 'the name of a host without a port, such as `fluo.example.com`',
                    description: 'The name of a host.',
                  },
                },
              },
            },
          },
        },
        limits: {
          shape: {
            kind: 'map',
            description:
              'What a client may send. A request over a limit is refused with an answer that names the limit.',
            keys: {
              body: { shape: size(receiverLimits.bodyBytes, 'Longest request as it is sent.') },
              unpacked: { shape: size(receiverLimits.unpackedBytes, 'Longest request when it is unpacked.') },
              json: { shape: size(receiverLimits.jsonBytes, 'Longest JSON request when it is unpacked.') },
              in_flight: {
                shape: size(
                  receiverLimits.bytesInFlight,
                  'Most bytes of requests that are being taken at one time.',
                ),
              },
              connections: {
                shape: count(receiverLimits.connections, 'Most open connections of each receiver.'),
              },
              request_timeout: {
                shape: duration(
                  nanos(receiverLimits.requestTimeoutMs),
                  'Longest time in which a request arrives.',
                ),
              },
              spans: { shape: count(scanLimits.spans, 'Most spans of a request.') },
              attributes: {
                shape: count(
                  scanLimits.attributesPerSpan,
                  'Most attributes of a span, an event or a resource. A span with more is left out.',
                ),
              },
              attribute: {
                shape: size(
                  scanLimits.attributeBytes,
                  'Longest attribute. A span with a longer one is left out.',
                ),
              },
              events: {
                shape: count(
                  scanLimits.eventsPerSpan,
                  'Most events of a span. A span with more is left out.',
                ),
              },
            },
          },
        },
        drain: {
          shape: duration(
            nanos(SETTINGS.drain),
            'Longest time that a graceful stop takes. What is not done then is done after the next start.',
          ),
        },
      },
    },
  },
  wal: {
    shape: {
      kind: 'map',
      description: 'The write-ahead log: spans are in it before they are acknowledged.',
      keys: {
        max_bytes: {
          shape: size(
            wal.maxBytes,
            'Beyond it segments that are archived go, even if a restart could still judge by them; if the archive fails for so long that it is full, spans are refused.',
          ),
        },
        segment: {
          shape: size(wal.segmentBytes, 'A segment is closed, and archived, when it has so many bytes.'),
        },
        segment_age: {
          shape: duration(nanos(wal.segmentAge), 'A segment is closed, and archived, when it is so old.'),
        },
      },
    },
  },
  archive: {
    shape: {
      kind: 'map',
      description: 'Spans, verdicts and signals as Parquet files by hour.',
      keys: {
        retention: { shape: duration(nanos(archive.retention), 'How long they are kept.') },
        max_bytes: {
          shape: size(archive.maxBytes, 'Beyond it the oldest hours go. Absent: only their age counts.'),
        },
        compaction: {
          shape: {
            kind: 'boolean',
            default: archive.compaction,
            description: 'Whether the small files of an hour that is over are put together.',
          },
        },
      },
    },
  },
  notify: { shape: NOTIFY_SHAPE },
  telemetry: {
    shape: {
      kind: 'map',
      description:
        'Spans of Fluo itself: one for each sampled request, reload of rules and archived segment. Absent: none.',
      keys: {
        endpoint: {
          required: true,
          shape: {
            kind: 'text',
            pattern: /^https?:\/\/\S+$/,
            what: 'a URL such as `http://localhost:14318/v1/traces`',
            description:
              'Where they are sent, as OTLP over HTTP. Not the server itself: that would be a loop.',
          },
        },
        ratio: {
          shape: {
            kind: 'number',
            integer: false,
            minimum: 0,
            default: 0.01,
            description: 'The share of operations that become traces, from 0 to 1.',
          },
        },
        headers: {
          shape: {
            kind: 'record',
            description: 'Headers of these requests.',
            name: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,
            what: 'the name of a header',
            values: { kind: 'text', description: 'Its value.' },
          },
        },
      },
    },
  },
  log: {
    shape: {
      kind: 'map',
      description: 'What `fluo serve` writes to standard error.',
      keys: {
        level: {
          shape: {
            kind: 'text',
            values: LOG_LEVELS,
            default: SETTINGS.log.level,
            description: 'Messages of lower levels are left out.',
          },
        },
        format: {
          shape: {
            kind: 'text',
            values: LOG_FORMATS,
            default: SETTINGS.log.format,
            description: '`auto` is text on a terminal and JSON lines otherwise.',
          },
        },
      },
    },
  },
};

function listen(fallback: Address | null, mayBeOff = true): TextShape {
  const text = fallback === null ? 'off' : addressText(fallback);
  return {
    kind: 'text',
    pattern: mayBeOff ? ADDRESS_OR_OFF : ADDRESS,
    what: `a host and a port such as \`${text}\``,
    default: text,
    description: `The address to listen at${mayBeOff ? ', or `off`' : ''}. \`127.0.0.1\` is this machine only, \`0.0.0.0\` is everybody who can reach it.`,
  };
}

function nanos(milliseconds: Millis): bigint {
  return BigInt(milliseconds) * 1_000_000n;
}
