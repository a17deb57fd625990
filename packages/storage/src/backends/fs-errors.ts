import { isPerceptError, PerceptError } from '@percept/core';

/**
 * Explains what the operating system refused. Errors that are explained already, or that did not come from it, pass.
 *
 * @param action - what was tried, as in "could not <action>"
 * @param path - absolute path of the file or folder
 */
export function explainFsError(cause: unknown, action: string, path: string): unknown {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (isPerceptError(cause) || typeof code !== 'string' || !(cause instanceof Error)) return cause;
  const options = { details: { path, errno: code }, cause };
  // File systems without hard links (FAT, some network shares) answer EPERM, which is not about permissions then.
  const { syscall } = cause as NodeJS.ErrnoException;
  if (code === 'EXDEV' || (syscall === 'link' && ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code))) {
    return new PerceptError(
      'STORAGE_UNSUPPORTED',
      `Could not ${action} ${path}: ${code === 'EXDEV' ? 'the folder spans several file systems' : 'its file system has no hard links, which ifAbsent needs'}; choose a folder on one local file system such as ext4, XFS, APFS or NTFS`,
      options,
    );
  }
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return new PerceptError(
        'STORAGE_PERMISSION',
        `Could not ${action} ${path}: permission denied (${code}); give this user access to it (ls -ld shows the owner) or choose another folder`,
        options,
      );
    case 'EROFS':
      return new PerceptError(
        'STORAGE_READ_ONLY',
        `Could not ${action} ${path}: its file system is mounted read-only; remount it writable or choose another folder`,
        options,
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new PerceptError(
        'STORAGE_FULL',
        `Could not ${action} ${path}: the disk, a quota or a file size limit is exhausted (${code}); free space (df -h, df -i) and try again. Nothing half-written was kept`,
        options,
      );
    case 'ENAMETOOLONG':
    case 'EILSEQ':
      return new PerceptError(
        'STORAGE_INVALID_KEY',
        `Could not ${action} ${path}: this file system does not take the name (${code}); use a shorter key or plain characters`,
        options,
      );
    default:
      return new PerceptError(
        'STORAGE_FAILED',
        `Could not ${action} ${path}: ${cause.message}; check the disk and the folder, then try again`,
        options,
      );
  }
}
