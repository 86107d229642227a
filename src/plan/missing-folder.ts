/** The text of the error for a folder of an extension that does not exist. `root` is the application's folder. */
export const missingFolder = (what: string, folder: string, root: string): string =>
  `${what}: there is no folder ${folder}. Folders are relative to the option root of bootstrap, here ${root}: give it as ` +
  'root: import.meta.dirname (in CommonJS __dirname), or make the folder.'
