/** The lists and macros of a rule file, as the conditions in it see them. */
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';
import type { SelectorNode } from '../../language/ast.ts';
import { compileRule } from '../../language/compile.ts';
import type { RuleScope } from '../../language/compiled-rule.ts';
import { parseSelector } from '../../language/parse.ts';
import { listOf, mapOf, type PlainValue, plainValue, textOf, valueAt } from '../yaml/access.ts';
import { embeddedSource, inFile } from '../yaml/embedded.ts';
import type { YamlMap, YamlScalar } from '../yaml/read-yaml.ts';
import { foldedComments } from './folded-comment.ts';

interface Macro {
  readonly name: string;
  readonly scalar: YamlScalar;
  readonly selector: SelectorNode;
  /** Macros that it uses. */
  readonly uses: readonly string[];
}

/** In the place of a macro that has errors of its own: rules that use it then have only theirs. */
const PLACEHOLDER = '*';
/** A macro is checked as the selector of this rule. */
const FRAME = { before: 'never { ', after: ' }' };

/**
 * Reads `lists` and `macros`. A macro may use lists and other macros of the file, above or below it. Problems point into the
 * macro's text; a macro with one stands for any span in what is returned.
 */
export function readScope(file: SourceText, root: YamlMap, diagnostics: Diagnostic[]): RuleScope {
  const lists = readLists(root);
  const parsed = parseMacros(file, root, diagnostics);
  const macros = new Map<string, SelectorNode>();
  const placeholder = parseSelector(embeddedSource(file, PLACEHOLDER)).selector;
  if (placeholder !== null) {
    for (const { name } of mapOf(valueAt(root, 'macros'))?.entries ?? []) macros.set(name, placeholder);
  }
  for (const macro of inOrderOfUse(file, parsed, diagnostics)) {
    const scope = { lists, macros };
    const framed = `${FRAME.before}${macro.scalar.value}${FRAME.after}`;
    const checked = compileRule(embeddedSource(file, framed), scope);
    if (checked.rule === null) {
      diagnostics.push(...inFile(checked.diagnostics, file, macro.scalar, FRAME.before.length));
    } else {
      macros.set(macro.name, macro.selector);
    }
  }
  return { lists, macros };
}

function readLists(root: YamlMap): Map<string, PlainValue[]> {
  const lists = new Map<string, PlainValue[]>();
  for (const { name, value } of mapOf(valueAt(root, 'lists'))?.entries ?? []) {
    lists.set(
      name,
      (listOf(value)?.items ?? []).flatMap((item) => plainValue(item) ?? []),
    );
  }
  return lists;
}

function parseMacros(file: SourceText, root: YamlMap, diagnostics: Diagnostic[]): Map<string, Macro> {
  const macros = new Map<string, Macro>();
  for (const { name, value } of mapOf(valueAt(root, 'macros'))?.entries ?? []) {
    const text = textOf(value);
    if (text === null || text.text.trim() === '') continue;
    const folded = foldedComments(file, text.node, text.text);
    diagnostics.push(...folded);
    if (folded.length > 0) continue;
    const { selector, diagnostics: problems } = parseSelector(embeddedSource(file, text.text));
    diagnostics.push(...inFile(problems, file, text.node));
    if (selector === null || problems.some((problem) => problem.severity === 'error')) continue;
    macros.set(name, { name, scalar: text.node, selector, uses: macrosIn(selector) });
  }
  return macros;
}

/** Names of the macros that a tree mentions as selectors. Cost: linear. */
function macrosIn(selector: SelectorNode): string[] {
  const names: string[] = [];
  const open: SelectorNode[] = [selector];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.matcher.kind === 'macro') names.push(next.matcher.name);
    for (const step of next.steps) {
      if (step.kind !== 'where' && step.target.kind === 'selector') open.push(step.target);
    }
  }
  return names;
}

/** Each macro behind those that it uses; those of a circle are reported and left out. */
function inOrderOfUse(
  file: SourceText,
  macros: ReadonlyMap<string, Macro>,
  diagnostics: Diagnostic[],
): Macro[] {
  const ordered: Macro[] = [];
  const state = new Map<string, 'open' | 'done' | 'circular'>();
  const visit = (macro: Macro, path: readonly string[]): boolean => {
    const known = state.get(macro.name);
    if (known === 'open') {
      const circle = [...path.slice(path.indexOf(macro.name)), macro.name].map((name) => `\`$${name}\``);
      diagnostics.push({
        code: 'FL319',
        severity: 'error',
        message: `the macro \`$${macro.name}\` uses itself`,
        source: file,
        range: macro.scalar.range,
        notes: [`${circle.join(' uses ')}`],
        help: 'write the spans that are meant into one of them',
      });
      return false;
    }
    if (known !== undefined) return known === 'done';
    state.set(macro.name, 'open');
    let sound = true;
    for (const used of macro.uses) {
      const other = macros.get(used);
      // An unknown macro is reported when the macro that uses it is compiled.
      if (other !== undefined && !visit(other, [...path, macro.name])) sound = false;
    }
    state.set(macro.name, sound ? 'done' : 'circular');
    if (sound) ordered.push(macro);
    return sound;
  };
  for (const macro of macros.values()) visit(macro, []);
  return ordered;
}
