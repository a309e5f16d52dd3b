/** Views while nobody is signed in. */
import { toProblem } from './problem.ts';

/** What is in a view while nobody is signed in: nothing, which its welcome explains. VS Code would tell the error in a notification. */
export async function noneIfSignedOut<T>(read: () => T[] | Promise<T[]>): Promise<T[]> {
  try {
    return await read();
  } catch (error) {
    if (toProblem(error).code === 'no-key') return [];
    throw error;
  }
}
