/** Mutants that no trace can tell from the evaluator, each with the reason. The mutation test fails for an entry that is out of date. */
export const EQUIVALENT: readonly { readonly change: string; readonly because: string }[] = [];
