/** The snippet for Node: an ES module with the OpenTelemetry API. */
import type { SnippetParts } from '../instrument.ts';
import type { AttributeNeed, SpanNeed } from '../needs.ts';
import type { ExampleValue } from './example.ts';
import type { PlacedSpan } from './layout-of-spans.ts';
import type { SharedValue } from './shared-values.ts';
import { exceptions, orderComment, resourceComment, snippetAttributes, timesOf } from './snippet.ts';

export function nodeSnippet(parts: SnippetParts): string {
  const { needs, shared, top } = parts;
  const kinds = needs.some((need) => kindOf(need) !== null);
  const fails = needs.some((need) => failsOf(need) || mayFail(need));
  const imports = [...(kinds ? ['SpanKind'] : []), ...(fails ? ['SpanStatusCode'] : []), 'trace'];
  const lines = [
    `import { ${imports.join(', ')} } from '@opentelemetry/api';`,
    '',
    ...resourceComment(needs).map((line) => `// ${line}`),
    "const tracer = trace.getTracer('your-service');",
    '',
  ];
  const ordered = hasOrder(needs);
  if (ordered) {
    lines.push(
      '// The SDK cuts the start of a span to the millisecond, and spans that follow each other quickly would seem to overlap.',
      'const now = () => performance.timeOrigin + performance.now();',
      '',
    );
  }
  const variables = new Map([...shared.values()].map((value) => [variable(value), value]));
  for (const [name, { value }] of variables) lines.push(`const ${name} = ${literal(value)};`);
  if (variables.size > 0) lines.push('');
  const body = top.flatMap((span) => spanLines(span, parts));
  if (top.length === 1) lines.push(...body);
  else {
    lines.push(
      '// The span of the request, which your framework starts: the others are in its trace because it is active.',
      `await tracer.startActiveSpan('request', ${ordered ? '{ startTime: now() }, ' : ''}async (request) => {`,
      '  try {',
      ...body.map((line) => indented(line, 2)),
      '  } finally {',
      `    request.end(${ordered ? 'now()' : ''});`,
      '  }',
      '});',
    );
  }
  return `${lines.join('\n')}\n`;
}

function spanLines(placed: PlacedSpan, parts: SnippetParts): string[] {
  const need = parts.needs[placed.need];
  if (need === undefined) return [];
  const kind = kindOf(need);
  const ordered = hasOrder(parts.needs);
  const settings = [
    ...(kind === null ? [] : [`kind: SpanKind.${kind.toUpperCase()}`]),
    ...(ordered ? ['startTime: now()'] : []),
  ];
  const options = settings.length === 0 ? '' : `{ ${settings.join(', ')} }, `;
  const comment = orderComment(placed.need, parts);
  const span = [
    ...(comment === null ? [] : [`// ${comment}`]),
    `await tracer.startActiveSpan(${text(need.name)}, ${options}async (span) => {`,
    '  try {',
    ...snippetAttributes(need).map(
      (attribute) =>
        `    span.setAttribute(${text(attribute.name)}, ${valueText(placed.need, attribute, parts)});`,
    ),
    ...exceptions(need).map((event) => `    span.addEvent(${text(event)});`),
    ...(failsOf(need) ? ['    span.setStatus({ code: SpanStatusCode.ERROR });'] : []),
    '    // ... the work itself ...',
    ...placed.inner.flatMap((inner) => spanLines(inner, parts)).map((line) => indented(line, 2)),
    ...(mayFail(need)
      ? [
          '  } catch (error) {',
          '    span.recordException(error);',
          '    span.setStatus({ code: SpanStatusCode.ERROR });',
          '    throw error;',
        ]
      : []),
    '  } finally {',
    `    span.end(${ordered ? 'now()' : ''});`,
    '  }',
    '});',
  ];
  const times = timesOf(need);
  if (times === 1) return span;
  return [
    `for (let number = 1; number <= ${times}; number++) {`,
    ...span.map((line) => indented(line, 1)),
    '}',
  ];
}

function valueText(span: number, attribute: AttributeNeed, { shared }: SnippetParts): string {
  const common = shared.get(`${span} ${attribute.name}`);
  return common === undefined ? literal(attribute.example ?? 'example') : variable(common);
}

function hasOrder(needs: readonly SpanNeed[]): boolean {
  return needs.some(({ relations }) => relations.some(({ kind }) => kind === 'before' || kind === 'after'));
}

function kindOf(need: SpanNeed): string | null {
  const kind = need.fields.find(({ field }) => field === 'kind')?.value ?? null;
  return kind !== null && /^(?:internal|server|client|producer|consumer)$/.test(kind) ? kind : null;
}

function failsOf(need: SpanNeed): boolean {
  return need.fields.some(({ field, value }) => field === 'status' && value === 'error');
}

/** The rule looks at the status of the span, which nobody sets unless this code does. */
function mayFail(need: SpanNeed): boolean {
  return !failsOf(need) && need.fields.some(({ field }) => field === 'status');
}

function variable({ words }: SharedValue): string {
  return words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
}

function literal(value: ExampleValue): string {
  if (typeof value === 'string') return text(value);
  return typeof value === 'object' ? `[${value.map(text).join(', ')}]` : String(value);
}

function text(value: string): string {
  const escaped = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped}'`;
}

function indented(line: string, depth: number): string {
  return line === '' ? '' : '  '.repeat(depth) + line;
}
