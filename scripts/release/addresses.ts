/** The fields of package.json that hold the address of the project. */
export function addressFields(repository: string) {
  return {
    homepage: `https://github.com/${repository}#readme`,
    bugs: { url: `https://github.com/${repository}/issues` },
    repository: { type: 'git', url: `git+https://github.com/${repository}.git` },
  };
}
