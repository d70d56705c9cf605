/** A shape as JSON Schema (draft 2020-12), for editors that complete and check YAML while it is written. */
import type { MapShape, RecordShape, Shape } from './shape.ts';

export interface JsonSchema {
  readonly [key: string]: unknown;
}

interface SchemaHead {
  readonly id: string;
  readonly title: string;
}

/** A whole schema document. Patterns are ECMA 262, which JSON Schema and the loader share. */
export function jsonSchema(shape: Shape, head: SchemaHead): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: head.id,
    title: head.title,
    ...schemaOf(shape),
  };
}

function schemaOf(shape: Shape): JsonSchema {
  const { description } = shape;
  switch (shape.kind) {
    case 'text':
      return {
        description,
        ...(shape.offered === undefined
          ? { type: 'string' }
          : { anyOf: [{ type: 'string', enum: shape.offered }, { type: 'string' }] }),
        ...(shape.values === undefined ? {} : { enum: shape.values }),
        ...(shape.pattern === undefined ? {} : { pattern: shape.pattern.source }),
        ...(shape.default === undefined ? {} : { default: shape.default }),
      };
    case 'number':
      return {
        description,
        type: shape.integer ? 'integer' : 'number',
        ...(shape.values === undefined ? {} : { enum: shape.values }),
        ...(shape.minimum === undefined ? {} : { minimum: shape.minimum }),
        ...(shape.default === undefined ? {} : { default: shape.default }),
      };
    case 'boolean':
      return {
        description,
        type: 'boolean',
        ...(shape.default === undefined ? {} : { default: shape.default }),
      };
    case 'scalar':
      return { description, type: ['string', 'number', 'boolean'] };
    case 'list':
      return {
        description,
        type: 'array',
        items: schemaOf(shape.items),
        ...(shape.atLeast === 0 ? {} : { minItems: shape.atLeast }),
      };
    case 'map':
      return { description, ...mapSchema(shape) };
    case 'record':
      return { description, ...recordSchema(shape) };
    case 'choice':
      return { description, anyOf: shape.options.map(schemaOf) };
  }
}

function mapSchema(shape: MapShape): JsonSchema {
  const required = Object.entries(shape.keys).flatMap(([key, entry]) =>
    entry.required === true ? [key] : [],
  );
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(shape.keys).map(([key, entry]) => [key, schemaOf(entry.shape)]),
    ),
    ...(required.length === 0 ? {} : { required }),
    ...(shape.oneOf === undefined ? {} : { oneOf: shape.oneOf.map((key) => ({ required: [key] })) }),
    ...(shape.others === undefined
      ? { additionalProperties: false }
      : {
          // Not patternProperties: a known key matches the pattern too, and would have to be both.
          additionalProperties: schemaOf(shape.others.values),
          propertyNames: {
            anyOf: [{ enum: Object.keys(shape.keys) }, { pattern: shape.others.name.source }],
          },
        }),
  };
}

function recordSchema(shape: RecordShape): JsonSchema {
  return {
    type: 'object',
    patternProperties: { [shape.name.source]: schemaOf(shape.values) },
    additionalProperties: false,
  };
}
