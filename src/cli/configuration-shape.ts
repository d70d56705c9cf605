/** The shape of `fluo.yaml`. The program checks against it, and `schema/fluo.schema.json` is generated from it. */
import { DEFAULT_JUDGE_SETTINGS } from '../engine/verdict.ts';
import { DEFAULT_CLOSING_LIMITS } from '../history/check/closing-limits.ts';
import { type JsonSchema, jsonSchema } from '../invariant/shape/json-schema.ts';
import { type MapShape, NOT_EMPTY } from '../invariant/shape/shape.ts';
import { ENGINE_LIMIT_KEYS, SERVE_KEYS } from './serve-shape.ts';
import { count, duration } from './setting-shapes.ts';

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
      shape: duration(0n, 'Spans of different services that lie nearer than this are in no known order.'),
    },
    clock_resolution: {
      shape: duration(
        0n,
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
          idle: {
            shape: duration(
              DEFAULT_CLOSING_LIMITS.idle,
              'A trace is over when no span of it came for so long.',
            ),
          },
          idle_after_root: {
            shape: duration(
              DEFAULT_CLOSING_LIMITS.idleAfterRoot,
              'A trace is over when no span of it came for so long after its root had ended.',
            ),
          },
          max_age: {
            shape: duration(
              DEFAULT_CLOSING_LIMITS.maxAge,
              'A trace that is older is closed, and incomplete until its root arrives.',
            ),
          },
          max_spans: {
            shape: count(
              DEFAULT_CLOSING_LIMITS.maxSpans,
              'A trace or a group with more spans is cut, and incomplete.',
            ),
          },
          max_group_age: {
            shape: duration(
              DEFAULT_JUDGE_SETTINGS.maxGroupAgeNanos,
              'A group across traces that is longer is cut, and incomplete.',
            ),
          },
          max_comparisons: {
            shape: count(
              DEFAULT_JUDGE_SETTINGS.maxComparisons,
              'Most tests of spans that one judgement makes: what is not decided by then is `inconclusive`. Only a rule that compares all of many spans with all of many others comes near it.',
            ),
          },
          ...ENGINE_LIMIT_KEYS,
        },
      },
    },
    ...SERVE_KEYS,
  },
};

export function configurationSchema(): JsonSchema {
  return jsonSchema(CONFIGURATION_SHAPE, {
    id: 'https://raw.githubusercontent.com/fluohq/fluo/main/schema/fluo.schema.json',
    title: 'Configuration of Fluo (fluo.yaml)',
  });
}
