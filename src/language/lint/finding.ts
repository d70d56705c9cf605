/** What a lint gives back. */
import type { DiagnosticCode } from '../../diagnostic/codes.ts';
import type { Diagnostic, TextRange } from '../../diagnostic/diagnostic.ts';
import type { CompiledRule } from '../compiled-rule.ts';

/** One lint: what it objects to in a rule that the checker has passed. */
export type Lint = (rule: CompiledRule) => Diagnostic[];

interface Finding {
  readonly code: DiagnosticCode;
  /** In the rule's own text. */
  readonly range: TextRange;
  readonly message: string;
  readonly help: string;
  readonly severity?: 'warning' | 'info';
  readonly notes?: readonly string[];
  readonly fix?: { readonly range: TextRange; readonly text: string } | null;
}

export function finding(rule: CompiledRule, { fix, ...rest }: Finding): Diagnostic {
  return {
    severity: 'warning',
    ...rest,
    source: rule.source,
    ...(fix === undefined || fix === null ? {} : { fix }),
  };
}
