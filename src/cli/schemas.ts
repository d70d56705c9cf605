/** All published JSON Schemas, by the name of their file in `schema/`: what people write, and what the program writes. */
import { SCHEMAS, schemaText } from '../invariant/schema.ts';
import type { JsonSchema } from '../invariant/shape/json-schema.ts';
import { OUTPUT_SCHEMAS } from '../report/schema/output-schemas.ts';
import { API_SCHEMAS } from '../server/api/schema/api-schemas.ts';
import { configurationSchema } from './configuration-shape.ts';

export { schemaText };

export const ALL_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  ...SCHEMAS,
  ...OUTPUT_SCHEMAS,
  ...API_SCHEMAS,
  'fluo.schema.json': configurationSchema(),
};
