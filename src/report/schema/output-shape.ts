/**
 * The shape of a JSON output, said once: the compiler holds it against the TypeScript type of the output, and the published
 * JSON Schema and the reference page are made from it.
 */
import type { JsonSchema } from '../../invariant/shape/json-schema.ts';

interface SchemaSource {
  /** The schema; definitions that it refers to are put into `definitions`. */
  readonly schema: (definitions: Map<string, JsonSchema>) => JsonSchema;
}

export interface OutputShape<Value> extends SchemaSource {
  /** Never there: binds the shape to exactly this type, so that a key that is missing here or there does not compile. */
  readonly exactly?: (value: Value) => Value;
}

type Fields<Value> = {
  readonly [Key in keyof Value]-?: readonly [shape: OutputShape<Value[Key]>, description: string];
};

export function text<Value extends string = string>(pattern?: RegExp): OutputShape<Value> {
  return {
    schema: () => ({ type: 'string', ...(pattern === undefined ? {} : { pattern: pattern.source }) }),
  };
}

export function count(): OutputShape<number> {
  return { schema: () => ({ type: 'integer', minimum: 0 }) };
}

export function number(): OutputShape<number> {
  return { schema: () => ({ type: 'number' }) };
}

export function boolean(): OutputShape<boolean> {
  return { schema: () => ({ type: 'boolean' }) };
}

export function choice<Value extends string | number>(values: readonly Value[]): OutputShape<Value> {
  return { schema: () => (values.length === 1 ? { const: values[0] } : { enum: values }) };
}

/** An array; `List` is its type where that is not an array's. */
export function list<Item, List extends Iterable<Item> = readonly Item[]>(
  item: OutputShape<Item>,
): OutputShape<List> {
  return { schema: (definitions) => ({ type: 'array', items: item.schema(definitions) }) };
}

export function orNull<Value>(shape: OutputShape<Value>): OutputShape<Value | null> {
  return { schema: (definitions) => ({ anyOf: [shape.schema(definitions), { type: 'null' }] }) };
}

/** An object with keys that are not known beforehand. */
export function record<Value>(value: OutputShape<Value>): OutputShape<{ readonly [name: string]: Value }> {
  return { schema: (definitions) => ({ type: 'object', additionalProperties: value.schema(definitions) }) };
}

/** All keys are always there. Further keys are allowed: a later version may have more. */
export function object<Value>(fields: Fields<Value>): OutputShape<Value> {
  const entries = Object.entries(fields) as [string, readonly [SchemaSource, string]][];
  return {
    schema: (definitions) => ({
      type: 'object',
      properties: Object.fromEntries(
        entries.map(([key, [shape, description]]) => [key, { description, ...shape.schema(definitions) }]),
      ),
      required: entries.map(([key]) => key),
    }),
  };
}

export function anyOf<Value>(...options: readonly SchemaSource[]): OutputShape<Value> {
  return { schema: (definitions) => ({ anyOf: options.map((option) => option.schema(definitions)) }) };
}

/** A shape with a name of its own in the document; `make` may refer to the definition itself. */
export function define<Value>(
  name: string,
  description: string,
  make: () => OutputShape<Value>,
): OutputShape<Value> {
  return {
    schema(definitions) {
      if (!definitions.has(name)) {
        definitions.set(name, {});
        definitions.set(name, { description, ...make().schema(definitions) });
      }
      return { $ref: `#/$defs/${name}` };
    },
  };
}

interface SchemaDocument {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

/** A whole document, draft 2020-12. */
export function outputSchema(shape: SchemaSource, head: SchemaDocument): JsonSchema {
  const definitions = new Map<string, JsonSchema>();
  const root = shape.schema(definitions);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: head.id,
    title: head.title,
    description: head.description,
    ...root,
    $defs: Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
