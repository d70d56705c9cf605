/** The JSON Schemas that editors complete and check YAML with, generated from the shapes that the loader checks against. */
import { RULE_FILE_SHAPE } from './rule-file/shape.ts';
import { RULE_TEST_FILE_SHAPE } from './rule-test-file/shape.ts';
import { type JsonSchema, jsonSchema } from './shape/json-schema.ts';

const HOME = 'https://raw.githubusercontent.com/fluohq/fluo/main/schema';

/** File name in `schema/` to schema. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  'rules.schema.json': jsonSchema(RULE_FILE_SHAPE, {
    id: `${HOME}/rules.schema.json`,
    title: 'Fluo rule file',
  }),
  'rule-tests.schema.json': jsonSchema(RULE_TEST_FILE_SHAPE, {
    id: `${HOME}/rule-tests.schema.json`,
    title: 'Fluo rule tests',
  }),
};

/** A schema as it is written to its file. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
