import { TweedieError } from '@tweedie/core';

/** A file or folder that cannot be used, with what the system says and what to do about it. */
function ioError(action: string, cause: unknown): TweedieError {
  const { code = 'unknown error', message } = cause as NodeJS.ErrnoException;
  // Node begins the message with the code already.
  const said = message.startsWith(`${code}: `) ? message : `${code}: ${message}`;
  const fixes: Readonly<Record<string, string>> = {
    EACCES: 'choose a folder that you may write to',
    EPERM: 'choose a folder that you may write to',
    EROFS: 'choose a folder on a disk that can be written',
    ENOSPC: 'free some space on the disk, then go on with resume',
    EDQUOT: 'free some of your quota, then go on with resume',
    EFBIG: 'raise the limit of file sizes (ulimit -f), then go on with resume',
    EMFILE: 'raise the limit of open files (ulimit -n), then go on with resume',
    ENFILE: 'close programs that keep many files open, then go on with resume',
    ELOOP: 'choose a path without circles of symbolic links',
    ENOTDIR: 'choose a path of which every part is a folder',
    EEXIST: 'choose a path of which every part is a folder',
    ENOENT: 'check the path',
  };
  const fix = fixes[code];
  return new TweedieError({
    code: 'IO',
    package: 'training',
    given: `${action} failed (${said})`,
    ...(fix === undefined ? {} : { fix }),
    cause,
  });
}

/** Runs a file operation; what the system refuses becomes an `IO` error. */
export async function withIo<Result>(
  action: string,
  operation: () => Promise<Result>,
): Promise<Result> {
  try {
    return await operation();
  } catch (cause) {
    if (TweedieError.isInstance(cause)) throw cause;
    throw ioError(action, cause);
  }
}
