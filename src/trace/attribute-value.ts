/**
 * An attribute's value with the type it was sent with. Integers within ±2^53 are `number`, larger ones `bigint`, doubles
 * are `number`: JavaScript compares the two exactly. NaN is kept here and read as missing by the language.
 */
export type AttributeValue =
  | string
  | boolean
  | number
  | bigint
  | Uint8Array
  | readonly AttributeValue[]
  | KeyValueList;

/** OTLP's kvlist: nested attributes. The language does not look into one; reports show it. */
interface KeyValueList {
  readonly [key: string]: AttributeValue;
}

export type Attributes = ReadonlyMap<string, AttributeValue>;

export const NO_ATTRIBUTES: Attributes = new Map();

/** What a person calls the type of a value, in messages. */
export function typeName(value: AttributeValue): string {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (value instanceof Uint8Array) return 'bytes';
  return Array.isArray(value) ? 'array' : 'map';
}
