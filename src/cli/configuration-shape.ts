/** The shape of `fluo.yaml`. The program checks against it, and `schema/fluo.schema.json` is generated from it. */
import { type JsonSchema, jsonSchema } from '../invariant/shape/json-schema.ts';
import { DURATION, type MapShape, NOT_EMPTY, type TextShape } from '../invariant/shape/shape.ts';

export const CONFIGURATION_SHAPE: MapShape = {
  kind: 'map',
  description: 'Settings of Fluo. All are optional. Paths in it start in its own folder.',
  keys: {
    version: {
      shape: {
        kind: 'number',
        integer: true,
        values: [1],
        default: 1,
        description: 'Version of this format.',
      },
    },
    rules: {
      shape: {
        kind: 'list',
        atLeast: 1,
        description: 'Rule files, and folders with rule files. Absent: `invariants/` beside this file.',
        items: { kind: 'text', pattern: NOT_EMPTY, description: 'A file or a folder.' },
      },
    },
    environment: {
      shape: {
        kind: 'text',
        pattern: NOT_EMPTY,
        description:
          'The environment of spans that do not name one by `deployment.environment.name` or `deployment.environment`.',
      },
    },
    clock_skew: {
      shape: duration('0s', 'Spans of different services that lie nearer than this are in no known order.'),
    },
    clock_resolution: {
      shape: duration(
        '0s',
        'Times nearer than this are in no known order, in one service too. The OpenTelemetry SDK for Node cuts starts to whole milliseconds: `1ms` says so.',
      ),
    },
    sampling: {
      shape: {
        kind: 'boolean',
        default: false,
        description:
          'Whether traffic is sampled: then a span that is absent from a group across traces proves nothing.',
      },
    },
    limits: {
      shape: {
        kind: 'map',
        description: 'When a trace is over, and how much of it is looked at.',
        keys: {
          idle: { shape: duration('30s', 'A trace is over when no span of it came for so long.') },
          idle_after_root: {
            shape: duration(
              '10s',
              'A trace is over when no span of it came for so long after its root had ended.',
            ),
          },
          max_age: {
            shape: duration('5m', 'A trace that is older is closed, and incomplete until its root arrives.'),
          },
          max_spans: {
            shape: {
              kind: 'number',
              integer: true,
              minimum: 1,
              default: 50_000,
              description: 'A trace or a group with more spans is cut, and incomplete.',
            },
          },
          max_group_age: {
            shape: duration('1h', 'A group across traces that is longer is cut, and incomplete.'),
          },
        },
      },
    },
  },
};

export function configurationSchema(): JsonSchema {
  return jsonSchema(CONFIGURATION_SHAPE, {
    id: 'https://raw.githubusercontent.com/fluohq/fluo/main/schema/fluo.schema.json',
    title: 'Configuration of Fluo (fluo.yaml)',
  });
}

function duration(fallback: string, description: string): TextShape {
  return {
    kind: 'text',
    pattern: DURATION,
    what: `a duration such as \`${fallback}\``,
    default: fallback,
    description,
  };
}
