/** Takes the rules, the YAML and the Python out of the invariant-driven development guide, where it lies beside the checkout. */
import { join } from 'node:path';

/** The guide is the user's own and no part of the repository. */
export function guideDocument(): string {
  return join(import.meta.dirname, '../../../shared/sources/invariant-driven-development.md');
}

/**
 * The rules in code blocks, wherever they stand: one begins with `trace.has` and goes on in the lines below that begin with `and`. Comments
 * and what stands before a rule in its line are left out, repetitions are not.
 */
export function rulesInGuide(document: string): string[] {
  const rules: string[] = [];
  for (const { text } of codeBlocks(document, /.*/)) {
    let open: string[] | null = null;
    for (const line of [...text.split('\n'), '']) {
      const begin = line.indexOf('trace.has(');
      const continues = /^\s+and\s/.test(line);
      if (open !== null && continues) {
        open.push(line);
        continue;
      }
      if (open !== null) rules.push(open.join('\n'));
      open = begin === -1 ? null : [line.slice(begin)];
    }
  }
  return rules;
}

/** The blocks that are rule files. */
export function yamlInGuide(document: string): string[] {
  return codeBlocks(document, /^yaml$/).map(({ text }) => text);
}

/** The Python blocks that define a function whose name is given. */
export function pythonInGuide(document: string, functionName: string): string[] {
  return codeBlocks(document, /^python$/)
    .map(({ text }) => text)
    .filter((text) => text.includes(`def ${functionName}(`));
}

function codeBlocks(document: string, language: RegExp): { readonly text: string }[] {
  return [...document.matchAll(/^```(\w*)\n(.*?)^```/gms)]
    .filter(([, name = '']) => language.test(name))
    .map(([, , text = '']) => ({ text }));
}
