import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { decodeSafetensors } from '@tweedie/training';
import { createNodeRegistry } from 'tweedie/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const binary = join(root, 'apps/cli/dist/main.js');
let folder: string;
const at = (...path: string[]) => join(folder, ...path);

/** Runs the built command as a person does; never through a shell. */
function tweedie(...args: string[]) {
  const result = spawnSync(process.execPath, [binary, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

/** A U-Net small enough for a test, on real digits. */
const small = [
  ...['--set', 'network.blockOutChannels=8,16'],
  ...['--set', 'network.downBlockTypes=DownBlock2D,AttnDownBlock2D'],
  ...['--set', 'network.upBlockTypes=AttnUpBlock2D,UpBlock2D'],
  ...['--set', 'data.limit=256', '--batch', '8'],
];
const train = (out: string, ...more: string[]) =>
  tweedie('train', 'ddpm-mnist', '--out', out, '--seed', '1', '--samples', '0', ...small, ...more);

/** Every tensor of a run's newest checkpoint, as bytes. */
function weightsOf(run: string): Record<string, Buffer> {
  const files = readdirSync(at(run, 'checkpoints'))
    .filter((name) => name.endsWith('.safetensors'))
    .sort();
  const { tensors } = decodeSafetensors(readFileSync(at(run, 'checkpoints', files.at(-1)!)));
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ]),
  );
}

function expectFailure(result: ReturnType<typeof tweedie>, message: RegExp, code = 1): void {
  expect(result.err + result.out).toMatch(message);
  expect(result.code).toBe(code);
  expect(result.err).not.toMatch(/^\s+at /m);
}

beforeAll(() => {
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`);
  folder = mkdtempSync(join(tmpdir(), 'tweedie-cli-'));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('tweedie train', () => {
  it('gives the same bytes for the same seed, and others for another', () => {
    for (const name of ['a', 'b']) {
      const { code, err } = train(name, '--steps', '6');
      expect(err).toContain('loss');
      expect(code).toBe(0);
    }
    expect(weightsOf('a')).toEqual(weightsOf('b'));
    expect(Object.keys(weightsOf('a')).some((name) => name.startsWith('ema.'))).toBe(true);
    expect(train('c', '--steps', '6', '--set', 'training.seed=2').code).toBe(0);
    expect(weightsOf('c')).not.toEqual(weightsOf('a'));
  });

  it('writes a self-describing run folder', () => {
    const config = JSON.parse(readFileSync(at('a/config.json'), 'utf8')).config;
    expect(config.network.options.blockOutChannels).toEqual([8, 16]);
    expect(config.training.steps).toBe(6);
    const lines = readFileSync(at('a/metrics.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).step)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('killed at any moment and resumed, ends where the uninterrupted run ends', async () => {
    expect(train('whole', '--steps', '12', '--checkpoint-every', '2').code).toBe(0);
    const args = (resume: boolean) => [
      ...[binary, 'train', 'ddpm-mnist', '--out', 'killed', '--seed', '1', '--samples', '0'],
      ...[...small, '--steps', '12', '--checkpoint-every', '2', ...(resume ? ['--resume'] : [])],
    ];
    for (const wait of [300, 1200, 2000]) {
      const child = spawn(process.execPath, args(wait !== 300), { cwd: folder, stdio: 'ignore' });
      await killAfter(child, wait);
    }
    expect(tweedie(...args(true).slice(1)).code).toBe(0);
    expect(weightsOf('killed')).toEqual(weightsOf('whole'));
    const lines = readFileSync(at('killed/metrics.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).step)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
  });

  it('on Ctrl-C finishes the step, saves, and exits 130', async () => {
    const args = [
      'train',
      'ddpm-mnist',
      '--out',
      'interrupted',
      '--steps',
      '100000',
      '--json',
      ...small,
    ];
    const child = spawn(process.execPath, [binary, ...args], { cwd: folder });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    const code = await new Promise<number | null>((done) => {
      child.stderr.on('data', (text) => {
        err += text;
        if (err.includes('loss') && !child.killed) child.kill('SIGINT');
      });
      child.on('exit', done);
    });
    expect(code).toBe(130);
    const result = JSON.parse(out);
    expect(result.interrupted).toBe(true);
    expect(result.step).toBeGreaterThan(0);
    expect(existsSync(at(result.checkpoint))).toBe(true);
  });

  it('refuses bad input in one message and leaves nothing', () => {
    expectFailure(tweedie('train', 'ddpm-mnits', '--out', 'x'), /did you mean 'ddpm-mnist'/);
    expectFailure(train('x', '--steps', '0'), /at least 1/, 2);
    expectFailure(train('x', '--batch', '0'), /at least 1/, 2);
    expectFailure(train('x', '--bathc', '3'), /unknown option '--bathc'/, 2);
    expectFailure(train('x', '--set', 'network.dropuot=0.1'), /did you mean 'dropout'/);
    expectFailure(train('x', '--set', 'network.dropout=2'), /dropout/);
    expectFailure(train('x', '--set', 'network.normNumGroups=7'), /group/i);
    expectFailure(train('x', '--set', 'data.folder=nowhere'), /nowhere/);
    expectFailure(train('x', '--backend', 'abacus'), /abacus/, 2);
    expect(existsSync(at('x'))).toBe(false);
    expectFailure(train('a', '--steps', '6'), /already holds a run/);
    writeFileSync(at('file'), '');
    expectFailure(train('file/run', '--steps', '1'), /file/);
  });

  it('refuses data with NaN and names it', () => {
    writeFileSync(at('bad.csv'), '0,1\n2,NaN\n');
    const result = tweedie(
      'train',
      'ddpm-moons',
      '--out',
      'nan',
      '--data',
      'csv',
      '--set',
      'data.path=bad.csv',
      '--steps',
      '3',
    );
    expectFailure(result, /NaN|not a (finite )?number/i);
    expect(
      existsSync(at('nan', 'checkpoints')) && readdirSync(at('nan', 'checkpoints')).length > 0,
    ).toBe(false);
  });

  it('names a data set that is not there', () => {
    const result = tweedie(
      'train',
      'ddpm-fashion-mnist',
      '--out',
      'y',
      '--set',
      'data.folder=absent',
    );
    expectFailure(result, /absent/);
    expect(existsSync(at('y'))).toBe(false);
  });
});

describe('tweedie on NCSN', () => {
  const levels = 4;
  const tiny = [
    ...['--set', 'network.ngf=4', '--set', 'network.multipliers=1,2'],
    ...['--set', 'network.dilations=1,1', '--set', `network.levels=${levels}`],
    ...['--set', `schedule.steps=${levels}`, '--set', 'sampling.sampler.stepsPerLevel=2'],
    ...['--set', 'sampling.batchSize=4', '--set', 'data.limit=64', '--batch', '8'],
  ];

  it('trains on digits and draws by annealed Langevin dynamics', () => {
    const { code, err, out } = tweedie(
      ...['train', 'ncsn-mnist', '--out', 'ncsn', '--steps', '3', '--samples', '3', '--json'],
      ...tiny,
    );
    expect(err).toContain('annealed-langevin, 4 steps');
    expect(code).toBe(0);
    expect(JSON.parse(out).samples).toMatch(/samples\.png$/);
    expect(existsSync(at('ncsn/samples.png'))).toBe(true);
  });

  it.each([
    ...createNodeRegistry().names('sampler'),
    'annealed-langevin --grid trailing --steps 2 --set sampler.denoise=false',
    'langevin --grid constant --steps 3 --set grid.time=0',
    'ddpm --set sampler.variance=fixedLarge --set sampler.clip=1',
    'ddim --grid linspace --steps 3 --set sampler.eta=0.5',
    'predictor-corrector --set sampler.corrector=langevin',
  ])('samples it by %s', (text) => {
    const [sampler = '', ...more] = text.split(' ');
    const draw = (count: string, file: string) =>
      tweedie('sample', 'ncsn', '-n', count, '--sampler', sampler, ...more, '--out', file);
    const { code, err } = draw('3', 'drawn.npy');
    expect(err).not.toContain('NaN');
    expect(code).toBe(0);
    // Sample 0 is the same whatever is asked for beside it.
    expect(draw('1', 'first.npy').code).toBe(0);
    const values = (file: string) => readFileSync(at(file)).subarray(128, 128 + 28 * 28 * 4);
    expect(values('first.npy')).toEqual(values('drawn.npy'));
  });

  it('refuses explicit score matching where the law of the data is not known', () => {
    expectFailure(
      tweedie(
        ...['train', 'ncsn-mnist', '--out', 'explicit', '--steps', '1', ...tiny],
        ...['--set', 'loss=explicit-score-matching'],
      ),
      /the batch has no density.*denoising score matching/,
    );
  });
});

describe('tweedie sample', () => {
  const sample = (out: string, ...more: string[]) =>
    tweedie('sample', 'a', '--steps', '4', '--seed', '3', '--out', out, ...more);

  it('gives the first of many whatever the count', () => {
    expect(sample('few.safetensors', '-n', '3').code).toBe(0);
    expect(sample('many.safetensors', '-n', '20').code).toBe(0);
    const few = decodeSafetensors(readFileSync(at('few.safetensors'))).tensors.samples!;
    const many = decodeSafetensors(readFileSync(at('many.safetensors'))).tensors.samples!;
    expect(few.shape).toEqual([3, 28, 28, 1]);
    expect([...many.data.subarray(0, few.data.length)]).toEqual([...few.data]);
    expect(new Set(many.data).size).toBeGreaterThan(1000);
  });

  it('writes pictures and arrays, and says where', () => {
    const png = sample('s.png', '-n', '5', '--json', '--sampler', 'ddim');
    expect(JSON.parse(png.out)).toMatchObject({ samples: 's.png', shape: [5, 28, 28, 1], step: 6 });
    expect([...readFileSync(at('s.png')).subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    expect(sample('s.npy', '-n', '2').out.trim()).toBe('s.npy');
    expect(readFileSync(at('s.npy')).subarray(1, 6).toString()).toBe('NUMPY');
  });

  it('refuses bad input in one message and writes nothing', () => {
    expectFailure(sample('z.png', '--sampler', 'ddimm'), /did you mean 'ddim'/);
    expectFailure(sample('z.bmp'), /\.png, \.npy, \.safetensors/);
    expectFailure(sample('z.png', '-n', '0'), /at least 1/, 2);
    expectFailure(tweedie('sample', 'nowhere'), /nowhere/);
    expectFailure(tweedie('sample', 'nowhere', '--json'), /"code":"MISSING_DATA"/);
    expect(existsSync(at('z.png'))).toBe(false);
  });

  it('refuses a damaged checkpoint by name, and takes the last good one', () => {
    const checkpoints = readdirSync(at('whole/checkpoints')).sort();
    expect(checkpoints.length).toBeGreaterThan(1);
    const newest = at('whole/checkpoints', checkpoints.at(-1)!);
    const bytes = readFileSync(newest);
    bytes[bytes.length - 100]! ^= 1;
    writeFileSync(newest, bytes);
    const flipped = tweedie('sample', 'whole', '-n', '1', '--steps', '2', '--out', 'w.png');
    expect(flipped.code).toBe(0);
    expect(flipped.err).toContain(checkpoints.at(-1));
    for (const name of checkpoints)
      writeFileSync(at('whole/checkpoints', name), bytes.subarray(0, 500));
    expectFailure(tweedie('sample', 'whole', '-n', '1', '--out', 'v.png'), /checkpoint/);
    expect(existsSync(at('v.png'))).toBe(false);
  });
});

describe('tweedie', () => {
  it('explains itself', () => {
    expect(tweedie('--help').out).toContain('train');
    expect(tweedie('train', '--help').out).toContain('ddpm-mnist');
    expect(tweedie('--version').out.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    expectFailure(tweedie('trian'), /Did you mean train/, 2);
  });

  it('lists every option of a recipe', () => {
    const rows = JSON.parse(tweedie('options', 'ddpm-mnist', '--json').out) as { path: string }[];
    expect(rows.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'network.dropout',
        'training.learningRate',
        'sampling.sampler',
        'data.split',
        'loss.weighting',
        'loss.times',
      ]),
    );
  });

  it('says what works here', () => {
    const diagnosis = JSON.parse(tweedie('doctor', '--json').out);
    expect(diagnosis.auto).toBe('onnx');
    expect(diagnosis.backends.map((b: { backend: string }) => b.backend)).toEqual([
      'onnx',
      'wasm',
      'cpu',
    ]);
    expect(tweedie('doctor').out).toContain('--backend auto takes onnx');
  });

  it('refuses a folder that it may not write', () => {
    mkdirSync(at('locked'));
    chmodSync(at('locked'), 0o500);
    // Root may write anywhere, so what nobody can write stands in for it there.
    const target = process.getuid?.() === 0 ? '/proc/run' : 'locked/run';
    const result = tweedie('train', 'ddpm-moons', '--out', target, '--steps', '1');
    expectFailure(result, /cannot|could not|failed|denied|no such/i);
  });
});

async function killAfter(child: ChildProcess, milliseconds: number): Promise<void> {
  await new Promise<void>((done) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    child.on('exit', () => {
      clearTimeout(timer);
      done();
    });
  });
}
