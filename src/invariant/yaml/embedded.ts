/** The DSL inside YAML: a scalar's text as a source of its own, and its diagnostics back in the file. */
import { type Diagnostic, relocate, type SourceText } from '../../diagnostic/diagnostic.ts';
import type { YamlScalar } from './read-yaml.ts';

/** The text of a scalar as a source; it has the file's name, for that is where a person will look. */
export function embeddedSource(file: SourceText, text: string): SourceText {
  return { name: file.name, text };
}

/**
 * Moves diagnostics of a scalar's text to their places in the file. `shift` is where the text begins within what was
 * diagnosed. A fix whose text would mean something else inside the scalar's quotes or indentation is dropped.
 */
export function inFile(
  diagnostics: readonly Diagnostic[],
  file: SourceText,
  scalar: YamlScalar,
  shift = 0,
): Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    const { fix, ...rest } = diagnostic;
    const safe = fix !== undefined && isSafe(fix.text, scalar);
    return relocate(safe ? diagnostic : rest, file, (offset) => scalar.toOuter(offset - shift));
  });
}

function isSafe(text: string, { style }: YamlScalar): boolean {
  if (text.includes('\n')) return false;
  if (style === 'double-quoted') return !/["\\]/.test(text);
  if (style === 'single-quoted') return !text.includes("'");
  return style === 'block' || !/: |:$| #|^[\s"'&*!|>%@`{}[\],?-]/.test(text);
}
