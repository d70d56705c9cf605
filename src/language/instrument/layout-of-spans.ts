/**
 * Puts the spans that a rule needs into one trace that satisfies it: who is inside whom, and who comes first.
 *
 *     request ─┬─ inventory.reserve        before payment.charge: an earlier sibling
 *              └─ payment.charge ─ db.write        child_of: inside its parent's function
 */
import type { RelationNeed, SpanNeed } from '../needs.ts';

/** A span of the snippet with those that start while it is active, in the order in which they run. */
export interface PlacedSpan {
  /** Index of its need. */
  readonly need: number;
  readonly inner: PlacedSpan[];
}

interface SpanLayout {
  readonly top: readonly PlacedSpan[];
  /** Relations that this layout cannot show, as the index of the span and the relation. */
  readonly unmet: readonly { readonly need: number; readonly relation: RelationNeed }[];
}

/** Lays out the needs for which `shown` is true. Cost: quadratic in the spans of a rule. */
export function layOut(needs: readonly SpanNeed[], shown: (need: SpanNeed) => boolean): SpanLayout {
  const parents = new Map<number, number>();
  const unmet: { need: number; relation: RelationNeed }[] = [];
  const isShown = (at: number): boolean => needs[at] !== undefined && shown(needs[at]);
  const relations = needs.flatMap((need, at) =>
    isShown(at)
      ? need.relations
          .filter(({ span, optional }) => isShown(span) && !optional)
          .map((relation) => ({ need: at, relation }))
      : [],
  );
  for (const { need, relation } of relations) {
    if (relation.kind !== 'child_of' && relation.kind !== 'inside') continue;
    const known = parents.get(need);
    if (known === undefined && !pathOf(relation.span, parents).includes(need))
      parents.set(need, relation.span);
    else if (known !== relation.span) unmet.push({ need, relation });
  }
  const follows = new Map<number, Set<number>>();
  for (const { need, relation } of relations) {
    if (relation.kind !== 'before' && relation.kind !== 'after') continue;
    const [first, second] = relation.kind === 'before' ? [need, relation.span] : [relation.span, need];
    const pair = siblingsAbove(pathOf(first, parents), pathOf(second, parents));
    if (pair === null || reaches(follows, pair[1], pair[0])) {
      unmet.push({ need, relation });
      continue;
    }
    const later = follows.get(pair[0]) ?? new Set();
    follows.set(pair[0], later.add(pair[1]));
  }
  const place = (parent: number | undefined): PlacedSpan[] => {
    const members = needs.flatMap((_, at) => (isShown(at) && parents.get(at) === parent ? [at] : []));
    return inOrder(members, follows).map((need) => ({ need, inner: place(need) }));
  };
  return { top: place(undefined), unmet };
}

/** From the span up to the top. */
function pathOf(span: number, parents: ReadonlyMap<number, number>): number[] {
  const path = [span];
  for (let at = parents.get(span); at !== undefined && !path.includes(at); at = parents.get(at))
    path.push(at);
  return path;
}

/** The spans above two others that are siblings; null when one of the two is inside the other. */
function siblingsAbove(
  first: readonly number[],
  second: readonly number[],
): readonly [number, number] | null {
  let a = first.length - 1;
  let b = second.length - 1;
  while (a >= 0 && b >= 0 && first[a] === second[b]) {
    a--;
    b--;
  }
  const [left, right] = [first[a], second[b]];
  return left === undefined || right === undefined ? null : [left, right];
}

function reaches(follows: ReadonlyMap<number, ReadonlySet<number>>, from: number, to: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(follows.get(at) ?? []));
  }
  return false;
}

/** As given, but for what must come earlier. `follows` has no cycle. */
function inOrder(members: readonly number[], follows: ReadonlyMap<number, ReadonlySet<number>>): number[] {
  const ordered: number[] = [];
  const visit = (at: number): void => {
    if (ordered.includes(at)) return;
    for (const other of members) if (follows.get(other)?.has(at) === true) visit(other);
    ordered.push(at);
  };
  members.forEach(visit);
  return ordered;
}
