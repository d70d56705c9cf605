/** A disk in memory, for tests and for whoever has the bytes already. */
import type { Disk } from './disk.ts';

/**
 * A disk that holds these files, by their paths with `/` between; folders are those that the paths tell. Bytes come in chunks of
 * `chunkBytes`.
 */
export function memoryDisk(
  files: Readonly<Record<string, Uint8Array | string>>,
  { chunkBytes = 1024 * 1024, standardInput = new Uint8Array(0) as Uint8Array | string } = {},
): Disk {
  const bytesOf = (path: string) => {
    const content = files[path];
    return content === undefined ? undefined : asBytes(content);
  };
  const below = (folder: string) => {
    const prefix = `${folder.replace(/\/+$/, '')}/`;
    return Object.keys(files)
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  };
  return {
    async stat(path) {
      const bytes = bytesOf(path);
      if (bytes !== undefined) return { kind: 'file', size: bytes.length };
      if (below(path).length > 0) return { kind: 'folder', size: 0 };
      throw errno('ENOENT', path);
    },
    async realPath(path) {
      if (bytesOf(path) === undefined && below(path).length === 0) throw errno('ENOENT', path);
      return path;
    },
    async list(folder) {
      const names = below(folder).map((path) => path.split('/')[0] as string);
      if (names.length === 0) throw errno(files[folder] === undefined ? 'ENOENT' : 'ENOTDIR', folder);
      return [...new Set(names)];
    },
    async *read(path) {
      const bytes = bytesOf(path);
      if (bytes === undefined) throw errno(below(path).length > 0 ? 'EISDIR' : 'ENOENT', path);
      yield* chunks(bytes, chunkBytes);
    },
    readStandardInput: () => chunks(asBytes(standardInput), chunkBytes),
  };
}

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

function asBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

function errno(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}
