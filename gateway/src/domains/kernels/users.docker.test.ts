/** What a user of the machine can do to a project's programs and files. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { run, startWorld } from './containers.fixture.ts';

const skip = process.geteuid?.() === 0 ? false : 'only root runs projects as users of their own';

describe('a user of the machine', { skip }, () => {
  it('reads neither variables of a program nor files, and gains nothing by a set-user-id file', async (t) => {
    const world = await startWorld(t);
    const { kernels } = await world.startGateway();
    const { id } = await kernels.start({ project: 'p', environment: 'python-inference', memory: 256, cores: 1, gpus: 0 }, 'ann');
    const code = `import os, shutil, getpass, pwd
shutil.copy("/usr/bin/id", "/project/id")
os.chmod("/project/id", 0o4755)
open(os.path.expanduser("~/.cache-probe"), "w").close()
print(getpass.getuser(), pwd.getpwuid(os.getuid()).pw_dir, os.getuid())`;
    assert.equal(await run(kernels, { project: 'p', kernel: id }, code), `bine /home/bine ${world.project.owner.uid}`);
    const processes = execFileSync('ps', ['-eo', 'pid=,uid='])
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    const [pid] = processes.find(([, uid]) => Number(uid) === world.project.owner.uid)!;
    const asUser = (...words: string[]) =>
      execFileSync(words[0]!, words.slice(1), { uid: 1000, gid: 1000, stdio: 'pipe', cwd: '/' }).toString();
    assert.throws(() => asUser('cat', `/proc/${pid}/environ`), /Permission denied/);
    await chmod(world.home, 0o700);
    assert.throws(() => asUser(join(world.project.files, 'id')), /EACCES|Permission denied/);
    await kernels.shutdown({ project: 'p', kernel: id }, 'ann');
  });
});
