/** Numbers with their noun, for messages. */

/** `1 occurrence`, `1,200 occurrences`. */
export function counted(count: number, noun: string): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${count === 1 ? noun : `${noun}s`}`;
}
