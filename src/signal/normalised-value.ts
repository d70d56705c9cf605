/**
 * The kind of an attribute's value, for a fingerprint: what the rule itself writes stays, and so does what can only be one of a few by its nature (`true`,
 * `GET`). Everything else becomes `*`: how a value looks does not say whether it is a state or a person. It looks at rule and value alone, so neither the
 * order of requests nor what came before changes anything.
 */
import type { AttributeValue } from '../trace/attribute-value.ts';

/** Attributes with a closed list of values (https://opentelemetry.io/docs/specs/semconv/registry/attributes/); any other value of them is `*`. */
const ENUMERATIONS: Readonly<Record<string, readonly string[]>> = {
  'http.request.method': httpMethods(),
  'http.method': httpMethods(),
  'messaging.operation.type': ['create', 'send', 'receive', 'process', 'settle'],
  'network.transport': ['pipe', 'quic', 'tcp', 'udp', 'unix'],
  'otel.status_code': ['OK', 'ERROR'],
};

/** `literals`: the texts that the rule compares the attribute with. Never throws. `undefined`: the attribute is not there. */
export function normalisedValue(
  name: string,
  value: AttributeValue | undefined,
  literals: ReadonlySet<string>,
): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return '*';
  if (value === '') return 'empty';
  const isEnumerated = Object.hasOwn(ENUMERATIONS, name) && ENUMERATIONS[name]?.includes(value);
  return literals.has(value) || isEnumerated ? value : '*';
}

function httpMethods(): readonly string[] {
  return ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE', '_OTHER'];
}
