import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

/**
 * Every block of TypeScript in the documentation is type-checked against the sources: in one program,
 * without writing a file. The blocks of a document lie in one folder, beside the document; one
 * that begins with a comment `// NAME.ts` is that file, which another block may import. A block after
 * the line `<!-- fragment -->` uses names of its surroundings and is not checked.
 */
const root = resolve(import.meta.dirname, '..');

/** Folders whose dependencies an example may import: its reader installs what it names. */
const folders = ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => join(root, group, name)),
);
const documents = [root, join(root, 'docs'), join(root, 'reliability'), ...folders].flatMap(
  (folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
);

/** The most fragments there may be: a complete program is better. */
const FRAGMENTS = 3;

/** @returns {{ file: string, text: string, line: number, fragment: boolean }[]} */
function blocksOf(document) {
  const pattern = /(?<mark><!-- fragment -->\n+)?^```ts\n(?<text>[\s\S]*?)^```$/gm;
  const markdown = readFileSync(document, 'utf8');
  return [...markdown.matchAll(pattern)].map(({ index, groups, 0: all }, number) => {
    const name = /^\/\/ ([\w./-]+\.ts)\b/.exec(groups.text)?.[1] ?? `block-${number + 1}.ts`;
    const begin = index + all.indexOf('```ts');
    return {
      file: `${document.slice(0, -'.md'.length)}-examples/${name}`,
      text: groups.text,
      line: markdown.slice(0, begin).split('\n').length,
      fragment: groups.mark !== undefined,
    };
  });
}

const blocks = documents.flatMap((document) =>
  blocksOf(document).map((block) => ({ ...block, document })),
);
const complete = blocks.filter(({ fragment }) => !fragment);

/** What TypeScript finds wrong in the blocks, each with its place in the document. */
function mistakes() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  const settings = { ...options, moduleDetection: ts.ModuleDetectionKind.Force, noEmit: true };
  const texts = new Map(complete.map(({ file, text }) => [file, text]));
  const plain = ts.createCompilerHost(settings);
  const host = {
    ...plain,
    directoryExists: (folder) => folder.endsWith('-examples') || plain.directoryExists(folder),
    fileExists: (file) => texts.has(file) || plain.fileExists(file),
    readFile: (file) => texts.get(file) ?? plain.readFile(file),
    getSourceFile: (file, ...rest) =>
      texts.has(file)
        ? ts.createSourceFile(file, texts.get(file), ...rest)
        : plain.getSourceFile(file, ...rest),
  };
  const cache = ts.createModuleResolutionCache(root, (name) => name, settings);
  const found = (name, from) =>
    ts.resolveModuleName(name, from, settings, host, cache).resolvedModule;
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text: name }) => {
      const places =
        texts.has(from) && !name.startsWith('.')
          ? folders.map((folder) => join(folder, 'x.ts'))
          : [];
      const resolvedModule = [from, ...places].reduce(
        (module, place) => module ?? found(name, place),
        undefined,
      );
      return { resolvedModule };
    });
  const program = ts.createProgram([...texts.keys()], settings, host);
  return complete.flatMap(({ file, document, line }) => {
    const source = program.getSourceFile(file);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ start, messageText }) => {
      const at = line + 1 + source.getLineAndCharacterOfPosition(start).line;
      const place = document.slice(root.length + 1);
      return `${place}:${at}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

it(`the ${complete.length} complete programs of the documentation compile`, () => {
  expect(complete.length).toBeGreaterThan(20);
  expect(mistakes()).toEqual([]);
});

it('few examples are fragments', () => {
  expect(blocks.length - complete.length).toBeLessThanOrEqual(FRAGMENTS);
});

it('links lead somewhere; those of a package stay inside it, since it is published alone', () => {
  const broken = documents.flatMap((document) => {
    const folder = dirname(document);
    return [...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target)
      .filter((target) => {
        const path = resolve(folder, target);
        const leaves = folders.includes(folder) && !path.startsWith(`${folder}${sep}`);
        return leaves || !existsSync(path);
      })
      .map((target) => `${document.slice(root.length + 1)} → ${target}`);
  });
  expect(broken).toEqual([]);
});

it.each(folders)(
  'the README of %s says how to install what its first example imports',
  (folder) => {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const document = join(folder, 'README.md');
    const [line = ''] = /^npm install (?:.*\\\n)*.*/m.exec(readFileSync(document, 'utf8')) ?? [];
    const [example] = blocksOf(document);
    const imported = [
      ...example.text.matchAll(/^(?:import|.*\bfrom) '(?!node:)((?:@[\w-]+\/)?[\w-]+)/gm),
    ];
    // The command is installed alone: its example is a plug-in, which shares the command's packages.
    const needed = name === '@tweedie/cli' ? [] : imported.map(([, needs]) => needs);
    const installed = line.split(/[\s\\]+/);
    expect([name, ...needed].filter((needs) => !installed.includes(needs))).toEqual([]);
  },
);
