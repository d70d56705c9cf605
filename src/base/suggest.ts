/** "Did you mean": near names for a name that nothing knows. */

/**
 * Returns up to `limit` candidates within a third of the wanted name's length (at least one edit), nearest first,
 * then by code point. Cost: O(candidates × length²) with an early end once the bound is passed.
 */
export function suggest(wanted: string, candidates: Iterable<string>, limit = 3): string[] {
  const bound = Math.max(1, Math.floor(wanted.length / 3));
  const near: { name: string; distance: number }[] = [];
  for (const name of new Set(candidates)) {
    const distance = wanted.toLowerCase() === name.toLowerCase() ? 0 : editDistance(wanted, name, bound);
    if (distance <= bound && distance < wanted.length) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, limit).map((entry) => entry.name);
}

/** Writes candidates as a question, `did you mean \`a\` or \`b\`?`; the empty text when there are none. */
export function didYouMean(wanted: string, candidates: Iterable<string>): string {
  const names = suggest(wanted, candidates).map((name) => `\`${name}\``);
  if (names.length === 0) return '';
  const last = names.pop();
  return `did you mean ${names.length === 0 ? last : `${names.join(', ')} or ${last}`}?`;
}

/** Optimal string alignment distance (insert, delete, replace, swap neighbours); `bound + 1` stands for all above it. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      }
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > bound) return bound + 1;
    before = above;
    above = current;
  }
  return above[b.length] ?? bound + 1;
}
