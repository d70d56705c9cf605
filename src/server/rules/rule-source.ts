/** Where the server gets its rules from. The program reads files; tests give texts. */
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';

export interface RuleReading {
  /** By path, each once. */
  readonly files: readonly SourceText[];
  /** What to watch: absolute paths of files and folders, there or not. */
  readonly paths: readonly string[];
  /** What is wrong with files and folders that could not be read. */
  readonly problems: readonly Diagnostic[];
  /** Of what nobody knows what is in it now. */
  readonly unread: readonly UnreadPlace[];
}

/** A file or folder that could not be read, or is not there. */
export interface UnreadPlace {
  /** As the names of files in it begin. */
  readonly name: string;
  readonly isAbsent: boolean;
  /** The one of `problems` that says so; null: it need not be there. */
  readonly problem: Diagnostic | null;
}

export interface RuleSource {
  /** Reads all rule files as they are now. Never throws on what a person wrote or the system refuses. */
  read(): RuleReading;
  /** Calls `listener` when something below the paths may have changed; returns a function that ends it. */
  watch(paths: readonly string[], listener: () => void): () => void;
}
