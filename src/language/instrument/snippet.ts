/** What the snippets of both languages have in common. */
import type { SnippetParts } from '../instrument.ts';
import type { AttributeNeed, SpanNeed } from '../needs.ts';
import { namesWords } from './checklist.ts';

/** Resource attributes are of the process: code that makes spans cannot set them. */
export function resourceComment(needs: readonly SpanNeed[]): string[] {
  const pairs = new Map<string, string>();
  for (const { attributes, fields } of needs) {
    for (const { where, name, example } of attributes) {
      if (where === 'resource' && example !== null) pairs.set(name, String(example));
    }
    const service = fields.find(({ field }) => field === 'service')?.value ?? null;
    if (service !== null) pairs.set('service.name', service);
  }
  if (pairs.size === 0) return [];
  const words = [...pairs].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join(',');
  return [
    'Resource attributes are set where the process starts, for all of its spans:',
    `OTEL_RESOURCE_ATTRIBUTES=${words}`,
  ];
}

/** The attributes that code sets on the span; one that should be absent is left out. */
export function snippetAttributes(need: SpanNeed): AttributeNeed[] {
  return need.attributes.filter(
    ({ where, example, sameAs }) => where === 'any' && (example !== null || sameAs !== null),
  );
}

/** Names of the events that the rule asks for. */
export function exceptions(need: SpanNeed): string[] {
  return need.fields.flatMap(({ field, value }) => (field === 'events' && value !== null ? [value] : []));
}

/** A snippet does not make a thousand spans. */
const MOST_TIMES = 10;

export function timesOf({ atLeast }: SpanNeed): number {
  return Math.min(Math.max(atLeast, 1), MOST_TIMES);
}

/** Why the span stands where it stands, or null. */
export function orderComment(span: number, { needs }: SnippetParts): string | null {
  const before = new Set<string>();
  const inside = new Set<string>();
  needs.forEach((need, at) => {
    for (const { kind, span: other, optional } of need.relations) {
      if (optional) continue;
      if (kind === 'before' && at === span) before.add(needs[other]?.name ?? '');
      if (kind === 'after' && other === span) before.add(need.name);
      if ((kind === 'child_of' || kind === 'inside') && at === span) inside.add(needs[other]?.name ?? '');
    }
  });
  const reasons = [
    ...(before.size === 0 ? [] : [`ends before ${namesWords([...before])} starts`]),
    ...(inside.size === 0 ? [] : [`starts while ${namesWords([...inside])} is active`]),
  ];
  return reasons.length === 0 ? null : `It ${reasons.join(', and ')}.`;
}
