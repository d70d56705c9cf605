/** Reading what a rule asks of a span, and comparing values as the language does. */
import type { AttributeNode, ComparisonOperator } from '../../language/ast.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import type { Span } from '../../trace/span.ts';
import { selfTime } from '../../trace/trace.ts';
import type { Scope } from './scope.ts';
import type { Truth } from './truth.ts';

/** The value, or undefined when it is missing. NaN is missing, and so is an empty service or instrumentation scope. */
export function readAttribute(
  span: Span,
  attribute: Pick<AttributeNode, 'where' | 'name'>,
  scope: Pick<Scope, 'childrenOf'>,
): AttributeValue | undefined {
  return present(rawValue(span, attribute, scope));
}

function present(value: AttributeValue | undefined): AttributeValue | undefined {
  return typeof value === 'number' && Number.isNaN(value) ? undefined : value;
}

function rawValue(
  span: Span,
  { where, name }: Pick<AttributeNode, 'where' | 'name'>,
  scope: Pick<Scope, 'childrenOf'>,
): AttributeValue | undefined {
  if (where === 'resource') return span.resource.attributes.get(name);
  if (where === 'any') return present(span.attributes.get(name)) ?? span.resource.attributes.get(name);
  switch (name) {
    case 'name':
      return span.name;
    case 'duration':
      return span.end - span.start;
    case 'status':
      return span.status;
    case 'kind':
      return span.kind;
    case 'service':
      return span.resource.service === '' ? undefined : span.resource.service;
    case 'start':
      return span.start;
    case 'end':
      return span.end;
    case 'scope':
      return span.scope === '' ? undefined : span.scope;
    case 'self':
      return selfTime(span, scope.childrenOf(span));
    case 'events':
      return span.events.map((event) => event.name);
    default:
      throw new Error(`unchecked field span.${name}`);
  }
}

/** Null when the two are of types that do not compare. */
export function compareValues(
  left: AttributeValue,
  operator: ComparisonOperator,
  right: AttributeValue,
): Truth {
  if (isNumber(left) && isNumber(right)) {
    // JavaScript compares a double and a bigint by their exact values.
    const less = left < right;
    const greater = left > right;
    return holds(operator, less, greater);
  }
  const comparable =
    (typeof left === 'string' && typeof right === 'string') ||
    (typeof left === 'boolean' && typeof right === 'boolean');
  if (!comparable) return null;
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  return null;
}

function holds(operator: ComparisonOperator, less: boolean, greater: boolean): boolean {
  switch (operator) {
    case '==':
      return !less && !greater;
    case '!=':
      return less || greater;
    case '<':
      return less;
    case '<=':
      return !greater;
    case '>':
      return greater;
    case '>=':
      return !less;
  }
}

export function isNumber(value: AttributeValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** `number(x)`: numbers as they are, text that is a decimal number as that number; undefined for all else. */
export function convertToNumber(value: AttributeValue): number | bigint | undefined {
  if (isNumber(value)) return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!DECIMAL.test(text)) return undefined;
  const double = Number(text);
  if (/^[+-]?\d+$/.test(text) && !Number.isSafeInteger(double)) return BigInt(text.replace(/^\+/, ''));
  return Number.isFinite(double) ? double : undefined;
}

/** `text(x)`, and the keys of groups: text as it is, numbers in decimal digits, `true` and `false`; undefined for all else. */
export function convertToText(value: AttributeValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    return Number.isInteger(value) ? String(BigInt(value)) : String(value);
  }
  return undefined;
}

/** Equal texts for equal values and only for them: 5 and 5.0 are equal, 5 and "5" are not. */
export function valueKey(value: AttributeValue): string {
  if (typeof value === 'string') return `t${value}`;
  if (isNumber(value)) return `n${convertToText(value)}`;
  if (typeof value === 'boolean') return `b${value}`;
  if (value instanceof Uint8Array) return `x${Array.from(value).join(',')}`;
  if (Array.isArray(value)) return `a${JSON.stringify(value.map((item: AttributeValue) => valueKey(item)))}`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `m${JSON.stringify(entries.map(([key, item]) => [key, valueKey(item as AttributeValue)]))}`;
}
