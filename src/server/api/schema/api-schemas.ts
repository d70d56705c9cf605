/** The JSON Schemas of the API and of webhooks, by the name of their file in `schema/`. */
import type { JsonSchema } from '../../../invariant/shape/json-schema.ts';
import { type OutputShape, outputSchema } from '../../../report/schema/output-shape.ts';
import { PROBLEM, RULES, SIGNAL, SIGNAL_LIST, STATUS, VERDICTS, WEBHOOK } from './api-shapes.ts';

const BASE = 'https://raw.githubusercontent.com/fluohq/fluo/main/schema';

export const API_SCHEMAS: Readonly<Record<string, JsonSchema>> = Object.fromEntries([
  entry(
    'api-signals',
    SIGNAL_LIST,
    'signals',
    'What `GET /api/v1/signals` and `fluo signals list --format json` give.',
  ),
  entry(
    'api-signal',
    SIGNAL,
    'a signal',
    'What `GET /api/v1/signals/{id}` and `fluo signals show --format json` give.',
  ),
  entry(
    'api-verdicts',
    VERDICTS,
    'verdicts',
    'What `GET /api/v1/verdicts` and `fluo verdicts --format json` give.',
  ),
  entry('api-rules', RULES, 'rules', 'What `GET /api/v1/rules` and `fluo rules --format json` give.'),
  entry('api-status', STATUS, 'status', 'What `GET /api/v1/status` gives.'),
  entry('api-problem', PROBLEM, 'a problem', 'What the API answers where it cannot do what is asked.'),
  entry('webhook', WEBHOOK, 'a notification', 'What a receiver of the type `webhook` is sent.'),
]);

function entry<Value>(
  name: string,
  shape: OutputShape<Value>,
  title: string,
  description: string,
): readonly [string, JsonSchema] {
  const file = `${name}.schema.json`;
  return [file, outputSchema(shape, { id: `${BASE}/${file}`, title: `Fluo: ${title}`, description })];
}
