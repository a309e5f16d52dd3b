/** What reading a file or folder comes to; null: it is not there. Every other fault is the caller's. */
export async function ifThere<T>(reading: Promise<T>): Promise<T | null> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
