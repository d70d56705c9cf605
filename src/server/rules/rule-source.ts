/** Where the server gets its rules from. The program reads files; tests give texts. */
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';

export interface RuleReading {
  /** By path, each once. */
  readonly files: readonly SourceText[];
  /** What to watch: absolute paths of files and folders, there or not. */
  readonly paths: readonly string[];
  /** Files and folders that could not be read. */
  readonly problems: readonly Diagnostic[];
}

export interface RuleSource {
  /** Reads all rule files as they are now. Never throws on what a person wrote or the system refuses. */
  read(): RuleReading;
  /** Calls `listener` when something below the paths may have changed; returns a function that ends it. */
  watch(paths: readonly string[], listener: () => void): () => void;
}
