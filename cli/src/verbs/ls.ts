/** `bine ls` */
import { listFolder } from '@bine/client/list-folder';
import { parseRemote } from '../project-files.ts';
import { formatAge, formatBytes, nameText } from '../terminal.ts';
import { defineVerb } from '../verb.ts';

export const ls = defineVerb<{ folder: string }>({
  summary: 'List a folder of a project',
  examples: [
    ['quickstart', 'the project itself'],
    ['quickstart:data', 'a folder in it'],
  ],
  arguments: [{ name: 'folder', summary: 'PROJECT or PROJECT:PATH' }],
  json: true,
  async run(context, { folder }) {
    const { terminal } = context;
    const { api } = await context.client();
    const at = parseRemote(folder) ?? { project: folder, path: '' };
    const { entries: files } = await listFolder(api.files, at, { signal: context.signal });
    if (context.json) return terminal.printJson(files);
    terminal.printTable(
      ['name', 'size', 'changed'],
      files.map(({ path, type, size, modified }) => [
        nameText(path.split('/').at(-1)!) + (type === 'directory' ? '/' : ''),
        type === 'file' ? formatBytes(size) : '',
        formatAge(modified),
      ]),
      'It is empty.',
    );
  },
});
