/** The snippet for Python: a script with the OpenTelemetry API. */
import type { SnippetParts } from '../instrument.ts';
import type { AttributeNeed, SpanNeed } from '../needs.ts';
import type { ExampleValue } from './example.ts';
import type { PlacedSpan } from './layout-of-spans.ts';
import type { SharedValue } from './shared-values.ts';
import { exceptions, orderComment, resourceComment, snippetAttributes, timesOf } from './snippet.ts';

export function pythonSnippet(parts: SnippetParts): string {
  const { needs, shared, top } = parts;
  const fails = needs.some(failsOf);
  const lines = [
    'from opentelemetry import trace',
    ...(fails ? ['from opentelemetry.trace import Status, StatusCode'] : []),
    '',
    ...resourceComment(needs).map((line) => `# ${line}`),
    'tracer = trace.get_tracer("your-service")',
    '',
  ];
  const variables = new Map([...shared.values()].map((value) => [variable(value), value]));
  for (const [name, { value }] of variables) lines.push(`${name} = ${literal(value)}`);
  if (variables.size > 0) lines.push('');
  const body = top.flatMap((span) => spanLines(span, parts));
  if (top.length === 1) lines.push(...body);
  else {
    lines.push(
      '# The span of the request, which your framework starts: the others are in its trace because it is current.',
      'with tracer.start_as_current_span("request"):',
      ...(body.length === 0 ? ['    ...'] : body.map((line) => `    ${line}`)),
    );
  }
  return `${lines.join('\n')}\n`;
}

function spanLines(placed: PlacedSpan, parts: SnippetParts): string[] {
  const need = parts.needs[placed.need];
  if (need === undefined) return [];
  const kind = need.fields.find(({ field }) => field === 'kind')?.value ?? null;
  const known = kind !== null && /^(?:internal|server|client|producer|consumer)$/.test(kind);
  const options = known ? `, kind=trace.SpanKind.${kind.toUpperCase()}` : '';
  const comment = orderComment(placed.need, parts);
  const span = [
    ...(comment === null ? [] : [`# ${comment}`]),
    `with tracer.start_as_current_span(${text(need.name)}${options}) as span:`,
    ...snippetAttributes(need).map(
      (attribute) =>
        `    span.set_attribute(${text(attribute.name)}, ${valueText(placed.need, attribute, parts)})`,
    ),
    ...exceptions(need).map((event) => `    span.add_event(${text(event)})`),
    ...(failsOf(need) ? ['    span.set_status(Status(StatusCode.ERROR))'] : []),
    '    ...  # the work itself',
    ...placed.inner.flatMap((inner) => spanLines(inner, parts)).map((line) => `    ${line}`),
  ];
  const times = timesOf(need);
  return times === 1 ? span : [`for number in range(${times}):`, ...span.map((line) => `    ${line}`)];
}

function valueText(span: number, attribute: AttributeNeed, { shared }: SnippetParts): string {
  const common = shared.get(`${span} ${attribute.name}`);
  return common === undefined ? literal(attribute.example ?? 'example') : variable(common);
}

function failsOf(need: SpanNeed): boolean {
  return need.fields.some(({ field, value }) => field === 'status' && value === 'error');
}

function variable({ words }: SharedValue): string {
  return words.join('_');
}

function literal(value: ExampleValue): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? `[${value.map(text).join(', ')}]` : String(value);
}

/** JSON's escapes are Python's. */
function text(value: string): string {
  return JSON.stringify(value);
}
