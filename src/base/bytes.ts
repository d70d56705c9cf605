/** Sizes in bytes as people write them: `512MiB`, `10GB`. */

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

export const BYTES = /^\d+(?:\.\d+)?(?:B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

/** Whole bytes; null when the text is no size. */
export function parseBytes(text: string): number | null {
  if (!BYTES.test(text)) return null;
  const unit = text.replace(/^[\d.]+/, '');
  return Math.floor(Number(text.slice(0, text.length - unit.length)) * (UNITS[unit] ?? 1));
}

/** With the largest binary unit that needs no fraction: 1048576 is `1MiB`. */
export function formatBytes(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    const size = UNITS[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

/** For a person, with about three figures: 81234567 is `77.5 MiB`. */
export function humanBytes(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    const size = UNITS[unit] ?? 1;
    if (bytes >= size) {
      const value = bytes / size;
      return `${Number(value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2))} ${unit}`;
    }
  }
  return `${bytes} B`;
}
