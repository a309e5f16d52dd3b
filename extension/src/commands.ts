/**
 * Every command of the extension: what VS Code calls it and what the user reads. package.json repeats it, because VS Code
 * reads that; a test holds the two together, and a missing handler is a compile error.
 */

export type CommandEntry = {
  title: string;
  /** Where its place says of what it is, as in a notebook's toolbar. */
  short?: string;
  icon?: string;
  palette?: false | string;
};

const signedIn = 'bine.connection != none && bine.connection != signed-out';
const inRepository = 'bine.repositoryOpen';
const changedFile = 'bine.repositoryOpen && resourceScheme == bine';
const inNotebook = 'notebookKernel =~ /^bine\\.bine\\//';

export const commands = {
  'bine.signIn': { title: 'Sign In…', icon: 'sign-in' },
  'bine.signOut': { title: 'Sign Out', palette: signedIn },
  'bine.showConnection': { title: 'Show Connection…' },
  'bine.showLog': { title: 'Show Log' },
  'bine.getStarted': { title: 'Get Started' },

  'bine.createProject': { title: 'Create Project…', icon: 'add', palette: signedIn },
  'bine.openProject': { title: 'Open Project…', icon: 'folder-opened', palette: signedIn },
  'bine.openProjectInNewWindow': { title: 'Open Project in New Window…', icon: 'empty-window', palette: signedIn },
  'bine.addProjectToWorkspace': { title: 'Add Project to Workspace…', palette: signedIn },
  'bine.editProject': { title: 'Edit Project…', palette: signedIn },
  'bine.configureLimits': { title: 'Configure Limits…', palette: signedIn },
  'bine.deleteProject': { title: 'Delete Project…', palette: signedIn },
  'bine.openBin': { title: 'Open Bin…', icon: 'trash', palette: signedIn },
  'bine.emptyBin': { title: 'Empty Bin…', palette: signedIn },
  'bine.refreshProjects': { title: 'Refresh Projects', icon: 'refresh', palette: signedIn },
  'bine.manageMembers': { title: 'Manage Members…', palette: signedIn },
  'bine.manageSecrets': { title: 'Secrets…', icon: 'lock', palette: signedIn },
  'bine.chooseKernelSecrets': { title: 'Choose Secrets for Kernels…', palette: signedIn },
  'bine.createApiKey': { title: 'Create API Key…', palette: signedIn },
  'bine.useEditorSettings': { title: 'Use Editor Settings of a Project…', palette: signedIn },

  'bine.newNotebook': { title: 'New Notebook', icon: 'notebook', palette: 'bine.projectOpen' },
  'bine.goToFile': { title: 'Go to File…', icon: 'go-to-file', palette: 'bine.projectOpen' },
  'bine.newFile': { title: 'New File…', icon: 'new-file', palette: false },
  'bine.newFolder': { title: 'New Folder…', icon: 'new-folder', palette: false },
  'bine.renameFile': { title: 'Rename…', palette: false },
  'bine.deleteFile': { title: 'Delete', palette: false },
  'bine.uploadFiles': { title: 'Upload…', icon: 'cloud-upload', palette: signedIn },
  'bine.downloadFiles': { title: 'Download…', icon: 'cloud-download', palette: false },
  'bine.copyPath': { title: 'Copy Path', palette: false },

  'bine.checkOutRepository': { title: 'Check Out Repository…', icon: 'repo-clone', palette: signedIn },
  'bine.initRepository': { title: 'Initialize Repository…', icon: 'repo-create', palette: signedIn },
  'bine.manageGitTokens': { title: 'Manage Git Tokens…', icon: 'key', palette: signedIn },
  'bine.setGitIdentity': { title: 'Set Git Identity…', palette: signedIn },
  'bine.openChanges': { title: 'Open Changes', icon: 'git-compare', palette: changedFile },
  'bine.openChangedFile': { title: 'Open Changed File', short: 'Open File', icon: 'go-to-file', palette: false },
  'bine.stageChanges': { title: 'Stage Changes', icon: 'add', palette: changedFile },
  'bine.unstageChanges': { title: 'Unstage Changes', icon: 'remove', palette: changedFile },
  'bine.discardChanges': { title: 'Discard Changes…', icon: 'discard', palette: changedFile },
  'bine.stageAllChanges': { title: 'Stage All Changes', icon: 'add', palette: inRepository },
  'bine.unstageAllChanges': { title: 'Unstage All Changes', icon: 'remove', palette: inRepository },
  'bine.discardAllChanges': { title: 'Discard All Changes…', icon: 'discard', palette: inRepository },
  'bine.refreshRepository': { title: 'Refresh Repository', short: 'Refresh', icon: 'refresh', palette: inRepository },
  'bine.commit': { title: 'Commit', icon: 'check', palette: inRepository },
  'bine.amendCommit': { title: 'Amend Last Commit', palette: inRepository },
  'bine.sync': { title: 'Sync Changes', short: 'Sync', icon: 'sync', palette: inRepository },
  'bine.pull': { title: 'Pull', palette: inRepository },
  'bine.pullWithRebase': { title: 'Pull with Rebase', palette: inRepository },
  'bine.push': { title: 'Push', palette: inRepository },
  'bine.forcePush': { title: 'Push (Force)…', palette: inRepository },
  'bine.fetch': { title: 'Fetch', palette: inRepository },
  'bine.checkOutBranch': { title: 'Check Out Branch…', short: 'Check Out…', palette: inRepository },
  'bine.createBranch': { title: 'Create Branch…', short: 'Create…', palette: inRepository },
  'bine.renameBranch': { title: 'Rename Branch…', short: 'Rename…', palette: inRepository },
  'bine.deleteBranch': { title: 'Delete Branch…', short: 'Delete…', palette: inRepository },
  'bine.stash': { title: 'Stash Changes…', short: 'Stash…', palette: inRepository },
  'bine.stashWithUntracked': { title: 'Stash Changes with Untracked…', short: 'Stash with Untracked…', palette: inRepository },
  'bine.popLatestStash': { title: 'Pop Latest Stash', palette: inRepository },
  'bine.popStash': { title: 'Pop Stash…', palette: inRepository },
  'bine.applyStash': { title: 'Apply Stash…', palette: inRepository },
  'bine.dropStash': { title: 'Drop Stash…', palette: inRepository },
  'bine.addRemote': { title: 'Add Git Remote…', short: 'Add Remote…', palette: inRepository },
  'bine.removeRemote': { title: 'Remove Git Remote…', short: 'Remove Remote…', palette: inRepository },
  'bine.settleConflict': { title: 'Settle Conflict', palette: false },
  'bine.continueMerge': { title: 'Continue Merge', palette: 'bine.underway' },
  'bine.skipMerge': { title: 'Skip Commit…', palette: 'bine.underway' },
  'bine.abortMerge': { title: 'Abort Merge…', palette: 'bine.underway' },

  'bine.refreshEnvironments': { title: 'Refresh Environments', icon: 'refresh', palette: signedIn },
  'bine.cloneEnvironment': { title: 'Clone Environment…', icon: 'copy', palette: signedIn },
  'bine.installPackages': { title: 'Install Packages…', icon: 'add', palette: signedIn },
  'bine.installFile': { title: 'Install in Environment…', palette: false },
  'bine.uninstallPackages': { title: 'Uninstall Packages…', icon: 'trash', palette: signedIn },
  'bine.rollBackEnvironment': { title: 'Roll Back Environment…', icon: 'discard', palette: signedIn },
  'bine.compareRevisions': { title: 'Compare Revisions…', icon: 'diff', palette: signedIn },
  'bine.renameEnvironment': { title: 'Rename Environment…', palette: signedIn },
  'bine.describeEnvironment': { title: 'Describe Environment…', palette: signedIn },
  'bine.deleteEnvironment': { title: 'Delete Environment…', palette: signedIn },
  'bine.buildEnvironment': { title: 'Build Environment…', icon: 'tools', palette: signedIn },
  'bine.cancelEnvironment': { title: 'Cancel Build or Change…', icon: 'debug-stop', palette: signedIn },
  'bine.showBuildLog': { title: 'Show Build Log…', icon: 'output', palette: signedIn },
  'bine.installMissing': { title: 'Install Missing Package', palette: false },

  'bine.runAsJob': { title: 'Run as Job', icon: 'rocket', palette: signedIn },
  'bine.configureAndRunAsJob': { title: 'Run as Job…', palette: signedIn },
  'bine.refreshJobs': { title: 'Refresh Jobs', icon: 'refresh', palette: signedIn },
  'bine.stopExecution': { title: 'Stop Job', icon: 'debug-stop', palette: false },
  'bine.rerunExecution': { title: 'Run Job Again', icon: 'debug-rerun', palette: false },
  'bine.showExecutionLog': { title: 'Show Log', icon: 'output', palette: false },
  'bine.openExecutedNotebook': { title: 'Open Executed Notebook', icon: 'notebook', palette: false },
  'bine.showJobHistory': { title: 'Show History', icon: 'graph', palette: false },
  'bine.pickAndStop': { title: 'Stop Job…', palette: signedIn },
  'bine.pickAndRerun': { title: 'Run Job Again…', palette: signedIn },
  'bine.pickAndShowLog': { title: 'Show Log of Job…', palette: signedIn },
  'bine.pickAndOpenNotebook': { title: 'Open Executed Notebook…', palette: signedIn },
  'bine.pickAndShowHistory': { title: 'Show History of Job…', palette: signedIn },
  'bine.downloadResults': { title: 'Download Results…', icon: 'cloud-download', palette: signedIn },
  'bine.saveResultsBeside': { title: 'Save Results Beside the Program', icon: 'save', palette: signedIn },
  'bine.runJobNow': { title: 'Run Job Now', icon: 'play', palette: signedIn },
  'bine.runJobWith': { title: 'Run Job with Other Arguments…', palette: signedIn },
  'bine.changeJobEnvironment': { title: 'Change Environment of Job…', palette: signedIn },
  'bine.addSchedule': { title: 'Add Schedule…', palette: signedIn },
  'bine.editSchedule': { title: 'Edit Schedule…', icon: 'edit', palette: signedIn },
  'bine.deleteJob': { title: 'Delete Job…', palette: false },
  'bine.pauseSchedule': { title: 'Pause Schedule', icon: 'debug-pause', palette: false },
  'bine.resumeSchedule': { title: 'Resume Schedule', icon: 'debug-continue', palette: false },
  'bine.deleteSchedule': { title: 'Delete Schedule…', icon: 'trash', palette: false },

  'bine.refreshKernels': { title: 'Refresh Kernels', icon: 'refresh', palette: signedIn },
  'bine.showEndedKernels': { title: 'Show Ended Kernels', palette: signedIn },
  'bine.hideEndedKernels': { title: 'Hide Ended Kernels', palette: signedIn },
  'bine.interruptKernel': { title: 'Interrupt Kernel', icon: 'debug-pause', palette: false },
  'bine.restartKernel': { title: 'Restart Kernel', icon: 'debug-restart', palette: false },
  'bine.shutDownKernel': { title: 'Shut Down Kernel', icon: 'debug-stop', palette: false },
  'bine.openKernelNotebook': { title: 'Open Notebook', icon: 'go-to-file', palette: false },

  'bine.interruptNotebook': { title: 'Interrupt Notebook Kernel', icon: 'debug-pause', palette: inNotebook },
  'bine.restartNotebook': { title: 'Restart Notebook Kernel', short: 'Restart', icon: 'debug-restart', palette: inNotebook },
  'bine.restartNotebookAndRunAll': {
    title: 'Restart Notebook Kernel and Run All',
    short: 'Restart and Run All',
    icon: 'debug-rerun',
    palette: inNotebook,
  },
  'bine.shutDownNotebook': { title: 'Shut Down Notebook Kernel', icon: 'debug-stop', palette: inNotebook },
  'bine.showNotebookKernel': { title: 'Show Notebook Kernel…', palette: inNotebook },
  'bine.selectEnvironment': { title: 'Select Environment of Notebook…', palette: inNotebook },
  'bine.changeKernelLimits': { title: 'Change Memory and Cores…', palette: inNotebook },
  'bine.answerQuestion': { title: 'Answer Question', palette: false },
  'bine.hideMark': { title: 'Hide Mark', palette: false },
} as const satisfies Record<`bine.${string}`, CommandEntry>;

export type CommandId = keyof typeof commands;
