import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
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

  it('refuses bad input in one message and leaves nothing', () => {
    expectFailure(tweedie('train', 'ddpm-mnits', '--out', 'x'), /Did you mean 'ddpm-mnist'/);
    expectFailure(train('x', '--steps', '0'), /at least 1/, 2);
    expectFailure(train('x', '--batch', '0'), /at least 1/, 2);
    expectFailure(train('x', '--bathc', '3'), /unknown option '--bathc'/, 2);
    expectFailure(train('x', '--set', 'network.dropuot=0.1'), /Did you mean 'dropout'/);
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

/** A run that computes on the processor, in steps so short that a test has many. */
const moons = (out: string, ...more: string[]) => [
  ...[binary, 'train', 'ddpm-moons', '--out', out, '--backend', 'cpu', '--batch', '8'],
  ...['--set', 'network.widths=16', '--samples', '0', ...more],
];

/** Starts a command. @param stdio of stdin, stdout and stderr */
function start(args: readonly string[], stdio: StdioOptions = 'pipe') {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio });
  const text = { out: '', err: '' };
  child.stdout?.on('data', (piece) => {
    text.out += piece;
  });
  child.stderr?.on('data', (piece) => {
    text.err += piece;
  });
  const ended = new Promise<number | null>((done) => {
    child.on('exit', done);
  });
  /** Waits until stderr says something. */
  const says = (word: string) =>
    new Promise<void>((done, fail) => {
      const look = () => text.err.includes(word) && done();
      child.stderr!.on('data', look);
      child.on('exit', () => fail(new Error(`it ended before '${word}': ${text.err}`)));
      look();
    });
  return { child, text, ended, says };
}
const checkpointsOf = (run: string) => readdirSync(at(run, 'checkpoints')).sort();

describe('signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s finishes the step, saves, and exits %d, told twice too', async (name, code) => {
    const run = `stopped-${name}`;
    const { child, text, ended, says } = start(moons(run, '--steps', '10000000', '--json'));
    await says('loss');
    child.kill(name);
    child.kill(name);
    expect(await ended).toBe(code);
    const result = JSON.parse(text.out);
    expect(result.interrupted).toBe(true);
    expect(result.step).toBeGreaterThan(0);
    expect(existsSync(at(result.checkpoint))).toBe(true);
    expect(existsSync(at(run, '.lock'))).toBe(false);
  });
});

describe('streams that cannot be written', () => {
  it('a log whose reader is gone (2>&1 | head -1) does not end training', async () => {
    const { child, ended, says } = start(moons('head', '--steps', '3000'));
    await says('ddpm-moons');
    child.stderr!.destroy();
    child.stdout!.destroy();
    expect(await ended).toBe(0);
    expect(checkpointsOf('head')).toContain('step-00003000.safetensors');
  });

  const full = existsSync('/dev/full');
  it.runIf(full)('a log on a full disk does not end training', async () => {
    const file = openSync('/dev/full', 'w');
    const { text, ended } = start(moons('full-log', '--steps', '20', '--json'), [
      ...(['ignore', 'pipe', file] as const),
    ]);
    expect(await ended).toBe(0);
    closeSync(file);
    expect(JSON.parse(text.out).step).toBe(20);
  });

  it.runIf(full)('a result on a full disk is one line and a code', async () => {
    const file = openSync('/dev/full', 'w');
    const stdio = ['ignore', file, 'pipe'] as const;
    const lost = /^error the result could not be written to standard output \(ENOSPC: .*\)\n$/;
    for (const args of [
      ['list'],
      ['--help'],
      ['options', 'ddpm-moons'],
      ['train', 'x', '--json'],
    ]) {
      const { text, ended } = start([binary, ...args], [...stdio]);
      expect(await ended).toBe(1);
      expect(text.err).toMatch(args.includes('--json') ? /standard output/ : lost);
    }
    const { text, ended } = start(moons('full-result', '--steps', '20', '--json'), [...stdio]);
    expect(await ended).toBe(1);
    expect(text.err).toContain('error the result could not be written');
    expect(checkpointsOf('full-result')).toEqual(['step-00000020.safetensors']);
    closeSync(file);
  });
});

describe('a run', () => {
  it('whose step diverges keeps the last good state', () => {
    const learning = ['--set', 'training.learningRate=1e30'];
    const { status, stderr } = spawnSync(process.execPath, moons('wild', ...learning), {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    expect(status).toBe(1);
    const step = Number(/the state is that of step (\d+)\./.exec(stderr)?.[1]);
    expect(step).toBeGreaterThan(0);
    const name = `step-${String(step).padStart(8, '0')}.safetensors`;
    expect(stderr).toContain(`Saved step ${step} of`);
    expect(checkpointsOf('wild')).toContain(name);
  });

  it('is trained by one command at a time, and read by any', async () => {
    const { child, ended, says } = start(
      moons('one', '--steps', '10000000', '--checkpoint-every', '1'),
    );
    await says('loss');
    const second = tweedie(...moons('one', '--resume', '--json').slice(1));
    expect(second.code).toBe(1);
    const { code, message } = JSON.parse(second.out).error;
    expect(code).toBe('LOCKED');
    expect(message).toContain(`'one' is being written by process ${child.pid} on `);
    expect(tweedie('sample', 'one', '-n', '2', '--steps', '2', '--out', 'one.npy').code).toBe(0);
    child.kill('SIGKILL');
    await ended;
    const third = tweedie(...moons('one', '--resume', '--steps', '1').slice(1));
    expect(third.err).toContain('from step');
    expect(existsSync(at('one/.lock'))).toBe(false);
  });

  it('with a symbolic link in the place of its samples is refused', () => {
    expect(tweedie(...moons('linked', '--steps', '2').slice(1)).code).toBe(0);
    writeFileSync(at('mine'), 'mine');
    symlinkSync(at('mine'), at('linked/samples.png'));
    const again = tweedie(...moons('linked', '--steps', '4', '--resume').slice(1));
    expectFailure(again, /linked\/samples.png' is a symbolic link/);
    expect(readFileSync(at('mine'), 'utf8')).toBe('mine');
  });

  it.runIf(process.platform === 'linux')('with few open files ends in one line', () => {
    // Where Node itself has too few it speaks for itself, in many.
    for (const files of [20, 22, 24, 26]) {
      const command = `ulimit -n ${files}; exec "$0" "$@"`;
      const args = ['-c', command, process.execPath, ...moons(`few-${files}`, '--steps', '2')];
      const { status, stderr } = spawnSync('sh', args, { cwd: folder, encoding: 'utf8' });
      if (status === 0 || stderr.includes('\nNode.js v')) continue;
      expect(stderr).toMatch(/^.*error.* Fix: let it open more files: ulimit -n 256\.?\n$/);
      expect(status).toBe(1);
    }
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
    expectFailure(sample('z.png', '--sampler', 'ddimm'), /Did you mean 'ddim'/);
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
