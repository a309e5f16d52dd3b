/** How far a transfer is, as Git prints it on stderr over and over on one line. */
import type { Progress } from '../../ports/git/transfers.ts';

const line = /^(?:remote: )?([A-Z][a-z]+(?: [a-z]+)*): +(?:(\d{1,3})% \(|\d+\b)/;

/** @param onProgress called with each news, which may be hundreds a second */
export function progressReader(onProgress: (progress: Progress) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split(/[\r\n]/);
    rest = lines.pop()!.slice(-1000);
    const [, stage, percent] = lines.map((one) => line.exec(one)).findLast(Boolean) ?? [];
    if (stage) onProgress({ stage, percent: percent === undefined ? null : Math.min(Number(percent), 100) });
  };
}
