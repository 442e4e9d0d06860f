import type { ErrorFamily } from './error-family.js';

export const serviceErrors = {
  page: 'services',
  title: 'Clusters and GitHub',
  intro: 'A Kubernetes cluster or GitHub does not answer, or refuses the request.',
  errors: {
    CLUSTER_CONFIG_INVALID: {
      means:
        "No usable kubeconfig was found, or it has no context of that name. In a pod without a kubeconfig, the service account's token or certificate authority is not mounted.",
      example: 'Cannot find a kubeconfig: looked for "~/.kube/config"',
      remedy:
        'Name the file in `KUBECONFIG`, and a context that `kubectl config get-contexts` lists. In a pod, mount a service account (`automountServiceAccountToken`).',
    },
    CLUSTER_UNREACHABLE: {
      means:
        'The API server of the cluster does not answer, or reports that it cannot serve the request. `details.reason` has the cause.',
      example:
        'Cannot apply Namespace bundles-registry: no answer from the cluster of the context "kind-test": the connection broke (ECONNRESET)',
      remedy: 'Check that the cluster runs: `kubectl --context NAME version`.',
    },
    CLUSTER_REFUSED: {
      means:
        'The API server refused the request: you are not logged in, a right is missing, or an object is not valid.',
      example:
        'Cannot apply Namespace bundles-registry: the cluster of the context "kind-test" answers 403: namespaces is forbidden',
      remedy: 'Log in as you do for kubectl, or use a context that has the right.',
    },
    CLUSTER_NO_REGISTRY: {
      means:
        'No registry was found that the bundles resolver in the cluster can read. `details.ways` gives the reason for each way that was tried.',
      example:
        'Cannot find a registry that the cluster of the context "kind-test" can read: it names no registry (ConfigMap kube-public/local-registry-hosting); none was put into it by registry deploy; its nodes are not containers on this machine',
      remedy:
        'Run `npx tekton-bundles registry deploy --context NAME`, or declare `fallback: {registry, clusterReference}`.',
    },
    GITHUB_UNREACHABLE: {
      means:
        "GitHub's API did not give a usable answer. `details.reason` is `network`, `server-error` or `not-github`. Completed steps are kept: the next run looks them up before it creates anything.",
      example: 'Cannot read the release v1.0.0: GitHub answered 502, "Bad Gateway"',
      remedy: 'Check the network, the proxy and `GITHUB_API_URL`, and run the command again.',
    },
    GITHUB_DENIED: {
      means:
        'GitHub refused the token. `details.reason` is `unauthorized` (the token is not valid), `forbidden` (it lacks a permission) or `not-found` (the token cannot see the repository; GitHub answers so for private repositories too).',
      example: 'Cannot read the release v1.0.0: GitHub answered 401, "Bad credentials"',
      remedy: 'Give the job the permissions that the command needs, or use another token.',
    },
    GITHUB_REFUSED: {
      means:
        'GitHub refused the request itself. `details.reason` is `invalid` (the content is not acceptable), `conflict` (something else changed at the same time), `foreign-origin` (the answer names a host that does not belong to it) or `status` (any other refusal).',
      example: 'Cannot read the release v1.0.0: GitHub answered 409, "Conflict"',
      remedy: 'The message has the reason. After a conflict, run the command again.',
    },
  },
} as const satisfies ErrorFamily;
