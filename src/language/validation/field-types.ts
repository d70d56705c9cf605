/** The types that attributes and fields have before any span is seen. */
import type { AttributeNode, LeftNode, RightNode, SpanField } from '../ast.ts';

export type StaticType =
  /** An attribute: of whatever type it is sent with. */
  | 'any'
  | 'number'
  | 'text'
  | 'boolean'
  | 'duration'
  /** `span.start` and `span.end`. */
  | 'time'
  | 'status'
  | 'kind'
  | 'events';

const FIELD_TYPES: Readonly<Record<SpanField, StaticType>> = {
  name: 'text',
  service: 'text',
  scope: 'text',
  status: 'status',
  kind: 'kind',
  duration: 'duration',
  self: 'duration',
  start: 'time',
  end: 'time',
  events: 'events',
};

export function typeOfAttribute(attribute: AttributeNode): StaticType {
  return attribute.where === 'field' ? FIELD_TYPES[attribute.name as SpanField] : 'any';
}

export function typeOfLeft(left: LeftNode): StaticType {
  return left.convert ?? typeOfAttribute(left.attribute);
}

export function typeOfRight(right: RightNode): StaticType {
  if (right.kind === 'duration') return 'duration';
  if (right.kind === 'reference') return typeOfAttribute(right.attribute);
  return typeOfValue(right.value);
}

export function typeOfValue(value: string | number | bigint | boolean): StaticType {
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'boolean' : 'number';
}

/** An attribute as a message calls it. */
export function attributeText(attribute: AttributeNode): string {
  const prefix = { any: '', resource: 'resource.', field: 'span.' }[attribute.where];
  return attribute.quoted ? `${prefix}"${attribute.name}"` : `${prefix}${attribute.name}`;
}
