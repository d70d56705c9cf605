/** The short lists that a signal carries: names, versions, examples. */
import type { Signal, SignalExample } from './signal.ts';

/** Examples that stay; a later one takes turns behind them. */
export const FIRST_EXAMPLES = 4;
const MOST_NAMES = 50;

export function withLast(list: readonly string[], next: string, most: number): readonly string[] {
  return list.includes(next) ? list : [...list, next].slice(-most);
}

export function merged(known: readonly string[], more: readonly string[]): readonly string[] {
  const fresh = more.filter((name) => name !== '' && !known.includes(name));
  return fresh.length === 0 ? known : [...new Set([...known, ...fresh])].sort().slice(0, MOST_NAMES);
}

export function withVersion<Witness>(
  versions: Signal<Witness>['versions'],
  service: string,
  version: string,
): Signal<Witness>['versions'] {
  if (version === '') return versions;
  if (versions.some((one) => one.service === service && one.version === version)) return versions;
  return [...versions, { service, version }]
    .sort((a, b) => compareTexts(a.service, b.service) || compareTexts(a.version, b.version))
    .slice(0, MOST_NAMES);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first few in time, and behind them the latest of those that were offered. */
export function withExample<Witness>(
  examples: readonly SignalExample<Witness>[],
  example: SignalExample<Witness>,
): readonly SignalExample<Witness>[] {
  const others = examples.filter(({ scopeId }) => scopeId !== example.scopeId);
  const sorted = [...others, example].sort((a, b) => a.at - b.at || compareTexts(a.scopeId, b.scopeId));
  const last = sorted.at(-1);
  return sorted.length <= FIRST_EXAMPLES + 1 || last === undefined
    ? sorted
    : [...sorted.slice(0, FIRST_EXAMPLES), last];
}
