import { TweedieError } from '@tweedie/core';

/**
 * 'network.dropout=0.1' as path and text.
 *
 * @throws TweedieError INVALID_OPTION when there is no '='
 */
export function splitSetting(setting: string): readonly [path: string, text: string] {
  const at = setting.indexOf('=');
  if (at > 0) return [setting.slice(0, at), setting.slice(at + 1)];
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'cli',
    given: `--set is '${setting}'`,
    allowed: 'PATH=VALUE, as in network.dropout=0.1',
  });
}
