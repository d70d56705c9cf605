/** What to do so that a rule can look at a program: a check list, and snippets for Node and Python to start from. */
import type { CompiledRule } from './compiled-rule.ts';
import { type ChecklistEntry, checklistOf } from './instrument/checklist.ts';
import { layOut, type PlacedSpan } from './instrument/layout-of-spans.ts';
import { nodeSnippet } from './instrument/node-snippet.ts';
import { pythonSnippet } from './instrument/python-snippet.ts';
import { sharedValues } from './instrument/shared-values.ts';
import { needsOf, type SpanNeed } from './needs.ts';

export type { ChecklistEntry } from './instrument/checklist.ts';

interface Instrumentation {
  readonly needs: readonly SpanNeed[];
  /** One entry a span, triggers first. */
  readonly checklist: readonly ChecklistEntry[];
  /** What holds for all of them, or cannot be shown in a snippet; a sentence each. */
  readonly notes: readonly string[];
  /** An ES module; ends with a line end. Needs `@opentelemetry/api`. */
  readonly node: string;
  /** A script; ends with a line end. Needs `opentelemetry-api`. */
  readonly python: string;
}

/** What the snippets are made of. */
export interface SnippetParts {
  readonly needs: readonly SpanNeed[];
  readonly top: readonly PlacedSpan[];
  /** Values that several spans must have in common, by `span attribute` (see sharedValues). */
  readonly shared: ReturnType<typeof sharedValues>;
}

/** The snippets make a trace that triggers the rule and keeps it, as far as `notes` does not say otherwise. */
export function instrumentationOf(rule: CompiledRule): Instrumentation {
  const needs = needsOf(rule);
  const { top, unmet } = layOut(needs, isShown);
  const parts: SnippetParts = {
    needs,
    top,
    shared: sharedValues(needs.map((need) => (isShown(need) ? need : null))),
  };
  const notes = [
    rule.across === null
      ? 'All spans must be of one trace: start each while the one around it is active (`startActiveSpan`, `start_as_current_span`). A span that is started without an active parent begins a trace of its own, and the rule never sees the two together.'
      : 'The spans may be of different traces and services: the key is what brings them together.',
  ];
  for (const { need, relation } of unmet) {
    notes.push(
      `The snippets do not show that \`${needs[need]?.name}\` is ${RELATION_WORDS[relation.kind]} \`${needs[relation.span]?.name}\`: it contradicts another relation of the rule, or needs a second span.`,
    );
  }
  return {
    needs,
    checklist: checklistOf(needs),
    notes,
    node: nodeSnippet(parts),
    python: pythonSnippet(parts),
  };
}

const RELATION_WORDS = {
  before: 'before',
  after: 'after',
  child_of: 'a child of',
  inside: 'inside',
} as const;

function isShown(need: SpanNeed): boolean {
  return need.role !== 'forbidden' && (need.role !== 'watched' || need.attributes.length > 0);
}
