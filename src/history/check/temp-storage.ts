/** Room on disk for what does not fit in memory, and its twin in memory for tests. */

export interface TempFile {
  /** Appends; the bytes may be used again afterwards. */
  append(bytes: Uint8Array): void;
  /** All that was appended, in pieces of any size. To be called after the last `append`. */
  read(): Iterable<Uint8Array>;
  /** Gives the room back; more than once is fine. */
  remove(): void;
}

export interface TempStorage {
  create(): TempFile;
  /** Removes every file that is left. */
  close(): void;
}

/** Keeps everything in memory. */
export function memoryStorage(): TempStorage & { readonly files: number } {
  const live = new Set<TempFile>();
  return {
    get files() {
      return live.size;
    },
    create() {
      let pieces: Uint8Array[] = [];
      const file: TempFile = {
        append: (bytes) => void pieces.push(bytes.slice()),
        read: () => pieces,
        remove() {
          pieces = [];
          live.delete(file);
        },
      };
      live.add(file);
      return file;
    },
    close() {
      for (const file of [...live]) file.remove();
    },
  };
}
