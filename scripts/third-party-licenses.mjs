/** The licences of the packages whose code is in the bundle: their texts must go wherever that code goes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One section a package with its name, version and whole licence text, by name. `metafile` is esbuild's. Throws where a package
 * brings no licence file: what may not be passed on must not be built in.
 */
export function thirdPartyLicenses(root, metafile) {
  const sections = bundledPackages(metafile).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const text = licenceText(join(root, folder));
    if (text === null) throw new Error(`${name} ${version} has no licence file, and is in the bundle`);
    return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${text.trim()}\n`;
  });
  return `Fluo contains code of these packages, each under its own licence.\n\n${sections.join('\n')}`;
}

/** Folders of the packages that gave at least one byte to an output, sorted. */
export function bundledPackages(metafile) {
  const folders = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

function licenceText(folder) {
  if (!existsSync(folder)) return null;
  const name = readdirSync(folder).find((file) => /^(?:licen[cs]e|copying)(?:\.(?:md|txt))?$/i.test(file));
  return name === undefined ? null : readFileSync(join(folder, name), 'utf8');
}
