/** What `explain` and `instrument` are asked about: a loaded rule, a rule of the library, or the text of a rule. */
import { didYouMean } from '../base/suggest.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Rule } from '../invariant/rule.ts';
import { KEBAB_CASE } from '../invariant/shape/shape.ts';
import { compileRule } from '../language/compile.ts';
import type { CompiledRule } from '../language/compiled-rule.ts';
import { commandLineError, type GivenValue, type Invocation, optionValues } from './arguments.ts';
import type { Io } from './io.ts';
import { readLibrary } from './library.ts';
import { loadNamedRules } from './rule-files.ts';

export interface Subject {
  readonly condition: CompiledRule;
  /** Null for a text of the command line. */
  readonly rule: Rule | null;
  /** Where the rule is, for a person; null for a text. */
  readonly place: string | null;
}

interface SubjectReading {
  /** Null when there are errors. */
  readonly subject: Subject | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function readSubject(io: Io, invocation: Invocation, given: GivenValue): SubjectReading {
  return KEBAB_CASE.test(given.value) ? ruleById(io, invocation, given) : ruleByText(given);
}

/** Rules that were named come first; the library answers for what no loaded rule is called. */
function ruleById(io: Io, invocation: Invocation, given: GivenValue): SubjectReading {
  const loaded = loadNamedRules(io, invocation, optionValues(invocation, 'rules'));
  const own = loaded.rules?.find((rule) => rule.id === given.value);
  if (own !== undefined) return { subject: subjectOf(own, own.file.name), diagnostics: [] };
  const isMissing = loaded.diagnostics.every(({ code }) => code === 'FL712' || code === 'FL713');
  // A rule file with an error may be the one that holds the rule.
  if (loaded.rules === null && !isMissing) return { subject: null, diagnostics: loaded.diagnostics };
  const library = readLibrary(io);
  for (const file of library) {
    const rule = file.rules.find((candidate) => candidate.id === given.value);
    if (rule !== undefined) return { subject: subjectOf(rule, `library: ${file.name}`), diagnostics: [] };
  }
  const ids = [...(loaded.rules ?? []), ...library.flatMap((file) => file.rules)].map((rule) => rule.id);
  return { subject: null, diagnostics: [unknownSubject(invocation, given, ids)] };
}

function subjectOf(rule: Rule, place: string): Subject {
  return { condition: rule.condition, rule, place };
}

function ruleByText(given: GivenValue): SubjectReading {
  const { rule, diagnostics } = compileRule({ name: 'rule', text: given.value });
  if (rule === null) return { subject: null, diagnostics };
  return { subject: { condition: rule, rule: null, place: null }, diagnostics: [] };
}

function unknownSubject(invocation: Invocation, given: GivenValue, ids: readonly string[]): Diagnostic {
  const near = didYouMean(given.value, ids);
  return commandLineError(
    invocation.commandLine,
    given.range,
    'FL720',
    `no rule of this folder or of the library has the id \`${given.value}\``,
    near !== '' ? near : 'say `--rules PATH` if the rule is elsewhere, or run `fluo library list`',
  );
}
