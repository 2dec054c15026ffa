// Makes ../graphiql from the locked npm packages: one script, one style sheet, and every licence of what is in them.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const OUT = '../graphiql';

/** GraphiQL's style sheet without the fonts in it, 350 KB with licences of their own: page.css names the system's. */
const withoutFonts = {
  name: 'without-fonts',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules.*\.css$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      return { contents: text.replace(/@font-face\s*\{[^}]*\}/g, ''), loader: 'css' };
    });
  },
};

const { metafile } = await build({
  entryPoints: { page: 'page.jsx' },
  outdir: OUT,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  loader: { '.graphql': 'text' },
  legalComments: 'none', // the licences are in a file of their own, complete
  define: { 'process.env.NODE_ENV': '"production"' },
  metafile: true,
  plugins: [withoutFonts],
});

const folders = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found) folders.add(found[1]);
}

const MIT = await readFile('MIT.txt', 'utf8');

/** Some packages declare MIT and leave its text out. */
function declared({ license, author, repository }) {
  if (license !== 'MIT') throw new Error(`No licence file, and ${license} is not MIT.`);
  const holder = author?.name ?? author ?? repository?.url ?? repository ?? 'its authors';
  return `The package declares MIT and has no file of it. Copyright (c) ${holder}\n\n${MIT}`;
}

async function licenceOf(folder) {
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest;
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? await readFile(path.join(folder, file), 'utf8') : declared(manifest);
  return { title: `${name} ${version} (${license})`, text: text.replaceAll('\r', '').trim() };
}

const licences = (await Promise.all([...folders].map(licenceOf))).sort((a, b) => (a.title < b.title ? -1 : 1));
const line = '='.repeat(80);
const written = licences.map(({ title, text }) => `${line}\n${title}\n${line}\n${text}\n`);
await writeFile(`${OUT}/LICENSES.txt`, `What page.js and page.css are made of, with the licence of each.\n\n${written.join('\n')}`);
console.log(`${licences.length} packages`);
