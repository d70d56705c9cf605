import { remedyFor } from '../../archive/disk/disk.ts';
import { nodeDisk } from '../../archive/disk/node-disk.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { OwnTelemetry } from '../own-telemetry.ts';
import { tellRules } from '../rule-reloading.ts';
import { RuleKeeper } from '../rules/rule-keeper.ts';
import { openRuleMemory, type RuleMemory } from '../rules/rule-memory.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import type { StartupContext } from './startup-context.ts';

export async function startRuleMemory(context: StartupContext): Promise<RuleMemory> {
  const { settings, log } = context.options;
  const { memory, problems } = await context.guarded(() =>
    openRuleMemory({
      disk: nodeDisk(),
      folder: settings.folder,
      after: (milliseconds, callback) => context.clock.after(milliseconds, callback),
      onFault: ({ message, fault }) =>
        log.warn('rules that are in force cannot be kept for the next start', {
          problem: message,
          help: remedyFor(fault),
        }),
      onBug: context.onBug,
    }),
  );
  context.onClose(() => memory.close());
  context.found(problems);
  return memory;
}

/** Loads the rules; `onRules` is told of every later set, and whether it judges otherwise than the one before. */
export function startRules(
  context: StartupContext,
  telemetry: OwnTelemetry,
  memory: RuleMemory,
  onRules: (set: RuleSet, meaning: boolean) => void,
): RuleKeeper {
  const { settings, log, strict, rules: source } = context.options;
  const news = { metrics: context.metrics, health: context.health, log };
  const keeper = new RuleKeeper({
    source,
    settings: settings.judge,
    lastGood: memory.lastGood,
    clock: context.clock,
    telemetry,
    onChange: (set, outcome, meaning) => {
      tellRules(set, outcome, news);
      onRules(set, meaning);
    },
  });
  const first = keeper.loadFirst();
  context.onClose(() => keeper.stop());
  context.diagnostics.push(...first.diagnostics.filter(({ severity }) => severity !== 'info'));
  const fatal = strict ? strictProblems(first) : [];
  if (fatal.length > 0) throw context.refusal(...fatal);
  if (first.rules.length === 0) context.diagnostics.push(noRules());
  tellRules(first, null, news);
  return keeper;
}

function strictProblems(set: RuleSet): Diagnostic[] {
  if (set.rules.length === 0 && set.broken.length === 0) return [{ ...noRules(), severity: 'error' }];
  return set.broken.map(({ name, errors }) => ({
    code: 'FL806',
    severity: 'error',
    message: `\`${name}\` has ${errors === 1 ? 'an error' : `${errors} errors`}, and with \`--strict\` the server does not start`,
    file: name,
    help: 'mend it, or leave `--strict` out to serve with the rules of the other files',
  }));
}

function noRules(): Diagnostic {
  return {
    code: 'FL805',
    severity: 'warning',
    message: 'there are no rules: spans are archived and nothing is judged',
    help: 'put rule files into the folder of rules (`fluo init` makes a first one): they are loaded without a restart',
  };
}
