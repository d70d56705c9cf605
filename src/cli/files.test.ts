import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { filesBelow } from './files.ts';
import { memoryIo } from './memory-io.ts';
import { NodeFiles } from './node-io.ts';
import { run } from './run.ts';

it('walks a folder that links to itself twice once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fluo-links-'));
  try {
    writeFileSync(join(folder, 'a.yaml'), '');
    symlinkSync('.', join(folder, 'x'));
    symlinkSync('.', join(folder, 'y'));
    expect(filesBelow(new NodeFiles(), folder, () => true)).toEqual([join(folder, 'a.yaml')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('calls a file that the system refuses no bug', async () => {
  const io = memoryIo({ argv: ['init'], cwd: '/project' });
  io.files.forbid('/project/fluo.yaml');
  expect(await run(io)).toBe(2);
  expect(io.stderr.text).toContain('error[FL711] `/project/fluo.yaml` cannot be used');
});
