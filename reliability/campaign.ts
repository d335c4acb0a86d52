/** What a program of this folder is told. */
export interface CampaignOptions {
  readonly seed: number;
  /** How much to do: deaths, storms, steps, inputs. */
  readonly count: number;
  /** When to stop in any case, in milliseconds since the epoch. */
  readonly until: number;
  /** How many processes of the program work at once. */
  readonly jobs: number;
  /** Says how far it has come. */
  readonly say: (text: string) => void;
}

/** What a program did and found. */
export interface CampaignResult {
  /** 'kills', 'decoders: png' … */
  readonly name: string;
  /** 'deaths': 1000 … */
  readonly counts: Readonly<Record<string, number>>;
  /** What must not be, a line each: how to make it again, and what happened. */
  readonly faults: readonly string[];
}

/** A list of faults; each is said at once, for a long run may not come to its end. */
export function createFaults(say: (text: string) => void): {
  readonly found: readonly string[];
  add(fault: string): void;
} {
  const found: string[] = [];
  return {
    found,
    add(fault) {
      found.push(fault);
      say(`FAULT ${fault}`);
    },
  };
}

/** Does tasks in order, `jobs` at a time, and begins none after `until`. */
export async function runTasks(
  tasks: Iterable<() => Promise<void>>,
  { jobs, until }: Pick<CampaignOptions, 'jobs' | 'until'>,
): Promise<void> {
  const left = tasks[Symbol.iterator]();
  const work = async () => {
    while (Date.now() < until) {
      const { done, value: task } = left.next();
      if (done) return;
      await task();
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
}
