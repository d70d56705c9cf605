/** The JSON that the commands write, from its schemas. */
import type { JsonSchema } from '../../src/invariant/shape/json-schema.ts';
import { OUTPUT_SCHEMAS } from '../../src/report/schema/output-schemas.ts';
import { API_SCHEMAS } from '../../src/server/api/schema/api-schemas.ts';
import { code, oneOf, page, table } from './markdown.ts';

export function jsonOutputPage(): string {
  return page([
    '# JSON output',
    '`--format json` writes one document, `--format jsonl` one line for each finding, test or diagnostic with a key `type`, and a last line of type ' +
      '`summary` with all the rest. Every key is always there; what is absent is `null` or an empty list. `schemaVersion` is raised when a key ' +
      'changes its meaning or goes away; keys may be added without that.',
    ...Object.entries(OUTPUT_SCHEMAS).flatMap(([file, schema]) => documentParts(file, schema)),
  ]);
}

/** The documents of the API and of webhooks. */
export function apiPage(): string {
  return page([
    '# JSON of the API and of webhooks',
    'What the API of `fluo serve` answers, and what a receiver of the type `webhook` is sent. Every key is always there; what is absent is `null` or an empty ' +
      'list. `schemaVersion` is raised when a key changes its meaning or goes away; keys may be added without that. How to ask, and what the states ' +
      'mean, is in [Signals](../technical/signals.md).',
    ...Object.entries(API_SCHEMAS).flatMap(([file, schema]) => documentParts(file, schema)),
  ]);
}

function documentParts(file: string, schema: JsonSchema): string[] {
  const definitions = Object.entries(schema['$defs'] as Readonly<Record<string, JsonSchema>>);
  const prefix = file.replace('.schema.json', '');
  return [
    `## ${schema['title']}`,
    `${schema['description']} Schema: [schema/${file}](../../schema/${file}).`,
    ...objectTables(schema, prefix),
    ...definitions.flatMap(([name, definition]) => [
      `<a id="${prefix}-${name}"></a>`,
      `### ${name}`,
      String(definition['description']),
      ...(definition['properties'] === undefined
        ? [`Type: ${typeText(without(definition), prefix)}.`]
        : objectTables(definition, prefix)),
    ]),
  ];
}

function without(definition: JsonSchema): JsonSchema {
  const { description: _, ...rest } = definition;
  return rest;
}

function objectTables(schema: JsonSchema, prefix: string): string[] {
  const properties = Object.entries(schema['properties'] as Readonly<Record<string, JsonSchema>>);
  const rows = properties.flatMap(([key, property]) => rowsOf(key, property, prefix));
  return [table(['key', 'type', 'meaning'], rows)];
}

/** The row of a key, and those of the keys of an object that has no name of its own. */
function rowsOf(key: string, property: JsonSchema, prefix: string): string[][] {
  const inner = innerObject(property);
  const own = [code(key), typeText(property, prefix), String(property['description'])];
  if (inner === null) return [own];
  const isList = property['type'] !== 'object';
  return [
    own,
    ...Object.entries(inner).flatMap(([name, shape]) =>
      rowsOf(`${key}${isList ? '[]' : ''}.${name}`, shape, prefix),
    ),
  ];
}

function innerObject(schema: JsonSchema): Readonly<Record<string, JsonSchema>> | null {
  if (schema['properties'] !== undefined) return schema['properties'] as Readonly<Record<string, JsonSchema>>;
  if (schema['type'] === 'array') return innerObject(schema['items'] as JsonSchema);
  const options = (schema['anyOf'] ?? []) as readonly JsonSchema[];
  if (options.length !== 2 || options[1]?.['type'] !== 'null') return null;
  return innerObject(options[0] ?? {});
}

function typeText(schema: JsonSchema, prefix: string): string {
  if (schema['$ref'] !== undefined) {
    const name = String(schema['$ref']).replace('#/$defs/', '');
    return `[${name}](#${prefix}-${name})`;
  }
  if (schema['const'] !== undefined) return code(JSON.stringify(schema['const']));
  if (schema['enum'] !== undefined)
    return oneOf((schema['enum'] as string[]).map((value) => JSON.stringify(value)));
  if (schema['anyOf'] !== undefined) {
    return (schema['anyOf'] as JsonSchema[]).map((option) => typeText(option, prefix)).join(', or ');
  }
  if (schema['type'] === 'array') return `list of ${typeText(schema['items'] as JsonSchema, prefix)}`;
  if (schema['properties'] !== undefined) {
    const keys = Object.keys(schema['properties'] as object);
    return `object with ${keys.map(code).join(', ')}`;
  }
  if (schema['type'] === 'object') {
    return `object of ${typeText(schema['additionalProperties'] as JsonSchema, prefix)}`;
  }
  return schema['type'] === 'string' ? 'text' : String(schema['type']);
}
