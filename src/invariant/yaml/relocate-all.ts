/** Moves the diagnostics of a text inside a YAML file to their places in the file. */
import { type Diagnostic, relocate, type SourceText } from '../../diagnostic/diagnostic.ts';

export function relocateAll(
  diagnostics: readonly Diagnostic[],
  outer: SourceText,
  toOuter: (offset: number) => number,
): Diagnostic[] {
  return diagnostics.map((diagnostic) => relocate(diagnostic, outer, toOuter));
}
