// Publishes the bundles of ../publish to a registry in this process. The second time, there is nothing left to do.
import { ensure } from 'tekton-bundles';
import { startRegistry } from 'tekton-bundles/testing';

const registry = await startRegistry();
try {
  for (const time of ['first', 'second']) {
    const { bundles, summary } = await ensure({
      config: '../publish/bundles.yaml',
      repository: `${registry.host}/examples`,
      push: true,
    });
    for (const { name, outcome, pinned } of bundles) console.log(`${time}: ${name} ${outcome} ${pinned}`);
    console.log(`${time}: ${summary.published} published, ${summary.requests} requests`);
  }
} finally {
  await registry.stop();
}
