import { expect, it } from 'vitest';
import { DuckDbMissing, hasDuckDb } from './duckdb.ts';
import { openArchive } from './query.ts';

it('is found where it is installed', () => {
  expect(hasDuckDb()).toBe(true);
});

it('is missed by whoever asks the archive, as often as it is asked, and not when it is closed', async () => {
  let tries = 0;
  const archive = openArchive('/nowhere', async () => {
    tries++;
    throw new DuckDbMissing('Cannot find package');
  });
  await expect(archive.sql('SELECT 1')).rejects.toThrow(DuckDbMissing);
  await expect(archive.sql('SELECT 1')).rejects.toThrow(DuckDbMissing);
  expect(tries).toBe(2);
  await archive.close();
});
