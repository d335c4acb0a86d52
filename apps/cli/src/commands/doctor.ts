import { Command } from 'commander';
import { type Done, jsonOption } from './flags.js';

export function declareDoctor(done: Done): Command {
  return new Command('doctor')
    .description('say what works on this machine and, where something does not, why')
    .addOption(jsonOption())
    .action(async (flags) => {
      const { doctorCommand } = await import('../doctor.js');
      done(await doctorCommand(flags));
    });
}
